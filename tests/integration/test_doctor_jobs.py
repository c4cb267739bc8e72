"""What `dlq doctor` finds about consumers and jobs, seen good and bad, with what it advises."""

import json

import pytest

from support.doctor import (
    CHECKS,
    CRITICAL,
    HANDLERS,
    bad,
    doctor,
    found,
    healthy,
    make_handler,
    make_worker,
    run_advice,
    the,
    update,
)
from support.exit_codes import OK
from support.world import DLQ, ORIGIN


class TestConsumers:
    def test_none(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        assert found(healthy, "consumers", "warning")["advice"] == f"consumer {ORIGIN} 'orders.*' -- COMMAND"

    def test_both_ways_of_counting(self, healthy):
        assert "2 attempts, counted by the server" in the(doctor(healthy), "consumers")["text"]
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "7"})
        assert "7 attempts, counted by the workers" in the(doctor(healthy), "consumers")["text"]

    def test_no_limit(self, healthy):
        make_worker(healthy, max_deliver=-1)
        assert found(healthy, "consumers", "warning")["advice"].endswith(" --attempts 5 -- COMMAND")

    def test_no_backoff(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, backoff=None)
        assert found(healthy, "consumers", "warning")["advice"].endswith(" --backoff 5s,1m -- COMMAND")

    def test_few_places(self, healthy):
        make_worker(healthy, max_ack_pending=4)
        assert "allows 4 unacknowledged jobs" in found(healthy, "consumers", "warning")["text"]

    def test_several(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        make_worker(healthy, durable_name="other", filter_subject="orders.old", max_deliver=-1)
        row = the(doctor(healthy), "consumers")
        assert "other" in row["text"] and row["health"] == "warning"


class TestFilters:
    def test_they_leave_some_out(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        assert "orders.*" in found(healthy, "filters", "warning")["text"]

    def test_jobs_that_nobody_gets(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        healthy.js.publish_all([("orders.odd", "x")] * 3)
        row = found(healthy, "filters", "critical")
        assert row["text"].startswith("3 jobs") and "orders.odd" in row["text"]

    def test_two_together_leave_nothing_out(self, healthy):
        update(healthy, ORIGIN, subjects=["orders.*", "returns.*"])
        assert the(doctor(healthy), "filters")["health"] == "warning"
        make_worker(healthy, durable_name="returns", filter_subject="returns.*")
        assert bad(doctor(healthy)) == set()


class TestHandlers:
    @pytest.mark.parametrize("name", HANDLERS)
    def test_not_there(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        assert found(healthy, "handlers", "warning")["advice"] == f"dlq {DLQ} {ORIGIN}"

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_limit(self, healthy, name):
        make_handler(healthy, name, max_deliver=2)
        assert "--max-deliver=-1" in found(healthy, "handlers", "critical")["advice"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_of_another_origin(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=f"natsq.held.{ORIGIN}.>")
        rows = doctor(healthy)
        assert the(rows, "handlers")["health"] == "warning" and "natsq.held." in the(rows, "handlers")["text"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_another_origin_has_the_name(self, healthy, name):
        """Ours is called otherwise then, and nobody made it yet."""
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=HANDLERS[name].replace(ORIGIN, "another_stream"))
        rows = doctor(healthy)
        assert the(rows, "handlers")["health"] == "warning" and f"{name}_{ORIGIN} is not there" in the(rows, "handlers")["text"]

    def test_a_stranger_takes_letters(self, healthy):
        healthy.js.delete_consumer(DLQ, "letter_handler")
        healthy.js.create_consumer(DLQ, durable_name="mine", filter_subject=f"natsq.dead.{ORIGIN}.*.*.*")
        rows = doctor(healthy)
        assert bad(rows) == {("handlers", "warning"), ("handlers", "critical")}
        assert the(rows, "handlers")["advice"] == f"nats consumer rm {DLQ} mine -f"


class TestStalled:
    def test_nobody_works(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        assert found(healthy, "stalled", "critical")["advice"] == "start its workers"

    def test_those_who_took_jobs_ask_for_no_more(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 2)
        healthy.js.pull(ORIGIN, "processor", 1)
        assert "1 pending job, 1 in flight" in found(healthy, "stalled", "warning")["text"]

    def test_somebody_works(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        consumer = healthy.consumer("--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing")
        assert the(doctor(healthy), "stalled")["health"] == "good"
        assert consumer.stop() == OK

    def test_all_places_are_taken(self, healthy):
        make_worker(healthy, max_ack_pending=100)
        healthy.js.publish_all([("orders.new", "x")] * 101)
        healthy.js.pull(ORIGIN, "processor", 100)
        rows = [row for row in doctor(healthy) if row["check"] == "stalled"]
        assert any("its limit of 100 unacknowledged jobs" in row["text"] for row in rows)

    def test_paused(self, healthy):
        healthy.js.api(f"CONSUMER.PAUSE.{ORIGIN}.processor", {"pause_until": "2099-01-01T00:00:00Z"})
        row = found(healthy, "consumers", "warning")
        assert "paused" in row["text"] and "2099-01-01T00:00:00Z" in row["text"]
        run_advice(healthy, row["advice"])
        assert bad(doctor(healthy)) == set()


class TestUnnoticed:
    def test_dead_jobs_without_a_letter(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 3)
        healthy.kill_jobs()
        healthy.js.purge(DLQ)
        row = found(healthy, "unnoticed", "warning")
        assert row["text"] == "3 dead jobs have no letter" and row["advice"].startswith(f"dlq {DLQ} {ORIGIN} sweep")
        assert healthy.run("dlq", DLQ, ORIGIN, "sweep", "--sweep-wait", "100ms").code == OK
        assert the(doctor(healthy), "unnoticed")["health"] == "good"

    def test_a_letter_by_reference_is_a_letter(self, healthy):
        healthy.js.publish("orders.new", "x" * (2**20 - 100))
        healthy.kill_jobs()
        dlq = healthy.dlq("--retries", "0")
        healthy.eventually(healthy.held, "it is held")
        assert dlq.stop() == OK
        assert bad(doctor(healthy)) == {("held", "warning")}

    def test_skipped_jobs(self, healthy):
        make_worker(healthy, filter_subject="orders.new", max_deliver=-1, metadata={"natsq.attempts": "5"})
        healthy.js.publish_all((f"orders.{kind}", kind) for kind in ("old", "new"))
        assert healthy.start("consumer", ORIGIN, "orders.new", "--until-empty").wait() == OK
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "5"})
        assert "1 job will not be delivered again" in found(healthy, "unnoticed", "warning")["text"]


class TestWaiting:
    def test_letters_and_nobody_runs(self, healthy):
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        row = found(healthy, "waiting", "warning")
        assert row["text"].startswith("3 ") and row["advice"] == f"dlq {DLQ} {ORIGIN}"

    def test_somebody_runs(self, healthy):
        dlq = healthy.dlq()
        healthy.eventually(lambda: healthy.js.consumer(DLQ, "letter_handler")["num_waiting"], "it runs")
        assert the(doctor(healthy), "waiting")["health"] == "good"
        assert dlq.stop() == OK


def test_held_letters(healthy):
    healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(1, 301))
    row = found(healthy, "held", "warning")
    assert row["text"].startswith("300 letters")


class TestStopped:
    """By a monitoring system's timeout: what was not looked at is not called good."""

    @staticmethod
    def stop_it(world, *options):
        program = world.start("dlq", DLQ, ORIGIN, "doctor", *options)
        world.eventually(lambda: f"dlq_{ORIGIN}" in world.connection_names(), "it is connected")
        assert program.stop() == CRITICAL, program.text
        return program.out

    def test_as_json(self, healthy):
        healthy.js.publish("orders.new", "order-0")  # it looks for two seconds whether anybody asks for it
        rows = [json.loads(line) for line in self.stop_it(healthy, "--json")]
        unchecked = {row["check"] for row in rows if row["text"] == "not checked: doctor was stopped"}
        assert {"stalled", "unnoticed", "waiting", "held"} <= unchecked
        assert all(row["health"] == "critical" for row in rows if row["check"] in unchecked)
        assert {row["check"] for row in rows} == CHECKS

    def test_as_text(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        out = self.stop_it(healthy)
        assert out[0].startswith("critical") and "not checked: doctor was stopped" in out[0]

    def test_before_there_was_a_connection(self, world):
        program = world.start("dlq", DLQ, ORIGIN, "doctor", "--wait", "--server", "nats://127.0.0.1:1", server=False)
        program.wait_for("waiting|connect")
        assert program.stop() == CRITICAL
        assert "stopped before" in program.out[0]


@pytest.mark.parametrize("origin", ['quo"ted', 'tail"'])
def test_held_letters_of_an_origin_with_a_quote_in_its_name(world, origin):
    held = f"natsq.held.{origin}.>"
    world.js.create_stream({**world.js.stream(ORIGIN)["config"], "name": origin, "subjects": ["quoted.*"]})
    update(world, DLQ, subjects=[*world.js.stream(DLQ)["config"]["subjects"], held, f"natsq.dead.{origin}.>"])
    try:
        world.js.publish_all((f"natsq.held.{origin}.processor.{seq}.1", "x") for seq in (1, 2))
        done = world.run("dlq", DLQ, origin, "doctor", "--json")
        rows = [json.loads(line) for line in done.out]
        assert the(rows, "held")["text"].startswith("2 letters are held")
    finally:
        world.js.delete_stream(origin)
