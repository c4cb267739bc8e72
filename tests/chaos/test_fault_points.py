"""A worker is killed at each step of settling a job: no job is lost, none gets two letters."""

import signal
from collections import Counter

import pytest

from support.build import needs_fault_points
from support.exit_codes import OK
from support.handler_command import NOTE, Record, publish, sh, work
from support.world import DLQ, ORIGIN

FAULT_POINTS = ["slot:taken", "slot:run", "dead_lettering:begin", "dead_lettering:letter", "dead_lettering:term", "slot:settled"]
HANDLER = f'{NOTE}.ran; case $body in bad*) exit 1;; hopeless*) exit 65; esac; echo "$body" >>"$1"'
LONG = 120

pytestmark = needs_fault_points


def is_settled(world):
    """No job in the origin is pending or in flight; only dead ones may be left."""
    durable = world.js.consumer(ORIGIN, "processor")
    return durable["num_pending"] == durable["num_ack_pending"] == 0


@pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])
@pytest.mark.parametrize("fault_point", FAULT_POINTS)
def test_a_worker_killed_at_a_fault_point_loses_no_job(world, fault_point, counted):
    good, dying = publish(world, 8, "good"), publish(world, 4, "bad") | publish(world, 8, "hopeless")
    done = Record(world)
    options = counted, "3", "--backoff", "300ms", "-j", "2"
    for number in 1, 2, 3, 1:
        killed = work(world, sh(HANDLER, done), *options, NATSQ_FAULT_POINT=f"{fault_point}:{number}")
        assert killed.wait() == -signal.SIGKILL, killed.text
    last = work(world, sh(HANDLER, done), *options)
    dlq = world.dlq("--retries", "0")  # collects those whose workers were killed in their last attempt
    world.eventually(lambda: is_settled(world) and world.js.count(ORIGIN) == 0, "the origin is empty", LONG)
    world.eventually(lambda: world.settled() and world.js.count(DLQ) == len(world.held()), "all letters are held")
    letters = Counter(letter.body.strip() for letter in world.held())
    assert set(letters) | set(done.lines) == good | dying
    assert set(letters) >= dying and set(letters.values()) == {1}
    assert set(done.lines) <= good
    assert last.stop() == dlq.stop() == OK
