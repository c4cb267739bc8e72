"""`dlq sweep` when something changes between its two looks at the origin."""

import signal

import pytest

from support.build import needs_fault_points
from support.exit_codes import OK, TEMPFAIL
from support.jetstream import ApiError, SECOND
from support.sweep import SHORT_WAIT, die_unnoticed, letters, sweep, update_dlq
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR


def between_the_looks(world, change):
    """Sweeps, and changes something between its two looks; returns the sweep."""
    done = world.start("dlq", DLQ, ORIGIN, "sweep", "--sweep-wait", "3s", "--json")
    done.wait_for("seems? dead: looking again")
    change()
    done.code = done.wait()
    return done


def test_a_job_of_an_origin_recreated_between_the_looks_is_left_alone(world):
    die_unnoticed(world, "old")

    def recreate():
        config = world.js.stream(ORIGIN)["config"]
        world.js.delete_stream(ORIGIN)
        world.js.create_stream(config)
        world.js.publish("orders.new", "new")
        world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])

    done = between_the_looks(world, recreate)
    assert done.code == OK and done.out == []
    assert [job.body for job in world.js.messages(ORIGIN)] == ["new"] and letters(world) == []


def delete_consumer(world):
    world.js.delete_consumer(ORIGIN, "processor")


def recreate_consumer(world):
    delete_consumer(world)
    world.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[60 * SECOND])
    world.js.pull(ORIGIN, "processor", 1)


def reset_consumer(world):
    """`created` stays as it was; only the delivered floor shows the reset."""
    try:
        world.js.api(f"CONSUMER.RESET.{ORIGIN}.processor", {"seq": 1})
    except (ApiError, ConnectionError) as failure:
        pytest.skip(f"this server knows no reset: {failure}")
    world.js.pull(ORIGIN, "processor", 1)


@pytest.mark.parametrize("change", [delete_consumer, recreate_consumer, reset_consumer])
def test_a_job_whose_consumer_changes_between_the_looks_is_left_alone(world, change):
    [dead] = die_unnoticed(world, "order-0")
    done = between_the_looks(world, lambda: change(world))
    assert done.code == OK and done.out == []
    assert world.js.messages(ORIGIN) == [dead] and letters(world) == []


def test_a_stop_between_the_looks_removes_nothing(world):
    [dead] = die_unnoticed(world, "order-0")
    done = world.start("dlq", DLQ, ORIGIN, "sweep", "--sweep-wait", "1m")
    done.wait_for("seems? dead: looking again")
    assert done.stop() == TEMPFAIL
    assert world.js.messages(ORIGIN) == [dead] and letters(world) == []


def test_two_sweeps_at_once_make_one_letter_each(world):
    die_unnoticed(world, *(f"order-{i}" for i in range(400)))
    both = [world.start("dlq", DLQ, ORIGIN, "sweep", *SHORT_WAIT) for _ in range(2)]
    assert [one.wait() for one in both] == [OK, OK]
    assert len(letters(world)) == 400 and world.js.count(ORIGIN) == 0


def test_a_stream_without_letters_is_refused(world):
    update_dlq(world, subjects=[f"{ADVISORIES}.*"])
    refused = sweep(world)
    assert refused.code == 78 and "natsq.dead" in refused.text


@needs_fault_points
@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("fault_point", ["judged", "stored", "retired"])
def test_a_sweep_after_a_kill_sweeps_the_rest(world, fault_point, batch):
    bodies = {f"order-{i}" for i in range(200)}
    die_unnoticed(world, *bodies)
    killed = world.run("dlq", DLQ, ORIGIN, "sweep", *SHORT_WAIT, NATSQ_FAULT_POINT=f"dead_jobs:{fault_point}:{batch}")
    assert killed.code == -signal.SIGKILL, killed.text
    assert sweep(world).code == OK
    found = [letter.body for letter in letters(world)]
    assert len(found) == 200 and set(found) == bodies and world.js.count(ORIGIN) == 0
