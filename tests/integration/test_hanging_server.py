"""A stop while the server hangs: it does not answer, but its connections stay open."""

import signal
import time

import pytest

from support.exit_codes import OK, TEMPFAIL
from support.world import DLQ, ORIGIN, own_world

GRACE = 10  # the default; the programs wait no longer for a server that does not answer


@pytest.fixture
def hanging(tmp_path):
    """A world of its own, and a function that makes its server hang."""
    with own_world(tmp_path) as world:
        yield world, lambda: world.server.signal(signal.SIGSTOP)


def stop_within_grace(program):
    begin = time.monotonic()
    code = program.stop(within=5 * GRACE)
    assert time.monotonic() - begin < GRACE + 2, program.text
    return code


def pull_requests(world, stream):
    """The number of pending pull requests."""
    return sum(world.js.consumer(stream, name)["num_waiting"] for name in world.js.consumers(stream))


def test_an_idle_worker_stops_within_the_grace(hanging):
    world, hang = hanging
    worker = world.consumer()
    world.eventually(lambda: pull_requests(world, ORIGIN) >= 1, "it asks for jobs")
    hang()
    assert stop_within_grace(worker) == OK


def test_an_idle_dlq_stops_within_the_grace(hanging):
    world, hang = hanging
    dlq = world.dlq("--sweep-every", "100ms")
    world.eventually(lambda: pull_requests(world, DLQ) >= 2, "it asks for advisories and letters")
    hang()
    dlq.wait_for("no answer in time")  # during a sweep
    assert stop_within_grace(dlq) == OK


def test_a_publisher_with_jobs_in_flight_stops_within_the_grace(hanging):
    world, hang = hanging
    publisher = world.start("publisher", "orders.new", "--interval", "1ms", "--count", "100000")
    publisher.wait_for("published order no. 5$")
    hang()
    assert stop_within_grace(publisher) == TEMPFAIL
