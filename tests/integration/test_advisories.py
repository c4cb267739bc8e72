"""Advisories that are stale, repeated or unreadable: each is settled, and the real ones behind them are handled."""

import json

import pytest

from support.exit_codes import OK
from support.world import ADVISORIES, DLQ, ORIGIN, advisory

SUBJECT = f"{ADVISORIES}.processor"
PAST = "2020-01-01T00:00:00.000000001Z"


def assert_a_real_death_is_handled(world, dlq):
    """A job that dies now is put back and done, and nothing else is in the origin."""
    world.js.publish("orders.new", "behind")
    world.kill_jobs()
    dlq.wait_for("reprocessing order behind$")
    consumer = world.consumer()
    consumer.wait_for("received behind")
    world.eventually(lambda: world.js.count(ORIGIN) == 0 and world.settled(), "all is done")
    assert consumer.stop() == dlq.stop() == OK


def settle(world):
    """Starts dlq, and waits until it has settled every advisory."""
    dlq = world.dlq()
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisories are settled")
    return dlq


def assert_left_alone(world, dlq):
    """The job is in the origin as it was published."""
    assert [(job.seq, job.headers) for job in world.js.messages(ORIGIN)] == [(1, {})]
    assert not dlq.found("reprocessing") and dlq.stop() == OK


def test_the_same_advisory_twice_puts_the_job_back_once(world):
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    [announced] = world.js.messages(DLQ)
    world.js.publish_all([(announced.subject, announced.body)])
    dlq = world.dlq()
    dlq.wait_for("reprocessing order order-0$")
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "both are settled")
    assert [job.body for job in world.js.messages(ORIGIN)] == ["order-0"]
    world.js.publish_all([(announced.subject, announced.body)])  # once more after the job was put back
    world.eventually(lambda: world.js.count(DLQ) == 0, "it is settled")
    [job] = world.js.messages(ORIGIN)
    assert job.headers["Natsq-Retries"] == "1"
    assert len(dlq.found("reprocessing")) == 1


def test_an_advisory_about_a_job_that_is_gone_is_settled(world):
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    world.js.purge(ORIGIN)
    dlq = settle(world)
    assert not world.held() and not dlq.found("reprocessing")
    assert_a_real_death_is_handled(world, dlq)


def test_an_advisory_about_a_sequence_that_never_existed_is_settled(world):
    world.js.publish_all([(SUBJECT, advisory(4711))])
    dlq = settle(world)
    assert_a_real_death_is_handled(world, dlq)


def test_an_advisory_that_is_older_than_the_job_leaves_it_alone(world):
    world.js.publish("orders.new", "alive")
    world.consumer("--fail-rate", "1", "--count", "1").wait()  # delivered: an ack would remove it
    world.js.publish_all([(SUBJECT, advisory(1, timestamp=PAST))])
    assert_left_alone(world, settle(world))


def test_an_advisory_about_a_recreated_consumer_leaves_the_job_alone(world):
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    world.js.delete_consumer(ORIGIN, "processor")
    assert world.consumer("--fail-rate", "1", "--count", "1", "--backoff", "1m").wait() == OK
    assert_left_alone(world, settle(world))


def test_an_advisory_about_a_deleted_consumer_leaves_the_job_alone(world):
    """The job is still there for the next consumer."""
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    world.js.delete_consumer(ORIGIN, "processor")
    dlq = settle(world)
    world.consumer("--until-empty").wait_for("received order-0 from stream sequence # 1$")
    assert not dlq.found("reprocessing") and dlq.stop() == OK


UNREADABLE = {
    "not JSON": "this is not JSON",
    "nothing": "",
    "JSON cut short": advisory(1)[:40],
    "no object": "[1, 2, 3]",
    "not UTF-8": b'{"stream": "\xff\xfe"}',
    "deeply nested": "[" * 100_000,
    "another stream": advisory(1, stream="another_stream"),
    "another type": advisory(1, type="io.nats.jetstream.advisory.v1.terminated"),
    "no stream": advisory(1, stream=None),
    "no consumer": advisory(1, consumer=None),
    "a consumer with dots": advisory(1, consumer="a.b"),
    "no sequence": advisory(None),
    "a sequence as text": advisory("1"),
    "a negative sequence": advisory(-1),
    "sequence 0": advisory(0),
    "no deliveries": advisory(1, deliveries=None),
    "no time": advisory(1, timestamp=None),
    "an invalid time": advisory(1, timestamp="yesterday"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_advisory_is_held(world, body):
    world.js.publish("orders.new", "alive")
    world.consumer("--fail-rate", "1", "--count", "1", "--backoff", "1m").wait()
    world.js.publish_all([(SUBJECT, body)])
    [stored] = world.js.messages(DLQ)
    dlq = world.dlq()
    [letter] = world.eventually(world.held, "it is held")
    assert letter.subject == f"natsq.held.{ORIGIN}._.{stored.seq}.{stored.ns}"
    assert letter.body == stored.body
    assert letter.headers["Natsq-Reason"] == "unreadable"
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "the advisory is settled")
    assert [(job.seq, job.headers) for job in world.js.messages(ORIGIN)] == [(1, {})]
    assert dlq.stop() == OK
    [row] = [json.loads(line) for line in world.run("dlq", DLQ, ORIGIN, "list", "--json").out]
    assert (row["state"], row["reason"]) == ("held", "unreadable")


def test_real_deaths_between_unreadable_advisories_are_handled(world):
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
    world.js.publish_all((SUBJECT, body) for body in UNREADABLE.values())
    world.kill_jobs()
    useless = [*UNREADABLE.values(), advisory(4711), advisory(1, timestamp=PAST)]
    world.js.publish_all((SUBJECT, body) for body in useless)
    dlq = world.dlq("--retries", "2")
    world.eventually(lambda: world.js.last_seq(ORIGIN) == 6 and world.settled(), "all are back and settled")
    assert_a_real_death_is_handled(world, dlq)
    assert len(world.held()) == 2 * len(UNREADABLE) == world.js.count(DLQ)


@pytest.mark.parametrize("headers", [{}, {"Natsq-Origin-Stream": "another_stream"}, {"Natsq-Reason": "exit 1"}])
def test_an_unreadable_letter_is_held(world, headers):
    world.js.publish_all([(f"natsq.dead.{ORIGIN}.processor.1.2", "a body", headers)])
    [found] = world.js.messages(DLQ)
    dlq = world.dlq()
    [letter] = world.eventually(world.held, "it is held")
    assert letter.subject == f"natsq.held.{ORIGIN}._.{found.seq}.{found.ns}"
    assert (letter.body, letter.headers["Natsq-Reason"]) == ("a body", "unreadable")
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "it is settled")
    assert_a_real_death_is_handled(world, dlq)
