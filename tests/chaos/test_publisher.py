"""publisher while servers are killed: every job that it reports as confirmed is stored, exactly once.

NATSQ_LONG=1 runs with ten times as many jobs."""

import os

import pytest

from support.cluster import kill_leader
from support.exit_codes import OK
from support.publisher import summary
from support.world import ORIGIN, own_world

LONG = 10 if os.environ.get("NATSQ_LONG") else 1
COUNT, RATE = 20_000 * LONG, 4_000 * min(LONG, 4)
KILLS = 10


@pytest.fixture
def jobs(tmp_path):
    lines = [f"job {i}" for i in range(COUNT)]
    (tmp_path / "jobs").write_text("\n".join(lines))
    return lines


def start(world, tmp_path, *options):
    source = "--lines", tmp_path / "jobs", "--rate", RATE
    return world.start("publisher", "orders.new", *source, "--timeout", "1s", "--retry-for", "2m", *options)


def assert_each_once(world, publisher, jobs):
    assert publisher.wait(300) == OK, publisher.text
    assert summary(publisher)[::2] == (len(jobs), 0)
    assert world.js.count(ORIGIN) == len(jobs)
    assert {message.body for message in world.js.messages(ORIGIN)} == set(jobs)


def test_each_job_is_stored_once_when_the_server_is_killed(tmp_path, jobs):
    with own_world(tmp_path) as world:
        publisher = start(world, tmp_path)
        for kill in range(KILLS):
            enough = len(jobs) * (kill + 1) // (KILLS + 2)
            world.eventually(lambda: world.js.count(ORIGIN) > enough, f"{enough} are in", 120)
            assert publisher.running, publisher.text
            world.server.kill()
            world.server.restart()
        assert_each_once(world, publisher, jobs)
        assert len(publisher.found("disconnected")) >= KILLS / 2


def test_each_job_is_stored_once_when_the_leader_is_killed(tmp_path, jobs):
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        publisher = start(world, tmp_path)
        world.eventually(lambda: world.js.count(ORIGIN) > len(jobs) // 10, "it is under way", 120)
        kill_leader(world, ORIGIN)
        assert_each_once(world, publisher, jobs)
