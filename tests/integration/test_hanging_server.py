"""A stop while the server hangs: it takes no notice of anything, but its connections stay open."""

import signal
import time

import pytest

from support.exit_codes import OK, TEMPFAIL
from support.world import DLQ, ORIGIN, own_world

GRACE = 10  # the default; the programs do not wait longer for a server that says nothing


@pytest.fixture
def hanging(tmp_path):
    """A world of its own, and a function that makes its server hang."""
    with own_world(tmp_path) as world:
        yield world, lambda: world.server.signal(signal.SIGSTOP)


def stopped_within_grace(program):
    begin = time.monotonic()
    code = program.stop(within=5 * GRACE)
    assert time.monotonic() - begin < GRACE + 2, program.text
    return code


def asks(world, stream):
    """How many pull requests wait."""
    return sum(world.js.consumer(stream, name)["num_waiting"] for name in world.js.consumers(stream))


def test_an_idle_worker(hanging):
    world, hang = hanging
    worker = world.consumer()
    world.eventually(lambda: asks(world, ORIGIN) >= 1, "it asks for jobs")
    hang()
    assert stopped_within_grace(worker) == OK


def test_an_idle_dlq(hanging):
    world, hang = hanging
    dlq = world.dlq("--sweep-every", "100ms")
    world.eventually(lambda: asks(world, DLQ) >= 2, "it asks for advisories and letters")
    hang()
    dlq.wait_for("no answer in time")  # in the middle of its looks
    assert stopped_within_grace(dlq) == OK


def test_a_publisher_with_jobs_in_flight(hanging):
    world, hang = hanging
    publisher = world.start("publisher", "orders.new", "--interval", "10ms", "--count", "10000")
    publisher.wait_for("published order no. 5$")
    hang()
    assert stopped_within_grace(publisher) == TEMPFAIL
