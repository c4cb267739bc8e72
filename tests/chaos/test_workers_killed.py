"""One of three workers is killed repeatedly, and so is the server: every job is handled."""

import os

import pytest

from support.exit_codes import OK
from support.handler_command import NOTE, Record, publish, sh, work
from support.world import DLQ, ORIGIN, durable_world as world

COUNT = 20_000 if os.environ.get("NATSQ_LONG") == "1" else 5_000
KILLS = 15
LONG = 300


def built_in(world, record, *options):
    return world.consumer(*options)


def command(world, record, *options):
    return work(world, sh(NOTE, record), *options)


def handled(record, workers):
    """The bodies that the commands recorded or the built-in handlers logged."""
    return record.lines or [body for worker in workers for body in worker.found(r"received (order-\d+)\S* from")]


@pytest.mark.parametrize("attempts_option", ["--max-deliver", "--attempts"])
@pytest.mark.parametrize("start", [command, built_in], ids=["command", "built-in"])
@pytest.mark.parametrize("kill_server", [False, True], ids=["workers", "workers and server"])
def test_every_job_is_handled_when_workers_are_killed(world, attempts_option, start, kill_server):
    bodies, record = publish(world, COUNT), Record(world)
    options = attempts_option, "50", "--backoff", "500ms", "--wait"
    if start is built_in:  # otherwise the first worker is done before the second is killed
        options += "--rate", str(COUNT // 15)
    workers = [start(world, record, *options) for _ in range(3)]
    for kill in range(KILLS):
        wanted = COUNT * (kill + 1) // (KILLS + 2)
        world.eventually(lambda: len(handled(record, workers)) >= wanted, f"{wanted} are handled", LONG)
        workers[-3].kill()  # the oldest
        workers.append(start(world, record, *options))
        if kill_server and kill % 5 == 4:
            world.server.kill()
            world.server.restart()
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "none is left", LONG)
    for worker in workers[-3:]:
        assert worker.stop() == OK, worker.text[-2000:]
    assert set(handled(record, workers)) == bodies  # only now is all their output read
    assert world.js.count(DLQ) == 0
