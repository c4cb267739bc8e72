"""Workers on a cluster whose stream leader is killed repeatedly: every job is handled."""

import pytest

from support.cluster import UNAVAILABLE_ERRORS, kill_leader
from support.exit_codes import OK
from support.handler_command import NOTE, Record, publish, sh, work
from support.world import DLQ, ORIGIN, own_world

COUNT = 600
KILLS = 3
LONG = 240


def is_empty(world):
    try:
        return world.js.count(ORIGIN) == 0
    except UNAVAILABLE_ERRORS:
        return False  # an election


@pytest.mark.parametrize("attempts_option", ["--max-deliver", "--attempts"])
def test_every_job_is_handled_when_leaders_are_killed(tmp_path, attempts_option):
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        bodies, record = publish(world, COUNT), Record(world)
        command = sh(NOTE + "; sleep 0.01", record)
        workers = [work(world, command, attempts_option, "50", "--backoff", "1s", "-j", "2", "--wait") for _ in range(2)]
        for kill in range(KILLS):
            wanted = COUNT * (kill + 1) // (KILLS + 2)
            world.eventually(lambda: len(record.lines) >= wanted, f"{wanted} are handled", LONG)
            kill_leader(world, ORIGIN)
        world.eventually(lambda: is_empty(world), "none is left", LONG)
        assert [worker.stop() for worker in workers] == [OK, OK]
        assert set(record.lines) == bodies
        assert world.js.count(DLQ) == 0
