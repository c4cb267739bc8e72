"""A job that died and is alive again, because its consumer was deleted, recreated or reset: it runs once, and the letter or
advisory about its death is settled."""

import pytest

from support.dlq_verbs import bodies, dlq, jobs, objects
from support.exit_codes import OK
from support.handler_command import decide, sh
from support.revival import dead_job, delete, no_letter_waits, recreate, reset
from support.world import ADVISORIES, DLQ, ORIGIN

each_revival = pytest.mark.parametrize("revive", [delete, recreate, reset])


def assert_untouched(world, job):
    """The origin holds exactly this job, unchanged."""
    [there] = jobs(world)
    assert (there.seq, there.ns, there.body) == (job.seq, job.ns, job.body)


by_value_or_reference = pytest.mark.parametrize("headers", [{}, {"Natsq-Body": "origin"}], ids=["by value", "by reference"])


@each_revival
@by_value_or_reference
@pytest.mark.parametrize("options, command", [([], None), (["--retries", "0"], None), ([], sh("echo it ran"))], ids=["put back", "hold", "command"])
def test_run_settles_the_letter_of_a_living_job(world, revive, headers, options, command):
    job = dead_job(world, **headers)
    revive(world)
    run = decide(world, command) if command else world.dlq("--sweep-every", "0s", *options)
    run.wait_for(f"# {job.seq} is alive again in {ORIGIN}")
    world.eventually(lambda: no_letter_waits(world), "the letter is settled")
    assert run.stop() == OK
    assert_untouched(world, job)
    assert world.held() == [] and run.out == [] and "reprocessing" not in run.text


@by_value_or_reference
def test_run_puts_a_dead_job_back(world, headers):
    job = dead_job(world, **headers)
    run = world.dlq()
    run.wait_for("reprocessing order order-0$")
    world.eventually(lambda: [each.seq for each in jobs(world)] == [job.seq + 1], "it is back, and retired")
    assert "alive" not in run.text


@each_revival
@by_value_or_reference
@pytest.mark.parametrize("more", [[], ["--to", "orders.else"]], ids=["", "to"])
def test_retry_settles_the_letter_of_a_living_job(world, revive, headers, more):
    job = dead_job(world, state="held", **headers)
    revive(world)
    result = dlq(world, "retry", "--all", "--yes", "--json", *more)
    assert result.code == OK and "0 retried, 1 alive again" in result.text, result.text
    assert [each["did"] for each in objects(result)] == ["settled"]
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@each_revival
@by_value_or_reference
def test_hold_settles_the_letter_of_a_living_job(world, revive, headers):
    job = dead_job(world, **headers)
    revive(world)
    result = dlq(world, "hold", "--yes")
    assert result.code == OK and "0 held, 1 alive again" in result.text, result.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@each_revival
def test_import_holds_no_letter_of_a_living_job(world, revive, tmp_path):
    job = dead_job(world, state="held")
    assert dlq(world, "export", tmp_path / "all").code == OK
    world.js.purge(DLQ)
    revive(world)
    result = dlq(world, "import", tmp_path / "all", "--yes")
    assert result.code == OK and "0 imported, 1 alive again" in result.text, result.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@each_revival
def test_discard_leaves_a_living_job_in_the_origin(world, revive):
    job = dead_job(world, state="held")
    revive(world)
    result = dlq(world, "discard", "--all", "--yes")
    assert result.code == OK and "alive again" in result.text
    assert_untouched(world, job)
    assert world.js.count(DLQ) == 0


@each_revival
@pytest.mark.parametrize("letters", [True, False], ids=["collect", "direct requeue"])
def test_the_advisory_of_a_living_job_is_settled(world, revive, letters):
    """If the DLQ stream stores no letters, jobs are put back directly from the advisory."""
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


@each_revival
def test_a_living_job_with_a_letter_runs_once(world, revive):
    """Both the letter and the job exist when a worker starts."""
    dead_job(world, body="once")
    revive(world)
    run = world.dlq()
    run.wait_for("is alive again")
    consumer = world.consumer()
    consumer.wait_for("received once ")
    world.eventually(lambda: jobs(world) == [] and no_letter_waits(world), "all is settled")
    assert consumer.stop() == OK and consumer.text.count("received once ") == 1
    assert bodies(world.held()) == []
