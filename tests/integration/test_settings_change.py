"""Settings that change while the programs run: a setting that would lose jobs ends them with the reason; no job is lost."""

import pytest

from support.doctor import HANDLERS, update
from support.exit_codes import CONFIG, OK
from support.handler_command import Gate, NOTE, PATIENT, Record, publish, sh, start_waiting, work
from support.world import DLQ, ORIGIN, PROCESSOR

with_and_without_bind = pytest.mark.parametrize("bind", [[], ["--bind"]], ids=["", "bind"])


def change(world, stream, name, **changes):
    world.js.create_consumer(stream, **{**world.js.consumer(stream, name)["config"], **changes})


def assert_ends_refused(program, who, setting):
    assert program.wait() == CONFIG, program.text
    assert program.lines[-1].partition(" ERROR: ")[2].startswith(f"{who} has {setting}: "), program.text


@with_and_without_bind
@pytest.mark.parametrize("how", [["--max-deliver", "9"], ["--attempts", "9"]], ids=["max-deliver", "attempts"])
def test_headers_only_ends_a_worker_and_loses_no_job(world, bind, how):
    """A job without its body is neither run nor dead-lettered, with either way of counting."""
    done = Record(world)
    assert work(world, sh("true"), *how, "--backoff", "1s", "--until-empty").wait() == OK
    worker = work(world, sh(NOTE, done), *bind)
    publish(world, 1, "before")
    world.eventually(lambda: done.lines == ["before-0"], "it works")
    change(world, ORIGIN, "processor", headers_only=True)
    publish(world, 5, "after")
    assert_ends_refused(worker, f"consumer processor of {ORIGIN}", "headers_only")
    assert done.lines == ["before-0"]
    assert [job.body for job in world.js.messages(ORIGIN)] == [f"after-{i}\n" for i in range(5)]
    assert world.js.count(DLQ) == 0


def test_headers_only_lets_a_running_handler_finish(world):
    publish(world, 1)
    gate = Gate(world)
    worker = start_waiting(world, gate, *PATIENT)
    change(world, ORIGIN, "processor", headers_only=True)
    publish(world, 1, "after")
    gate.open()
    assert_ends_refused(worker, f"consumer processor of {ORIGIN}", "headers_only")
    assert [job.body for job in world.js.messages(ORIGIN)] == ["after-0\n"]


def test_a_job_with_the_header_of_headers_only_does_not_end_a_worker(world):
    world.js.publish("orders.new", "", Nats_Msg_Size="5")
    done = Record(world)
    worker = work(world, sh(NOTE, done), "--until-empty", "--attempts", "9")
    worker.wait_for("# 1 arrived without its body and is returned to the queue$")
    publish(world, 3)
    world.eventually(lambda: len(done.lines) == 3, "the other jobs are done")
    assert worker.stop() == OK and world.js.count(ORIGIN) == 1


@with_and_without_bind
def test_a_priority_group_ends_a_worker(world, bind):
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
    worker = work(world, sh("true"), *bind)
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"], "it asks")
    change(world, ORIGIN, "processor", priority_groups=["a"], priority_policy="overflow")
    publish(world, 1)
    assert_ends_refused(worker, f"consumer processor of {ORIGIN}", "priority_groups")


def test_a_durable_that_is_recreated_as_a_push_consumer_ends_a_worker(world):
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
    worker = work(world, sh("true"), "--bind")
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"], "it asks")
    world.js.delete_consumer(ORIGIN, "processor")
    world.js.create_consumer(ORIGIN, **PROCESSOR, deliver_subject="pushed.to")
    assert_ends_refused(worker, f"consumer processor of {ORIGIN}", "deliver_subject")


@pytest.mark.parametrize("setting, changes", [("no_ack", {"no_ack": True}), ("sealed", {"sealed": True})], ids=["no_ack", "sealed"])
def test_an_origin_that_becomes_unusable_ends_both_programs(world, setting, changes):
    worker, runs = work(world, sh("true")), world.dlq()
    world.eventually(lambda: world.js.consumers(ORIGIN) and len(world.js.consumers(DLQ)) == 2, "they run")
    update(world, ORIGIN, **changes)
    for program in worker, runs:
        assert_ends_refused(program, f"stream {ORIGIN}", setting)


def test_a_dlq_stream_that_becomes_unusable_ends_dlq(world):
    runs = world.dlq()
    world.eventually(lambda: set(world.js.consumers(DLQ)) == set(HANDLERS), "it runs")
    update(world, DLQ, deny_purge=True)
    assert_ends_refused(runs, f"stream {DLQ}", "deny_purge")


@pytest.mark.parametrize("name", HANDLERS)
def test_headers_only_ends_dlq_and_loses_no_letter(world, name):
    """A letter without its body is not put back."""
    runs = world.dlq()
    world.eventually(lambda: set(world.js.consumers(DLQ)) == set(HANDLERS), "it runs")
    change(world, DLQ, name, headers_only=True)
    publish(world, 2)
    work(world, sh("exit 65"), "--count", "2").wait()
    if name == "letter_handler":
        letters = [letter.body for letter in world.js.messages(DLQ)]
    assert_ends_refused(runs, f"consumer {name} of {DLQ}", "headers_only")
    if name == "letter_handler":
        assert sorted(letters) == sorted(letter.body for letter in world.js.messages(DLQ)) == ["order-0\n", "order-1\n"]


def test_a_setting_that_becomes_questionable_is_warned_of_once(world):
    worker = work(world, sh("true"))
    world.eventually(lambda: world.js.consumers(ORIGIN), "it runs")
    update(world, ORIGIN, max_age=3_600_000_000_000)
    worker.wait_for(f"stream {ORIGIN} has max_age: messages older than 1h vanish")
    assert worker.stop() == OK and len(worker.events) == 1


def test_the_programs_adapt_to_limits_that_change(world):
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
    worker, runs = world.consumer(), world.dlq()
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"], "it asks")
    world.eventually(lambda: len(world.js.consumers(DLQ)) == 2, "it runs")
    change(world, ORIGIN, "processor", max_batch=1)
    for name in HANDLERS:
        change(world, DLQ, name, max_batch=1, max_expires=1_000_000_000)
    worker.wait_for("natsq requests at most 1 messages at a time")
    runs.wait_for("natsq requests at most 1 messages at a time", times=2)
    publish(world, 20)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all is done")
    assert worker.stop() == OK
    world.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{seq}.1", "x", LETTER) for seq in (901, 902, 903))
    world.eventually(lambda: len(world.held()) == 3, "the letters are decided")
    assert runs.stop() == OK


# A letter that is held at once.
LETTER = {
    "Natsq-Origin-Stream": ORIGIN,
    "Natsq-Origin-Subject": "orders.new",
    "Natsq-Consumer": "processor",
    "Natsq-Reason": "hopeless",
}
