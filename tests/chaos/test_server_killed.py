"""The server, then the programs, are killed repeatedly while all three programs run: no job is lost."""

import pytest

from support.exit_codes import OK
from support.world import DLQ, ORIGIN, durable_world as world

COUNT = 400
BODIES = {f"order-{i}" for i in range(COUNT)}
PUBLISHED = r"published order no\. (\d+)$"
LONG = 120  # a retry may wait out several backoffs and reconnects


def start_worker(world, *attempts):
    return world.consumer("--fail-rate", "0.3", "--backoff", "200ms", *attempts)


def start_dlq(world):
    return world.dlq("--retries", "1000")


def start_publisher(world):
    return world.start("publisher", "orders.new", "--count", COUNT, "--interval", "10ms")


def is_idle(world):
    state = world.js.consumer(ORIGIN, "processor")
    return state["num_pending"] == state["num_ack_pending"] == 0 and world.settled()


def assert_nothing_is_lost(world, publisher, workers, dlq, attempts):
    """Each job is done or still stored. The server may fail to announce a death that it counted; `dlq sweep` finds such a job in
    the origin. With --attempts, nothing is left behind."""
    assert publisher.wait(LONG) == OK, publisher.text
    assert publisher.found(PUBLISHED) == [str(i) for i in range(COUNT)]
    world.eventually(lambda: is_idle(world), "nothing is under way", LONG)
    if attempts[0] == "--attempts":
        world.eventually(world.is_empty, "both streams are empty", LONG)
    assert all(program.stop() == OK for program in (*workers, dlq) if program.running)
    done = {body for worker in workers for body in worker.found(r"received (\S+) from stream sequence")}
    left = {job.body for stream in (ORIGIN, DLQ) for job in world.js.messages(stream)}
    assert done | left == BODIES
    assert len(left - done) < COUNT / 20


either_way_of_counting = pytest.mark.parametrize("attempts", [("--max-deliver", "2"), ("--attempts", "2")], ids=["server", "workers"])


@either_way_of_counting
def test_nothing_is_lost_when_the_server_is_killed(world, attempts):
    workers, dlq = [start_worker(world, *attempts), start_worker(world, *attempts)], start_dlq(world)
    publisher = start_publisher(world)
    for kill in range(1, 6):
        publisher.wait_for(PUBLISHED, times=kill * COUNT // 6, within=LONG)
        world.server.kill()
        world.server.restart()
    publisher.wait(LONG)
    assert all(program.running for program in (*workers, dlq))
    world.server.kill()  # while nothing is published
    world.server.restart()
    assert_nothing_is_lost(world, publisher, workers, dlq, attempts)


@either_way_of_counting
def test_nothing_is_lost_when_consumer_and_dlq_are_killed(world, attempts):
    """The jobs of a killed worker may be dead without having run: they are still put back."""
    workers, dlq, publisher = [start_worker(world, *attempts)], start_dlq(world), start_publisher(world)
    for kill in range(1, 6):
        publisher.wait_for(PUBLISHED, times=kill * COUNT // 6, within=LONG)
        workers[-1].kill()
        dlq.kill()
        workers.append(start_worker(world, *attempts))
        dlq = start_dlq(world)
    assert_nothing_is_lost(world, publisher, workers, dlq, attempts)
