"""`dlq doctor`: its findings about consumers and jobs, good and bad, and its advice."""

import json

import pytest

from support.doctor import (
    CHECKS,
    CRITICAL,
    HANDLERS,
    doctor,
    healthy,
    make_handler,
    make_worker,
    not_good,
    only_finding,
    run_advice,
    update,
    worst,
)
from support.exit_codes import OK
from support.world import DLQ, ORIGIN


class TestConsumers:
    def test_no_consumer_is_a_warning(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        assert only_finding(healthy, "consumers", "warning")["advice"] == f"consumer {ORIGIN} 'orders.*' -- COMMAND"

    def test_the_way_of_counting_is_shown(self, healthy):
        assert "2 attempts, counted by the server" in worst(doctor(healthy), "consumers")["text"]
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "7"})
        assert "7 attempts, counted by the workers" in worst(doctor(healthy), "consumers")["text"]

    def test_a_consumer_without_a_limit_is_a_warning(self, healthy):
        make_worker(healthy, max_deliver=-1)
        assert only_finding(healthy, "consumers", "warning")["advice"].endswith(" --attempts 5 --update -- COMMAND")

    def test_a_consumer_without_backoff_is_a_warning(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, backoff=None)
        assert only_finding(healthy, "consumers", "warning")["advice"].endswith(" --backoff 5s,1m --update -- COMMAND")

    def test_a_small_max_ack_pending_is_a_warning(self, healthy):
        make_worker(healthy, max_ack_pending=4)
        assert "allows 4 unacknowledged jobs" in only_finding(healthy, "consumers", "warning")["text"]

    def test_the_worst_of_several_consumers_is_shown_first(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        make_worker(healthy, durable_name="other", filter_subject="orders.old", max_deliver=-1)
        row = worst(doctor(healthy), "consumers")
        assert "other" in row["text"] and row["health"] == "warning"


class TestFilters:
    def test_subjects_that_no_filter_covers_are_a_warning(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        assert "orders.*" in only_finding(healthy, "filters", "warning")["text"]

    def test_jobs_that_no_filter_covers_are_critical(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        healthy.js.publish_all([("orders.odd", "x")] * 3)
        row = only_finding(healthy, "filters", "critical")
        assert row["text"].startswith("3 jobs") and "orders.odd" in row["text"]

    def test_two_filters_may_cover_the_subjects_together(self, healthy):
        update(healthy, ORIGIN, subjects=["orders.*", "returns.*"])
        assert worst(doctor(healthy), "filters")["health"] == "warning"
        make_worker(healthy, durable_name="returns", filter_subject="returns.*")
        assert not_good(doctor(healthy)) == set()


class TestHandlers:
    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_missing_durable_of_dlq_is_a_warning(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        assert only_finding(healthy, "handlers", "warning")["advice"] == f"dlq {DLQ} {ORIGIN}"

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_delivery_limit_on_a_durable_of_dlq_is_critical(self, healthy, name):
        make_handler(healthy, name, max_deliver=2)
        assert "--max-deliver=-1" in only_finding(healthy, "handlers", "critical")["advice"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_durable_of_dlq_with_another_filter_is_a_warning(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=f"natsq.held.{ORIGIN}.>")
        rows = doctor(healthy)
        assert worst(rows, "handlers")["health"] == "warning" and "natsq.held." in worst(rows, "handlers")["text"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_name_that_another_origin_uses_is_explained(self, healthy, name):
        """Our durable then has another name, and does not exist yet."""
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=HANDLERS[name].replace(ORIGIN, "another_stream"))
        rows = doctor(healthy)
        row = worst(rows, "handlers")
        assert row["health"] == "warning" and f"{name}_{ORIGIN} does not exist" in row["text"]

    def test_a_foreign_consumer_of_letters_is_critical(self, healthy):
        healthy.js.delete_consumer(DLQ, "letter_handler")
        healthy.js.create_consumer(DLQ, durable_name="mine", filter_subject=f"natsq.dead.{ORIGIN}.*.*.*")
        rows = doctor(healthy)
        assert not_good(rows) == {("handlers", "warning"), ("handlers", "critical")}
        assert worst(rows, "handlers")["advice"] == f"nats consumer rm {DLQ} mine -f"


class TestStalled:
    def test_pending_jobs_without_a_worker_are_critical(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        assert only_finding(healthy, "stalled", "critical")["advice"] == "start its workers"

    def test_workers_that_hold_jobs_and_pull_no_more_are_a_warning(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 2)
        healthy.js.pull(ORIGIN, "processor", 1)
        assert "1 pending job, 1 in flight" in only_finding(healthy, "stalled", "warning")["text"]

    def test_a_working_worker_is_good(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        consumer = healthy.consumer("--fail-rate", "1", "--backoff", "1m", "--update")
        consumer.wait_for("error processing")
        assert worst(doctor(healthy), "stalled")["health"] == "good"
        assert consumer.stop() == OK

    def test_a_full_max_ack_pending_is_found(self, healthy):
        make_worker(healthy, max_ack_pending=100)
        healthy.js.publish_all([("orders.new", "x")] * 101)
        healthy.js.pull(ORIGIN, "processor", 100)
        rows = [row for row in doctor(healthy) if row["check"] == "stalled"]
        assert any("its limit of 100 unacknowledged jobs" in row["text"] for row in rows)

    def test_a_paused_consumer_is_found_and_the_advice_resumes_it(self, healthy):
        healthy.js.api(f"CONSUMER.PAUSE.{ORIGIN}.processor", {"pause_until": "2099-01-01T00:00:00Z"})
        row = only_finding(healthy, "consumers", "warning")
        assert "paused" in row["text"] and "2099-01-01T00:00:00Z" in row["text"]
        run_advice(healthy, row["advice"])
        assert not_good(doctor(healthy)) == set()


class TestUnnoticed:
    def test_dead_jobs_without_a_letter_are_found_and_sweep_mends_it(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 3)
        healthy.kill_jobs()
        healthy.js.purge(DLQ)
        row = only_finding(healthy, "unnoticed", "warning")
        assert row["text"] == "3 dead jobs have no letter" and row["advice"].startswith(f"dlq {DLQ} {ORIGIN} sweep")
        assert healthy.run("dlq", DLQ, ORIGIN, "sweep", "--sweep-wait", "100ms").code == OK
        assert worst(doctor(healthy), "unnoticed")["health"] == "good"

    def test_a_letter_by_reference_is_a_letter(self, healthy):
        healthy.js.publish("orders.new", "x" * (2**20 - 100))
        healthy.kill_jobs()
        dlq = healthy.dlq("--retries", "0")
        healthy.eventually(healthy.held, "it is held")
        assert dlq.stop() == OK
        assert not_good(doctor(healthy)) == {("held", "warning")}

    def test_jobs_that_will_not_be_delivered_are_found(self, healthy):
        make_worker(healthy, filter_subject="orders.new", max_deliver=-1, metadata={"natsq.attempts": "5"})
        healthy.js.publish_all((f"orders.{kind}", kind) for kind in ("old", "new"))
        assert healthy.start("consumer", ORIGIN, "orders.new", "--until-empty").wait() == OK
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "5"})
        assert "1 job will not be delivered again" in only_finding(healthy, "unnoticed", "warning")["text"]


class TestWaiting:
    def test_waiting_letters_without_a_run_are_a_warning(self, healthy):
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        row = only_finding(healthy, "waiting", "warning")
        assert row["text"].startswith("3 ") and row["advice"] == f"dlq {DLQ} {ORIGIN}"

    def test_waiting_letters_with_a_run_are_good(self, healthy):
        dlq = healthy.dlq()
        healthy.eventually(lambda: healthy.js.consumer(DLQ, "letter_handler")["num_waiting"], "it runs")
        assert worst(doctor(healthy), "waiting")["health"] == "good"
        assert dlq.stop() == OK


def test_held_letters_are_counted(healthy):
    healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(1, 301))
    row = only_finding(healthy, "held", "warning")
    assert row["text"].startswith("300 letters")


class TestStopped:
    """Stopped by the timeout of a monitoring system: checks that were not made are not reported as good."""

    @staticmethod
    def stop_doctor(world, *options):
        program = world.start("dlq", DLQ, ORIGIN, "doctor", *options)
        world.eventually(lambda: f"dlq_{ORIGIN}" in world.connection_names(), "it is connected")
        assert program.stop() == CRITICAL, program.text
        return program.out

    def test_json_lists_the_checks_that_were_not_made(self, healthy):
        healthy.js.publish("orders.new", "order-0")  # doctor watches for two seconds whether a worker pulls it
        rows = [json.loads(line) for line in self.stop_doctor(healthy, "--json")]
        unchecked = {row["check"] for row in rows if row["text"] == "not checked: doctor was stopped"}
        assert {"stalled", "unnoticed", "waiting", "held"} <= unchecked
        assert all(row["health"] == "critical" for row in rows if row["check"] in unchecked)
        assert {row["check"] for row in rows} == CHECKS

    def test_text_says_that_checks_were_not_made(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        out = self.stop_doctor(healthy)
        assert out[0].startswith("critical") and "not checked: doctor was stopped" in out[0]

    def test_a_stop_before_the_connection_is_critical(self, world):
        program = world.start("dlq", DLQ, ORIGIN, "doctor", "--wait", "--server", "nats://127.0.0.1:1", server=False)
        program.wait_for("waiting|connect")
        assert program.stop() == CRITICAL
        assert "stopped before" in program.out[0]


@pytest.mark.parametrize("origin", ['quo"ted', 'tail"'])
def test_held_letters_of_an_origin_with_a_quote_in_its_name_are_counted(world, origin):
    held = f"natsq.held.{origin}.>"
    world.js.create_stream({**world.js.stream(ORIGIN)["config"], "name": origin, "subjects": ["quoted.*"]})
    update(world, DLQ, subjects=[*world.js.stream(DLQ)["config"]["subjects"], held, f"natsq.dead.{origin}.>"])
    try:
        world.js.publish_all((f"natsq.held.{origin}.processor.{seq}.1", "x") for seq in (1, 2))
        done = world.run("dlq", DLQ, origin, "doctor", "--json")
        rows = [json.loads(line) for line in done.out]
        assert worst(rows, "held")["text"].startswith("2 letters are held")
    finally:
        world.js.delete_stream(origin)
