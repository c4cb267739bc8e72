"""publisher while servers are killed under it: what it says is confirmed is stored, each job exactly once.

NATSQ_LONG=1: ten times the jobs."""

import os
import re

import pytest

from support.exit_codes import OK
from support.jetstream import JetStream
from support.local_server import LocalServer
from support.world import ORIGIN, World

LONG = 10 if os.environ.get("NATSQ_LONG") else 1
COUNT, RATE = 20_000 * LONG, 4_000 * min(LONG, 4)
KILLS = 10
SUMMARY = r"confirmed (\d+), duplicates (\d+), failed (\d+)"


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
    confirmed, _, failed = map(int, re.findall(SUMMARY, publisher.text)[-1])
    assert (confirmed, failed) == (len(jobs), 0)
    assert world.js.count(ORIGIN) == len(jobs)
    assert {message.body for message in world.js.messages(ORIGIN)} == set(jobs)


def test_a_server_that_is_killed_ten_times(tmp_path, jobs):
    with LocalServer().start(fast=True) as server:
        world = World(server, tmp_path)
        world.create_streams()
        publisher = start(world, tmp_path)
        for kill in range(KILLS):
            enough = len(jobs) * (kill + 1) // (KILLS + 2)
            world.eventually(lambda: world.js.count(ORIGIN) > enough, f"{enough} are in", 120)
            assert publisher.running, publisher.text
            server.kill()
            server.restart()
        assert_each_once(world, publisher, jobs)
        assert len(publisher.found("disconnected")) >= KILLS / 2


def leader(js):
    return js.stream(ORIGIN)["cluster"].get("leader")


def test_the_leader_of_a_cluster_is_killed(tmp_path, jobs):
    """Any node may be it: what the stream holds is asked of one that lives."""
    with LocalServer().start(nodes=3, fast=True) as server:
        world = World(server, tmp_path)
        world.create_streams("--replicas", "3")
        urls = server.url.split(",")
        publisher = start(world, tmp_path)
        world.eventually(lambda: world.js.count(ORIGIN) > len(jobs) // 10, "it is under way", 120)
        node = int(re.search(r"(\d)$", leader(world.js)).group(1))
        world.js = JetStream(urls[node % 3], server=server)
        server.kill(node)
        world.eventually(lambda: leads_again(world.js, node), "another leads", 60)
        server.restart(node)
        assert_each_once(world, publisher, jobs)


def leads_again(js, node):
    try:
        return leader(js) not in (None, "", f"n{node}")
    except (ConnectionError, KeyError, OSError):
        return False
