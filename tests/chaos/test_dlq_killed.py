"""`dlq run` while its server or the leaders of a cluster are killed, while its stream is full, and two concurrent runs: each
dead job is held exactly once."""

from collections import Counter
from contextlib import contextmanager, suppress

import pytest

from support.cluster import UNAVAILABLE_ERRORS, kill_leader
from support.exit_codes import OK
from support.periodic import repeatedly
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR, own_world

JOBS_PER_ROUND = 200
KILLS = 10
LONG = 240


def publish(world, word, count=JOBS_PER_ROUND):
    bodies = {f"{word}-{i}" for i in range(count)}
    world.js.publish_all(("orders.new", body) for body in sorted(bodies))
    return bodies


@contextmanager
def silent_workers(world):
    """Workers that take jobs and never answer, as if they had been killed: the server counts the attempts."""
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[50_000_000])

    def take():
        with suppress(*UNAVAILABLE_ERRORS):
            world.js.pull(ORIGIN, "processor", JOBS_PER_ROUND)

    with repeatedly(0.05, take):
        yield


def start_dlq(world, *options):
    return world.dlq("--retries", "0", "--timeout", "1s", "--sweep-every", "2s", "--sweep-wait", "500ms", *options)


def all_are_held(world, bodies):
    try:
        held = world.held()
        return len(held) >= len(bodies) and world.js.count(DLQ) == len(held) and world.settled()
    except UNAVAILABLE_ERRORS:
        return False


def assert_each_is_held_once(world, bodies):
    world.eventually(lambda: all_are_held(world, bodies), "all are held", LONG)
    assert Counter(message.body for message in world.held()) == Counter(bodies)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "the origin is empty", LONG)


def wait_until_halfway(world, before):
    """Each job adds an advisory, a letter and a held letter."""
    world.eventually(lambda: world.js.last_seq(DLQ) >= before + JOBS_PER_ROUND, "it is under way", LONG)


def test_each_dead_job_is_held_once_when_the_server_is_killed(tmp_path):
    with own_world(tmp_path, fast=False) as world:  # sync_interval: always
        bodies, dlq = set(), start_dlq(world)
        with silent_workers(world):
            for kill in range(KILLS):
                before = world.js.last_seq(DLQ)
                bodies |= publish(world, f"round-{kill}")
                wait_until_halfway(world, before)
                world.server.kill()
                world.server.restart()
            assert_each_is_held_once(world, bodies)
        assert dlq.stop() == OK


def test_each_dead_job_is_held_once_when_stream_leaders_are_killed(tmp_path):
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        bodies, dlq = set(), start_dlq(world)
        with silent_workers(world):
            for stream in ORIGIN, DLQ:
                before = world.js.last_seq(DLQ)
                bodies |= publish(world, stream)
                wait_until_halfway(world, before)
                kill_leader(world, stream)
            assert_each_is_held_once(world, bodies)
        assert dlq.stop() == OK


def set_dlq(world, **changes):
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**world.js.stream(DLQ)["config"], **changes})


@pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])
def test_each_dead_job_is_held_once_when_a_full_dlq_has_room_again(world, counted):
    """With --max-deliver the server's advisories are lost and sweep finds the jobs; with --attempts the workers try again until
    there is room."""
    world.js.publish_all([(f"{ADVISORIES}.filler", "in the way")])
    set_dlq(world, max_msgs=1)
    bodies = publish(world, "order")
    worker = world.consumer(counted, "2", "--fail-rate", "1", "--backoff", "50ms")
    worker.wait_for("no letter about")
    worker.wait_for("will be processed via DLQ$", times=len(bodies))
    dlq = start_dlq(world)
    dlq.wait_for("is not taken by|advisory # 1 ")
    assert not world.held() and world.js.count(ORIGIN) == len(bodies)
    set_dlq(world, max_msgs=-1)
    world.eventually(lambda: world.js.count(ORIGIN) == 0 and world.settled(), "the origin is empty", LONG)
    world.eventually(lambda: world.js.count(DLQ) == len(world.held()) and world.settled(), "all is decided", LONG)
    assert len(dlq.found("advisory # 1 .*: left where it is$")) == len(dlq.found("advisory # 1 .*: held$")) == 1
    held = Counter(message.body for message in world.held())
    assert held.pop("in the way") == 1 and held == Counter(bodies)
    assert worker.stop() == dlq.stop() == OK


def waiting(world):
    return sum(world.js.consumer(DLQ, name)["num_waiting"] for name in world.js.consumers(DLQ))


def test_two_runs_share_the_load_and_hold_each_job_once(world):
    both = [start_dlq(world) for _ in range(2)]
    world.eventually(lambda: waiting(world) >= 4, "both have pull requests")
    bodies = publish(world, "order", 2000)
    with silent_workers(world):
        assert_each_is_held_once(world, bodies)
    assert [dlq.stop() for dlq in both] == [OK, OK]
    shares = [len(dlq.found("holding # ")) for dlq in both]
    assert min(shares) > len(bodies) / 20, shares
