"""`dlq retry` while the server, the leaders of a cluster or retry itself are killed: each job is back exactly once, and no
letter stays."""

import signal

from support.cluster import UNAVAILABLE_ERRORS, kill_leader
from support.dlq_verbs import STREAMS, bodies, dlq, jobs
from support.exit_codes import OK
from support.letters import put_many
from support.world import DLQ, ORIGIN, own_world

COUNT, KILLS = 4_000, 10
MANY = 20_000


def test_each_job_is_back_once_when_the_server_is_killed(tmp_path):
    with own_world(tmp_path) as world:
        put_many(world, COUNT)
        options = "--all", "--yes", "--rate", "1000", "--timeout", "2s"
        retry = world.start("dlq", *STREAMS, "retry", *options)
        for kill in range(KILLS):
            enough = COUNT * (kill + 1) // (KILLS + 2)
            world.eventually(lambda: world.js.count(ORIGIN) >= enough or not retry.running, f"{enough} are back")
            if not retry.running:
                retry = world.start("dlq", *STREAMS, "retry", *options)
            world.server.kill()
            world.server.restart()
        retry.wait(60)
        assert dlq(world, "retry", "--all", "--yes").code == OK
        assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, COUNT + 1))
        assert world.held() == []


def test_each_job_is_back_once_when_retry_itself_is_killed(world):
    """What was published but not yet removed is published again, and stored once."""
    put_many(world, MANY)
    killed = 0
    for share in range(1, 6):
        retry = world.start("dlq", *STREAMS, "retry", "--all", "--yes")
        enough = MANY * share // 6
        world.eventually(lambda: world.js.count(ORIGIN) >= enough or not retry.running, f"{enough} are back")
        retry.kill()
        killed += retry.process.returncode == -signal.SIGKILL
    assert killed > 0
    assert dlq(world, "retry", "--all", "--yes").code == OK
    assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, MANY + 1))
    assert world.held() == []


def count(world):
    try:
        return world.js.count(ORIGIN)
    except UNAVAILABLE_ERRORS:
        return 0  # an election


def test_each_job_is_back_once_when_leaders_are_killed(tmp_path):
    """A retry that gives up is started again, as an operator would."""
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        put_many(world, 2000)
        options = "--all", "--yes", "--rate", "200", "--timeout", "2s"
        retry = world.start("dlq", *STREAMS, "retry", *options)
        for share, stream in enumerate((DLQ, ORIGIN), 1):
            world.eventually(lambda: count(world) >= 500 * share or not retry.running, "it is under way", 60)
            if not retry.running:
                retry = world.start("dlq", *STREAMS, "retry", *options)
            kill_leader(world, stream)
        retry.wait(60)
        world.eventually(lambda: dlq(world, "retry", "--all", "--yes").code == OK, "the rest is retried", 60)
        assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, 2001))
        assert world.held() == []
