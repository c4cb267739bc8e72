"""`dlq doctor`: its findings about consumers and jobs, good and bad, and its advice."""

import json
import re

import pytest

from support.doctor import (
    CHECKS,
    CRITICAL,
    HANDLERS,
    carry_out,
    doctor,
    healthy,
    make_handler,
    make_worker,
    not_good,
    only_finding,
    paste,
    update,
    worst,
)
from support.exit_codes import OK
from support.handler_command import work
from support.jetstream import SECOND
from support.world import ADVISORIES, DLQ, ORIGIN, advisory


def mends(world, row, check, condition=None, *options, health="good", **replaced):
    """Pastes the command of the row; then, or once the condition is met while it runs, the finding is gone."""
    pasted = paste(world, row, **({"COMMAND": "true"} if row["command"].endswith("COMMAND") else {}), **replaced)
    if condition:
        world.eventually(condition, "the advice works")
    else:
        assert pasted.wait() == OK, pasted.text
    rows = doctor(world, *options)
    found = worst(rows, check)
    assert found["health"] == health and row["text"] not in [other["text"] for other in rows], rows
    if condition:
        assert pasted.stop() == OK, pasted.text


def only_finding_or_none(world, check):
    """The row of a check that finds nothing wrong, as all others."""
    rows = doctor(world)
    assert not_good(rows) == set(), rows
    return worst(rows, check)


class TestConsumers:
    @pytest.mark.parametrize("jobs, health", [(0, "warning"), (3, "critical")])
    def test_no_consumer_is_a_warning_and_critical_for_jobs(self, healthy, jobs, health):
        healthy.js.delete_consumer(ORIGIN, "processor")
        healthy.js.publish_all([("orders.new", "x")] * jobs)
        row = only_finding(healthy, "consumers", health)
        assert f"consumer {ORIGIN} 'orders.*' " in row["command"]
        mends(healthy, row, "consumers", lambda: healthy.js.consumers(ORIGIN))

    def test_the_way_of_counting_is_shown(self, healthy):
        assert "2 attempts, counted by the server" in worst(doctor(healthy), "consumers")["text"]
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "7"})
        assert "7 attempts, counted by the workers" in worst(doctor(healthy), "consumers")["text"]

    def test_a_consumer_without_a_limit_is_a_warning(self, healthy):
        make_worker(healthy, max_deliver=-1)
        row = only_finding(healthy, "consumers", "warning")
        assert row["command"].endswith(" -- COMMAND")
        mends(healthy, row, "consumers", lambda: healthy.js.consumer(ORIGIN, "processor")["num_waiting"])
        assert "5 attempts, counted by the server" in worst(doctor(healthy), "consumers")["text"]

    def test_a_consumer_without_backoff_is_a_warning(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, backoff=None)
        row = only_finding(healthy, "consumers", "warning")
        assert row["command"].endswith(" -- COMMAND")
        mends(healthy, row, "consumers", lambda: healthy.js.consumer(ORIGIN, "processor")["num_waiting"])

    def test_a_small_max_ack_pending_is_a_warning(self, healthy):
        make_worker(healthy, max_ack_pending=4)
        row = only_finding(healthy, "consumers", "warning")
        assert "allows 4 unacknowledged jobs" in row["text"]
        mends(healthy, row, "consumers")

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
        mends(healthy, row, "filters", lambda: not healthy.js.messages(ORIGIN), NAME="odd", health="warning")

    def test_two_filters_may_cover_the_subjects_together(self, healthy):
        update(healthy, ORIGIN, subjects=["orders.*", "returns.*"])
        assert worst(doctor(healthy), "filters")["health"] == "warning"
        make_worker(healthy, durable_name="returns", filter_subject="returns.*")
        assert not_good(doctor(healthy)) == set()


class TestHandlers:
    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_missing_durable_of_dlq_is_a_warning(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        mends(healthy, only_finding(healthy, "handlers", "warning"), "handlers", lambda: len(healthy.js.consumers(DLQ)) == 2)

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_delivery_limit_on_a_durable_of_dlq_is_critical(self, healthy, name):
        make_handler(healthy, name, max_deliver=2)
        mends(healthy, only_finding(healthy, "handlers", "critical"), "handlers")

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_durable_of_dlq_with_another_filter_is_a_warning(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=f"natsq.held.{ORIGIN}.>")
        rows = doctor(healthy)
        row = worst(rows, "handlers")
        assert row["health"] == "warning" and "natsq.held." in row["text"]
        mends(healthy, row, "handlers", lambda: name in healthy.js.consumers(DLQ) and healthy.js.consumer(DLQ, name)["config"]["filter_subject"] == HANDLERS[name])

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
        mends(healthy, worst(rows, "handlers"), "handlers", health="warning")


class TestStalled:
    def test_pending_jobs_without_a_worker_are_critical(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        row = only_finding(healthy, "stalled", "critical")
        assert row["advice"].startswith("start its workers, or ")
        mends(healthy, row, "stalled", lambda: not healthy.js.messages(ORIGIN))

    @pytest.mark.parametrize("options, health", [([], "good"), (["--warn", "quiet=1s"], "warning"), (["--critical", "quiet=1s"], "critical")])
    def test_workers_that_hold_jobs_and_pull_no_more_are_found_after_a_while(self, healthy, options, health):
        healthy.js.publish_all([("orders.new", "x")] * 2)
        healthy.js.pull(ORIGIN, "processor", 1)
        row = worst(doctor(healthy, *options), "stalled")
        assert row["health"] == health and "1 pending job, 1 in flight" in row["text"]
        if health != "good":
            mends(healthy, row, "stalled", lambda: not healthy.js.consumer(ORIGIN, "processor")["num_pending"], *options)

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
        [row] = [row for row in rows if "its limit of 100 unacknowledged jobs" in row["text"]]
        carry_out(healthy, row)
        assert not any("its limit of" in row["text"] for row in doctor(healthy))

    @pytest.mark.parametrize("pending, health", [(0, "warning"), (1, "critical")])
    def test_a_paused_consumer_is_found_and_the_advice_resumes_it(self, healthy, pending, health):
        healthy.js.api(f"CONSUMER.PAUSE.{ORIGIN}.processor", {"pause_until": "2099-01-01T00:00:00Z"})
        healthy.js.publish_all([("orders.new", "x")] * pending)
        row = only_finding(healthy, "consumers", health)
        assert "paused" in row["text"] and "2099-01-01T00:00:00Z" in row["text"]
        carry_out(healthy, row)
        assert worst(doctor(healthy), "consumers")["health"] == "good"

    def test_an_open_breaker_is_named_and_the_advice_does_not_empty_the_queue(self, healthy):
        """It cannot be seen from outside, so the worker that doctor advises has a breaker, too."""
        make_worker(healthy, max_deliver=2, backoff=[60 * SECOND])
        healthy.js.publish_all([("orders.new", "x")] * 300)
        worker = work(healthy, ["false"], "--breaker", "2", "-j", "1")
        worker.wait_for("taking no more jobs")
        rows = []

        def no_probe_moves():
            rows.append(worst(doctor(healthy, "--warn", "quiet=1s"), "stalled"))
            return rows[-1]["health"] != "good"

        healthy.eventually(no_probe_moves, "the pause between probes is long enough")
        row = rows[-1]
        assert "breaker" in row["text"] and "--breaker" in row["command"]
        pasted = paste(healthy, row, COMMAND="false")
        pasted.wait_for("taking no more jobs")
        assert (worker.stop(), pasted.stop()) == (OK, OK)
        assert healthy.js.consumer(ORIGIN, "processor")["delivered"]["consumer_seq"] < 60

    def test_a_worker_with_a_rate_is_good_and_its_pace_is_shown(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 500)
        consumer = healthy.consumer("--rate", "5")
        consumer.wait_for("received")
        row = only_finding_or_none(healthy, "stalled")
        pace, left = re.search(r"(\d+\.\d) jobs/s, (\S+) left at this pace$", row["text"]).groups()
        assert 1 < float(pace) < 25 and left.endswith(("m", "s"))
        assert consumer.stop() == OK

    def test_a_worker_with_a_low_rate_is_good(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 5)
        consumer = healthy.consumer("--rate", "0.15")
        consumer.wait_for("received")
        assert "processed slowly (a worker was last seen " in only_finding_or_none(healthy, "stalled")["text"]
        assert consumer.stop() == OK

    def test_many_stalled_consumers_are_watched_at_once(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        for i in range(8):
            make_worker(healthy, durable_name=f"worker_{i}", filter_subject=f"orders.{i}")
            healthy.js.publish(f"orders.{i}", "x")
        done = healthy.run("dlq", DLQ, ORIGIN, "doctor")
        assert sum("and no worker requests jobs (never seen)" in line for line in done.out) == 8
        assert done.seconds < 8


class TestBacklog:
    def test_the_age_of_the_oldest_job_is_shown(self, healthy):
        assert worst(doctor(healthy), "backlog")["text"] == "0 jobs pending, 0 in flight"
        healthy.js.publish_all([("orders.new", "x")] * 3)
        assert re.fullmatch(r"3 jobs pending, 0 in flight, the oldest is \ds old", worst(doctor(healthy), "backlog")["text"])

    @pytest.mark.parametrize(
        "options, health",
        [
            (["--warn", "pending=4,age=1h"], "good"),
            (["--warn", "pending=3"], "warning"),
            (["--warn", "age=0s"], "warning"),
            (["--critical", "age=0s"], "critical"),
            (["--warn", "pending=2", "--critical", "pending=3"], "critical"),
        ],
        ids=" ".join,
    )
    def test_its_thresholds(self, healthy, options, health):
        healthy.js.publish_all([("orders.new", "x")] * 3)
        assert worst(doctor(healthy, *options), "backlog")["health"] == health


class TestUnnoticed:
    def test_dead_jobs_without_a_letter_are_found_and_sweep_mends_it(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 3)
        healthy.kill_jobs()
        healthy.js.purge(DLQ)
        row = only_finding(healthy, "unnoticed", "warning")
        assert row["text"] == "3 dead jobs have no letter"
        mends(healthy, row, "unnoticed")

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
        row = only_finding(healthy, "unnoticed", "warning")
        assert "1 job will not be delivered again" in row["text"]
        mends(healthy, row, "unnoticed")
        mends(healthy, worst(doctor(healthy), "consumers"), "consumers", lambda: not healthy.js.messages(ORIGIN))


class TestWaiting:
    def test_waiting_letters_without_a_run_are_a_warning(self, healthy):
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        row = only_finding(healthy, "waiting", "warning")
        assert row["text"].startswith("3 letters wait for a decision, 0 dead jobs are announced, the oldest died ")
        mends(healthy, row, "waiting", healthy.settled)

    @pytest.mark.parametrize("options, health", [(["--warn", "waiting=3"], "warning"), (["--critical", "waiting=3"], "critical")])
    def test_its_thresholds(self, healthy, options, health):
        healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        assert worst(doctor(healthy, *options), "waiting")["health"] == "good"
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        assert worst(doctor(healthy, *options), "waiting")["health"] == health

    def test_the_numbers_are_those_of_stats(self, healthy):
        """Two jobs that advisories name, one of them twice; a stale advisory; letters."""
        healthy.js.publish_all([("orders.new", "x")] * 2)
        healthy.kill_jobs()
        healthy.js.publish_all([(f"{ADVISORIES}.processor", advisory(1)), (f"{ADVISORIES}.processor", advisory(77))])
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(10, 13))
        healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(20, 25))
        [stats] = map(json.loads, healthy.run("dlq", DLQ, ORIGIN, "stats", "--json").out)
        rows = doctor(healthy)
        assert (stats["announced"], stats["waiting"], stats["held"]) == (2, 3, 5)
        assert worst(rows, "waiting")["text"].startswith("3 letters wait for a decision, 2 dead jobs are announced")
        assert worst(rows, "held")["text"].startswith("5 letters are held")
        assert worst(rows, "unnoticed")["health"] == "good"

    def test_an_advisory_about_a_job_that_is_gone_is_good(self, healthy):
        """No run is missing: it would have nothing to do but remove the advisory."""
        dlq = healthy.dlq()
        healthy.wait_for_dlq()
        assert dlq.stop() == OK
        healthy.js.publish(f"{ADVISORIES}.processor", advisory(77))
        assert worst(doctor(healthy), "waiting")["health"] == "good"

    def test_waiting_letters_with_a_run_are_good(self, healthy):
        dlq = healthy.dlq()
        healthy.eventually(lambda: healthy.js.consumer(DLQ, "letter_handler")["num_waiting"], "it runs")
        assert worst(doctor(healthy), "waiting")["health"] == "good"
        assert dlq.stop() == OK


def test_held_letters_are_counted(healthy):
    healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(1, 301))
    row = only_finding(healthy, "held", "warning")
    assert row["text"].startswith("300 letters")
    assert sum(line.startswith("_") for line in carry_out(healthy, row).out) == 300
    assert worst(doctor(healthy, "--warn", "held=301"), "held")["health"] == "good"
    assert worst(doctor(healthy, "--critical", "held=300"), "held")["health"] == "critical"


@pytest.mark.parametrize("options, words", [(["--warn", "hold=1"], "held=N, waiting=N"), (["--warn", "age=1h", "--critical", "age=1m"], "below")])
def test_a_bad_threshold_is_a_usage_error(healthy, options, words):
    done = healthy.run("dlq", DLQ, ORIGIN, "doctor", *options)
    assert done.code == 64 and words in done.text and done.out == []


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
