"""While `dlq run` stands between two steps, the origin is deleted and made anew, or its consumer is: the new jobs, which
have the old ones' sequences, are untouched, and what was in a letter is not lost."""

import signal
import time

import pytest

from support.build import needs_fault_points
from support.exit_codes import OK
from support.handler_command import publish
from support.letters import DECIDES, is_stopped, shorten_leases
from support.world import DLQ, ORIGIN, PROCESSOR

COLLECT = ["collect:taken", "dead_jobs:judged", "dead_jobs:stored", "dead_jobs:retired", "collect:settled"]
DECIDE = ["decide:taken", "decide:room", "decide:sent", "decide:retired", "decide:settled"]
COUNT = 5
PAST, FUTURE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"

pytestmark = needs_fault_points
each_fault_point = pytest.mark.parametrize("fault_point", COLLECT + DECIDE)


def bodies(messages):
    return sorted(message.body.strip() for message in messages)


def pause_deciding(world, until):
    """So that one part of the run is at work when it is stopped."""
    world.js.api(f"CONSUMER.PAUSE.{DLQ}.{DECIDES}", {"pause_until": until})


def stop_at(world, fault_point, *options):
    """dlq, standing there. What is to be collected died under the server's count, the rest was buried."""
    collects = fault_point not in DECIDE
    old = publish(world, COUNT, "old")
    world.kill_jobs() if collects else world.fail_jobs()
    shorten_leases(world)
    if collects:
        pause_deciding(world, FUTURE)
    dlq = world.start("dlq", DLQ, ORIGIN, "--sweep-every", "0", *options, NATSQ_FAULT_POINT=fault_point, NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: is_stopped(dlq), f"it stands at {fault_point}")
    return old, dlq


def go_on(world, dlq):
    dlq.signal(signal.SIGCONT)
    pause_deciding(world, PAST)
    world.eventually(lambda: world.js.count(DLQ) == len(world.held()) and world.settled(), "all is settled")
    assert dlq.stop() == OK


def make_origin_anew(world):
    """With new jobs, which a worker has had once: an acknowledgement would remove them."""
    config = world.js.stream(ORIGIN)["config"]
    world.js.delete_stream(ORIGIN)
    world.js.create_stream(config)
    new = publish(world, COUNT, "new")
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * 10**9])
    world.js.pull(ORIGIN, "processor", COUNT)
    return new


@pytest.mark.parametrize("retries", [0, 1], ids=["held", "put back"])
@each_fault_point
def test_the_origin_is_made_anew(world, fault_point, retries):
    """What lies in it goes with it."""
    old, dlq = stop_at(world, fault_point, "--retries", retries)
    gone = set(bodies(world.js.messages(ORIGIN)))
    kept = old & set(bodies(world.js.messages(DLQ, "natsq."))) - (gone if retries and fault_point in DECIDE else set())
    new = make_origin_anew(world)
    go_on(world, dlq)
    back, held = bodies(world.js.messages(ORIGIN)), bodies(world.held())
    assert back[: len(new)] == sorted(new), "a new job was taken"
    assert [job.seq for job in world.js.messages(ORIGIN)][:COUNT] == list(range(1, COUNT + 1))
    assert kept <= set(back) | set(held), "what was in a letter is lost"
    assert len(back) == len(set(back)) and len(held) == len(set(held))


@each_fault_point
def test_the_consumer_is_made_anew(world, fault_point):
    """A job that is still in the origin is alive again then, from its first attempt on; it may be held beside that, never
    lost: twice is at least once."""
    old, dlq = stop_at(world, fault_point, "--retries", "0")
    world.js.delete_consumer(ORIGIN, "processor")
    young = publish(world, COUNT, "young")
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * 10**9])
    world.js.pull(ORIGIN, "processor", 2 * COUNT)
    go_on(world, dlq)
    alive, held = set(bodies(world.js.messages(ORIGIN))), bodies(world.held())
    assert alive >= young, "a young job was taken"
    assert alive | set(held) == old | young
    assert len(held) == len(set(held)) and not set(held) & young


def test_a_stop_between_a_look_at_the_origin_and_what_it_is_for(world):
    """It lasts longer than an answer is waited for: then the look is too old to remove anything."""
    _, dlq = stop_at(world, "retire:looked", "--retries", "0", "--timeout", "500ms")
    letters = bodies(world.js.messages(DLQ, "natsq."))  # of as many as came in the first batch
    new = make_origin_anew(world)
    begin = time.monotonic()
    world.eventually(lambda: time.monotonic() - begin > 0.6, "its time is over")
    go_on(world, dlq)
    assert bodies(world.js.messages(ORIGIN)) == sorted(new) and bodies(world.held()) == letters != []
