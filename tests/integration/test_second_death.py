"""A job that died, was alive again and dies a second time while dlq, which found it alive, has not settled its first letter
yet: the second death never relies on that letter."""

import signal

import pytest

from support.build import needs_fault_points
from support.dlq_verbs import bodies, jobs
from support.exit_codes import OK, TEMPFAIL
from support.handler_command import dead_letters, sh, work
from support.letters import DECIDE_DURABLE, is_stopped
from support.revival import dead_job, no_letter_waits, recreate, reset
from support.world import ADVISORIES, DLQ, ORIGIN

PAST, FUTURE = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"

pytestmark = needs_fault_points
each_revival = pytest.mark.parametrize("revive", [recreate, reset])


def pause_deciding(world, until):
    world.js.api(f"CONSUMER.PAUSE.{DLQ}.{DECIDE_DURABLE}", {"pause_until": until})


def dlq_that_stops_at(world, fault_point, *arguments):
    run = world.start("dlq", DLQ, ORIGIN, *arguments, NATSQ_FAULT_POINT=fault_point, NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: is_stopped(run), "it has found the job alive")
    return run


def wait_until_held(world):
    world.eventually(lambda: bodies(world.held()) == ["twice dead"] and jobs(world) == [], "it is held")
    world.eventually(lambda: no_letter_waits(world), "no letter waits")


def die_in_a_worker(world):
    """It dies at its second delivery; a worker stores the letter."""
    worker = work(world, sh("exit 1"), "--bind", "--count", "2")
    assert worker.wait() == OK


def die_with_a_worker(world):
    """Its worker is killed: another `dlq run` collects the job, but decides nothing."""
    pause_deciding(world, FUTURE)
    world.kill_jobs()
    collects = world.dlq("--sweep-every", "0s")
    world.eventually(lambda: jobs(world) == [], "it is collected")
    assert collects.stop() == OK


def die_unnoticed(world):
    """No advisory is stored: a sweep finds the job."""
    world.kill_jobs()
    for advisory in world.js.messages(DLQ, ADVISORIES):
        world.js.purge(DLQ, filter=advisory.subject)
    done = world.run("dlq", DLQ, ORIGIN, "sweep")  # with its own wait between the looks
    assert done.code == OK and jobs(world) == []


@each_revival
@pytest.mark.parametrize("fault_point", ["decide:sent", "decide:retired"])
def test_the_first_letter_is_decided_first(world, revive, fault_point):
    """It names as many deliveries, so that it is not clear which letter is about which death."""
    dead_job(world, body="twice dead")
    revive(world)
    run = dlq_that_stops_at(world, fault_point, "--retries", "0")
    worker = work(world, sh("exit 65"), "--bind")
    worker.wait_for("the letter of an earlier death has to be decided first")
    run.signal(signal.SIGCONT)
    wait_until_held(world)
    assert run.stop() == OK and worker.stop() == OK


@each_revival
@pytest.mark.parametrize("die", [die_in_a_worker, die_with_a_worker, die_unnoticed])
def test_a_death_with_more_deliveries_has_a_letter_of_its_own(world, revive, die):
    """The first death was at the first delivery, for example because a handler ended with 65."""
    dead_job(world, body="twice dead", **{"Natsq-Deliveries": "1"})
    revive(world)
    run = dlq_that_stops_at(world, "decide:retired", "--retries", "0")
    die(world)
    run.signal(signal.SIGCONT)
    if die == die_with_a_worker:
        pause_deciding(world, PAST)
    wait_until_held(world)
    assert run.stop() == OK


def test_hold_leaves_a_letter_whose_job_has_died_again(world):
    dead_job(world, body="twice dead")
    recreate(world)
    hold = dlq_that_stops_at(world, "hold:rechecked", "hold", "--yes")
    die_unnoticed(world)
    hold.signal(signal.SIGCONT)
    assert hold.wait() == TEMPFAIL and bodies(dead_letters(world)) == ["twice dead"], hold.text


@pytest.mark.parametrize("fault_point", ["retry:retired", "retry:rechecked", "discard:retired", "discard:rechecked"])
def test_a_verb_leaves_a_held_letter_whose_job_has_died_again(world, fault_point):
    """A sweep that finds the letter removes the job."""
    verb = fault_point.partition(":")[0]
    dead_job(world, "held", "twice dead")
    recreate(world)
    stopped = dlq_that_stops_at(world, fault_point, verb, "--all", "--yes")
    die_unnoticed(world)
    stopped.signal(signal.SIGCONT)
    assert stopped.wait() == TEMPFAIL and "its job was alive again" in stopped.text, stopped.text
    assert bodies(world.held()) == ["twice dead"]
    again = world.run("dlq", DLQ, ORIGIN, "retry", "--all", "--yes")
    assert again.code == OK and bodies(jobs(world)) == ["twice dead"] and world.held() == [], again.text


@pytest.mark.parametrize("code, attempts", [(1, 1), (65, 3)], ids=["put back", "held"])
def test_a_job_with_two_letters_is_decided_once(world, code, attempts):
    """Its worker is killed between the letter and the end of the job, which another worker gets and dead-letters, too."""
    job = world.js.publish("orders.new", "twice dead")
    command, options = sh(f"exit {code}"), ("--attempts", attempts, "--backoff", "200ms", "--count", "1")
    killed = work(world, command, *options, NATSQ_FAULT_POINT="dead_lettering:letter")
    assert killed.wait() == -signal.SIGKILL
    assert work(world, command, *options).wait() == OK
    assert jobs(world) == [] and bodies(dead_letters(world)) == ["twice dead"] * 2
    run = world.dlq()
    world.eventually(lambda: no_letter_waits(world), "no letter waits")
    assert run.stop() == OK
    assert [each.seq for each in jobs(world)] == ([job + 1] if code == 1 else [])
    assert bodies(world.held()) == ([] if code == 1 else ["twice dead"])
