"""`dlq run` while its server is killed ten times, while leaders of a cluster are, while its stream is full, and two at
once: each dead job is held, none is lost, none is held twice."""

from collections import Counter
from contextlib import contextmanager, suppress

import pytest

from support.cluster import AWAY, kill_leader
from support.exit_codes import OK
from support.periodic import repeatedly
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR, own_world

A_ROUND = 200  # jobs
KILLS = 10
LONG = 240


def publish(world, word, count=A_ROUND):
    bodies = {f"{word}-{i}" for i in range(count)}
    world.js.publish_all(("orders.new", body) for body in sorted(bodies))
    return bodies


@contextmanager
def dying(world):
    """Workers that take jobs and are never heard of again, as if they were killed: the server counts the attempts."""
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[50_000_000])
    def take():
        with suppress(*AWAY):
            world.js.pull(ORIGIN, "processor", A_ROUND)

    with repeatedly(0.05, take):
        yield


def start_dlq(world, *options):
    return world.dlq("--retries", "0", "--timeout", "1s", "--sweep-every", "2s", "--sweep-wait", "500ms", *options)


def all_are_held(world, bodies):
    try:
        held = world.held()
        return len(held) >= len(bodies) and world.js.count(DLQ) == len(held) and world.settled()
    except AWAY:
        return False


def assert_each_is_held_once(world, bodies):
    world.eventually(lambda: all_are_held(world, bodies), "all are held", LONG)
    assert Counter(message.body for message in world.held()) == Counter(bodies)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "the origin is empty", LONG)


def wait_until_halfway(world, before):
    """An advisory, a letter and a held letter a job."""
    world.eventually(lambda: world.js.last_seq(DLQ) >= before + A_ROUND, "it is under way", LONG)


def test_the_server_is_killed_ten_times(tmp_path):
    with own_world(tmp_path, fast=False) as world:  # sync_interval: always
        bodies, dlq = set(), start_dlq(world)
        with dying(world):
            for kill in range(KILLS):
                before = world.js.last_seq(DLQ)
                bodies |= publish(world, f"round-{kill}")
                wait_until_halfway(world, before)
                world.server.kill()
                world.server.restart()
            assert_each_is_held_once(world, bodies)
        assert dlq.stop() == OK


def test_the_leader_of_each_stream_is_killed(tmp_path):
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        bodies, dlq = set(), start_dlq(world)
        with dying(world):
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
def test_a_full_dlq_then_room(world, counted):
    """Counted by the server, advisories and letters are lost; counted by the workers, they try until there is room."""
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


def test_two_share_the_load(world):
    both = [start_dlq(world) for _ in range(2)]
    world.eventually(lambda: waiting(world) >= 4, "both have asked")
    bodies = publish(world, "order", 2000)
    with dying(world):
        assert_each_is_held_once(world, bodies)
    assert [dlq.stop() for dlq in both] == [OK, OK]
    shares = [len(dlq.found("holding # ")) for dlq in both]
    assert min(shares) > len(bodies) / 20, shares
