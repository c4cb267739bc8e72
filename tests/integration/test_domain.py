"""A JetStream domain: all three programs reach its streams with --js-domain."""

import pytest

from support.dlq_verbs import objects
from support.exit_codes import OK, UNAVAILABLE
from support.handler_command import NOTE, Record, sh
from support.world import DLQ, ORIGIN, own_world

HUB = "--js-domain", "hub"
BODIES = [f"order-{i}" for i in range(10)]


@pytest.fixture
def world(tmp_path):
    config = tmp_path / "domain.conf"
    config.write_text('jetstream { domain: "hub", max_mem: 1GB, max_file: 16GB }\n')
    with own_world(tmp_path, config=config) as made:
        yield made


def dlq(world, *arguments):
    return world.run("dlq", DLQ, ORIGIN, *arguments, *HUB)


def publish(world):
    assert world.run("publisher", "orders.new", "--count", "10", "--interval", "0s", *HUB).code == OK


def held(world):
    return objects(dlq(world, "list", "--json"))


@pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])
def test_jobs_die_are_held_and_retried(world, counted):
    publish(world)
    failing = world.start("consumer", ORIGIN, "orders.*", *HUB, "--fail-rate", "1", counted, "2", "--backoff", "1s")
    failing.wait_for("will be processed via DLQ", times=10)
    run = world.start("dlq", DLQ, ORIGIN, "--retries", "0", *HUB)
    world.eventually(lambda: len(world.held()) == 10 and world.settled(), "all are held")
    assert [failing.stop(), run.stop()] == [OK, OK]
    assert len(held(world)) == 10 and world.js.count(ORIGIN) == 0
    assert dlq(world, "retry", "--all", "--yes").code == OK
    assert (len(world.held()), world.js.count(ORIGIN)) == (0, 10)
    record = Record(world)
    options = counted, "2", "--until-empty", *HUB
    done = world.start("consumer", ORIGIN, "orders.*", *options, "--server", world.server.url, "--", *sh(NOTE, record), server=False)
    assert done.wait() == OK, done.text
    assert sorted(record.lines) == BODIES


def test_dead_jobs_are_collected_and_swept(world):
    """Of dead jobs that the server announced, and of others."""
    publish(world)
    announced = world.kill_jobs()
    run = world.start("dlq", DLQ, ORIGIN, "--retries", "0", "--sweep-every", "0s", *HUB)
    world.eventually(lambda: len(world.held()) == len(announced) == 10 and world.settled(), "all are held")
    assert run.stop() == OK
    assert dlq(world, "sweep", "--sweep-wait", "10ms").code == OK
    assert dlq(world, "doctor").code in (0, 1)


def test_a_domain_that_does_not_exist_is_unavailable(world):
    for program in ("consumer", ORIGIN, "orders.*"), ("publisher", "orders.new"), ("dlq", DLQ, ORIGIN, "list"):
        result = world.run(*program, "--js-domain", "elsewhere", "--timeout", "1s")
        assert result.code == UNAVAILABLE, result.text
