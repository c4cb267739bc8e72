"""A job that was declared dead and is alive again, since its consumer was deleted, recreated or reset: it runs once, and what told of its death is settled."""

import signal

import pytest

from support.build import needs_fault_points
from support.dlq_verbs import bodies, dlq, jobs, letter, objects, put, rfc3339
from support.exit_codes import OK
from support.handler_command import sh, work
from support.letters import is_stopped
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR

SLOW = {**PROCESSOR, "backoff": [5_000_000_000]}


def delete(world):
    world.js.delete_consumer(ORIGIN, "processor")


def recreate(world):
    delete(world)
    world.js.create_consumer(ORIGIN, **SLOW)


def reset(world):
    world.js.api(f"CONSUMER.RESET.{ORIGIN}.processor", {"seq": 1})


REVIVALS = pytest.mark.parametrize("revive", [delete, recreate, reset])


def dead_job(world, state="dead", body="order-0", **headers):
    """It is still in the origin, its consumer has given it up, and the DLQ stream has a letter of it."""
    world.js.publish("orders.new", body)
    world.kill_jobs()
    world.js.purge(DLQ)
    [job] = jobs(world)
    told = {**letter(job.seq)[2], "Natsq-Origin-Time": rfc3339(job.ns), "Natsq-Retries": "0", **headers}
    put(world, (f"natsq.{state}.{ORIGIN}.processor.{job.seq}.{job.ns}", "" if "Natsq-Body" in headers else body, told))
    return job


def assert_untouched(world, job):
    """The origin has this job alone, as it was."""
    [there] = jobs(world)
    assert (there.seq, there.ns, there.body) == (job.seq, job.ns, job.body)


def nothing_waits(world):
    return world.js.messages(DLQ, "natsq.dead.") == []


BY = pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])


@REVIVALS
@BY
@pytest.mark.parametrize("options", [[], ["--retries", "0"], ["--", "sh", "-c", "echo it ran"]], ids=["put back", "hold", "command"])
def test_run_settles_the_letter(world, revive, headers, options):
    job = dead_job(world, **headers)
    revive(world)
    run = world.dlq("--sweep-every", "0s", *options) if "--" not in options else world.start("dlq", DLQ, ORIGIN, "--server", world.server.url, *options, server=False)
    run.wait_for(f"# {job.seq} is alive again in {ORIGIN}")
    world.eventually(lambda: nothing_waits(world), "the letter is settled")
    assert run.stop() == OK
    assert_untouched(world, job)
    assert world.held() == [] and run.out == [] and "reprocessing" not in run.text


@BY
def test_run_puts_back_what_is_dead(world, headers):
    job = dead_job(world, **headers)
    run = world.dlq()
    run.wait_for("reprocessing order order-0$")
    world.eventually(lambda: [each.seq for each in jobs(world)] == [job.seq + 1], "it is back, and retired")
    assert "alive" not in run.text


@REVIVALS
@BY
@pytest.mark.parametrize("more", [[], ["--to", "orders.else"]], ids=["", "to"])
def test_retry_settles_the_letter(world, revive, headers, more):
    job = dead_job(world, state="held", **headers)
    revive(world)
    told = dlq(world, "retry", "--all", "--yes", "--json", *more)
    assert told.code == OK and "0 retried, 1 alive again" in told.text, told.text
    assert [each["did"] for each in objects(told)] == ["settled"]
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@REVIVALS
@BY
def test_hold_settles_the_letter(world, revive, headers):
    job = dead_job(world, **headers)
    revive(world)
    told = dlq(world, "hold", "--yes")
    assert told.code == OK and "0 held, 1 alive again" in told.text, told.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@REVIVALS
def test_import_brings_no_letter_back(world, revive, tmp_path):
    job = dead_job(world, state="held")
    assert dlq(world, "export", tmp_path / "all").code == OK
    world.js.purge(DLQ)
    revive(world)
    told = dlq(world, "import", tmp_path / "all", "--yes")
    assert told.code == OK and "0 imported, 1 alive again" in told.text, told.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@REVIVALS
def test_discard_leaves_the_job(world, revive):
    job = dead_job(world, state="held")
    revive(world)
    told = dlq(world, "discard", "--all", "--yes")
    assert told.code == OK and "alive again" in told.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@REVIVALS
@pytest.mark.parametrize("letters", [True, False], ids=["collect", "straight"])
def test_an_advisory_is_settled(world, revive, letters):
    """Where the DLQ stream takes no letters, jobs are put back straight from the advisory."""
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    [job] = jobs(world)
    if not letters:
        config = world.js.stream(DLQ)["config"]
        world.js.api(f"STREAM.UPDATE.{DLQ}", {**config, "subjects": [f"{ADVISORIES}.*"]})
    revive(world)
    run = world.dlq("--sweep-every", "0s")
    run.wait_for(f"advisory about # {job.seq}: the job is alive again")
    world.eventually(lambda: world.js.count(DLQ) == 0, "the advisory is settled")
    assert run.stop() == OK
    assert_untouched(world, job)


@REVIVALS
def test_it_then_runs_once(world, revive):
    """The whole way: both the letter and the job are there, and a worker comes."""
    dead_job(world, body="once")
    revive(world)
    run = world.dlq()
    run.wait_for("is alive again")
    consumer = world.consumer()
    consumer.wait_for("received once ")
    world.eventually(lambda: jobs(world) == [] and nothing_waits(world), "all is settled")
    assert consumer.stop() == OK and consumer.text.count("received once ") == 1
    assert bodies(world.held()) == []


@needs_fault_points
@pytest.mark.parametrize("revive", [recreate, reset])
@pytest.mark.parametrize("fault_point", ["decide:sent", "decide:retired"])
def test_it_dies_again_while_its_letter_is_settled(world, revive, fault_point):
    """The second death relies on the letter of the first at no time, and that one is settled only while the job is alive."""
    dead_job(world, body="twice dead")
    revive(world)
    run = world.start("dlq", DLQ, ORIGIN, "--retries", "0", NATSQ_FAULT_POINT=fault_point, NATSQ_FAULT_POINT_STOP="1")
    world.eventually(lambda: is_stopped(run), "it has seen that the job is alive")
    worker = work(world, sh("exit 65"), "--bind")
    worker.wait_for("the letter of an earlier death has to be decided first")
    run.signal(signal.SIGCONT)
    world.eventually(lambda: bodies(world.held()) == ["twice dead"] and jobs(world) == [], "it is held")
    assert run.stop() == OK and worker.stop() == OK
