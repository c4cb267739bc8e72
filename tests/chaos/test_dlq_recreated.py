"""The origin or its consumer is deleted and recreated while `dlq run` is paused between two steps: the new jobs, which have
the sequences of the old ones, are untouched, and what was in a letter is not lost."""

import signal
import time

import pytest

from support.build import needs_fault_points
from support.exit_codes import OK
from support.handler_command import publish
from support.letters import DECIDE_DURABLE, is_stopped, shorten_leases
from support.world import DLQ, ORIGIN, PROCESSOR

COLLECT = ["collect:taken", "dead_jobs:judged", "dead_jobs:stored", "dead_jobs:retired", "collect:settled"]
DECIDE = ["decide:taken", "decide:room", "decide:sent", "decide:retired", "decide:settled"]
COUNT = 5
PAST, FUTURE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"

pytestmark = needs_fault_points
at_each_fault_point = pytest.mark.parametrize("fault_point", COLLECT + DECIDE)


def bodies(messages):
    return sorted(message.body.strip() for message in messages)


def pause_deciding(world, until):
    """So that only collect is active when the run is paused."""
    world.js.api(f"CONSUMER.PAUSE.{DLQ}.{DECIDE_DURABLE}", {"pause_until": until})


def pause_at(world, fault_point, *options):
    """Returns the bodies of dead jobs and a dlq that is paused there. For collect the server announced the deaths;
    for decide the workers dead-lettered the jobs."""
    collects = fault_point not in DECIDE
    old = publish(world, COUNT, "old")
    world.kill_jobs() if collects else world.fail_jobs()
    shorten_leases(world)
    if collects:
        pause_deciding(world, FUTURE)
    dlq = world.start("dlq", DLQ, ORIGIN, "--sweep-every", "0", *options, NATSQ_FAULT_POINT=fault_point, NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: is_stopped(dlq), f"it is paused at {fault_point}")
    return old, dlq


def resume(world, dlq):
    dlq.signal(signal.SIGCONT)
    pause_deciding(world, PAST)
    world.eventually(lambda: world.js.count(DLQ) == len(world.held()) and world.settled(), "all is settled")
    assert dlq.stop() == OK


def recreate_origin(world):
    """With new jobs that were delivered once: an acknowledgement would remove them."""
    config = world.js.stream(ORIGIN)["config"]
    world.js.delete_stream(ORIGIN)
    world.js.create_stream(config)
    new = publish(world, COUNT, "new")
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * 10**9])
    world.js.pull(ORIGIN, "processor", COUNT)
    return new


@pytest.mark.parametrize("retries", [0, 1], ids=["held", "put back"])
@at_each_fault_point
def test_jobs_of_a_recreated_origin_are_untouched(world, fault_point, retries):
    """Jobs that only the old origin held are gone with it."""
    old, dlq = pause_at(world, fault_point, "--retries", retries)
    gone = set(bodies(world.js.messages(ORIGIN)))
    kept = old & set(bodies(world.js.messages(DLQ, "natsq."))) - (gone if retries and fault_point in DECIDE else set())
    new = recreate_origin(world)
    resume(world, dlq)
    back, held = bodies(world.js.messages(ORIGIN)), bodies(world.held())
    assert back[: len(new)] == sorted(new), "a new job was taken"
    assert [job.seq for job in world.js.messages(ORIGIN)][:COUNT] == list(range(1, COUNT + 1))
    assert kept <= set(back) | set(held), "what was in a letter is lost"
    assert len(back) == len(set(back)) and len(held) == len(set(held))


@at_each_fault_point
def test_jobs_of_a_recreated_consumer_are_untouched(world, fault_point):
    """A job that is still in the origin is alive again, from its first attempt on. It may be held as well, but never lost."""
    old, dlq = pause_at(world, fault_point, "--retries", "0")
    world.js.delete_consumer(ORIGIN, "processor")
    new = publish(world, COUNT, "new")
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * 10**9])
    world.js.pull(ORIGIN, "processor", 2 * COUNT)
    resume(world, dlq)
    alive, held = set(bodies(world.js.messages(ORIGIN))), bodies(world.held())
    assert alive >= new, "a new job was removed"
    assert alive | set(held) == old | new
    assert len(held) == len(set(held)) and not set(held) & new


def test_a_lookup_that_is_older_than_the_timeout_removes_nothing(world):
    """dlq is paused between a lookup in the origin and the removal that relies on it."""
    _, dlq = pause_at(world, "retire:looked", "--retries", "0", "--timeout", "500ms")
    letters = bodies(world.js.messages(DLQ, "natsq."))  # those of the first batch
    new = recreate_origin(world)
    begin = time.monotonic()
    world.eventually(lambda: time.monotonic() - begin > 0.6, "the lookup has expired")
    resume(world, dlq)
    assert bodies(world.js.messages(ORIGIN)) == sorted(new) and bodies(world.held()) == letters != []
