"""A durable belongs to the worker that created it: its settings change only with --update, and one that was created for a COMMAND
refuses the built-in handler."""

import pytest

from support.exit_codes import CONFIG, OK
from support.handler_command import publish, sh, work
from support.jetstream import SECOND
from support.program import BUILTIN
from support.world import DLQ, ORIGIN, PROCESSOR

with_and_without_bind = pytest.mark.parametrize("bind", [[], ["--bind"]], ids=["", "bind"])


def config(world):
    return world.js.consumer(ORIGIN, "processor")["config"]


def mark(world):
    return config(world).get("metadata", {}).get("natsq.handler")


def change(world, **changes):
    world.js.create_consumer(ORIGIN, **{**config(world), **changes})


def waits_for_jobs(world):
    return world.js.consumers(ORIGIN) == ["processor"] and world.js.consumer(ORIGIN, "processor")["num_waiting"] > 0


def assert_refused(program, *words):
    assert program.wait() == CONFIG, program.text
    assert not program.found("received "), program.text
    for word in "consumer 'processor'", *words:
        assert word in program.lines[-1], program.text


# ---------------------------------------------------------------- the handler


@with_and_without_bind
@pytest.mark.parametrize("keep", [[], ["--keep"], ["--keep=jsonl"]], ids=["command", "keep", "jsonl"])
def test_a_durable_for_a_command_refuses_the_builtin_handler(world, keep, bind):
    """With each kind of handler; and each remedy that the message names works."""
    command = ["sh", "-c", "exit 0"] if not keep else ["cat"]
    assert work(world, command, *keep, "--until-empty").wait() == OK
    assert mark(world) == "command"
    publish(world, 3)
    before = config(world)
    assert_refused(world.consumer(*bind, "--until-empty"), "created by a worker with a COMMAND", "'-- COMMAND'", "--builtin")
    assert config(world) == before and [job.seq for job in world.js.messages(ORIGIN)] == [1, 2, 3]
    assert work(world, ["true"], *bind, "--count", "1").wait() == OK
    for option in ["--builtin"], ["--fail-rate", "0"]:
        meant = world.consumer(*bind, *option, "--count", "1")
        assert meant.wait() == OK, meant.text
        assert len(meant.found("received ")) == 1
    assert config(world) == before


def test_the_builtin_handler_says_that_it_only_logs(world):
    builtin = world.consumer("--until-empty")
    assert builtin.wait() == OK and len(builtin.found(BUILTIN)) == 1 and mark(world) is None, builtin.text
    command = work(world, ["true"], "--until-empty")
    assert command.wait() == OK and not command.found(BUILTIN)


def test_builtin_first_and_a_command_later(world):
    """The order of a newcomer: nothing is marked, so both go on working, also on what the server has from other clients."""
    assert world.consumer("--until-empty").wait() == OK
    publish(world, 1)
    assert work(world, ["true"], "--until-empty", "--max-ack-pending", "77", "--update").wait() == OK
    assert mark(world) is None
    publish(world, 1)
    builtin = world.consumer("--until-empty")
    assert builtin.wait() == OK and len(builtin.found("received ")) == 1


@pytest.mark.parametrize("how", ["--update", "recreated"])
def test_metadata_survives(world, how):
    """Our update keeps metadata, ours and others'; so does a worker that recreates its durable, whatever it runs."""
    world.js.create_consumer(ORIGIN, **PROCESSOR, metadata={"team": "blue", "natsq.handler": "command"})
    worker = world.consumer("--builtin", *(["--max-deliver", "7", "--update"] if how == "--update" else []))
    world.eventually(lambda: waits_for_jobs(world), "it runs")
    if how == "recreated":
        world.js.delete_consumer(ORIGIN, "processor")
        worker.wait_for("is gone: recreating it$")
        world.eventually(lambda: waits_for_jobs(world), "it runs again")
    assert worker.stop() == OK
    metadata = config(world)["metadata"]
    assert (metadata["team"], metadata["natsq.handler"]) == ("blue", "command")
    assert config(world)["max_deliver"] == (7 if how == "--update" else 2)


def test_a_command_recreates_a_durable_without_the_mark_as_it_was(world):
    """A worker with the built-in handler that shares it goes on, too."""
    world.js.create_consumer(ORIGIN, **PROCESSOR, metadata={"team": "blue"})
    worker = work(world, ["true"])
    world.eventually(lambda: waits_for_jobs(world), "it runs")
    assert mark(world) is None
    world.js.delete_consumer(ORIGIN, "processor")
    worker.wait_for("is gone: recreating it$")
    world.eventually(lambda: waits_for_jobs(world), "it runs again")
    assert worker.stop() == OK
    assert mark(world) is None and config(world)["metadata"]["team"] == "blue"
    assert not worker.found("settings of consumer")


@with_and_without_bind
@pytest.mark.parametrize("how", ["recreated", "changed"])
def test_a_mark_that_appears_ends_a_running_builtin_handler(world, bind, how):
    world.js.create_consumer(ORIGIN, **PROCESSOR)
    worker = world.consumer(*bind)
    world.eventually(lambda: waits_for_jobs(world), "it runs")
    if how == "recreated":
        world.js.delete_consumer(ORIGIN, "processor")
        world.js.create_consumer(ORIGIN, **PROCESSOR, metadata={"natsq.handler": "command"})
    else:
        change(world, metadata={"natsq.handler": "command"})
    assert_refused(worker, "created by a worker with a COMMAND", "--builtin")


# ---------------------------------------------------------------- the settings


DIFFERENT = {
    "max-deliver": (["--max-deliver", "1"], "max_deliver 3 → 1"),
    "attempts": (["--attempts", "3"], "attempts none → 3, max_deliver 3 → unlimited"),
    "backoff": (["--backoff", "100ms,1s"], "backoff 2s → 100ms,1s"),
    "max-ack-pending": (["--max-ack-pending", "5"], "max_ack_pending 500 → 5"),
    "two": (["--max-deliver", "4", "--backoff", "1s"], "max_deliver 3 → 4, backoff 2s → 1s"),
}


@pytest.mark.parametrize("options, changes", DIFFERENT.values(), ids=DIFFERENT)
def test_options_that_differ_are_refused_without_update(world, options, changes):
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 3}, backoff=[2 * SECOND], max_ack_pending=500)
    publish(world, 1)
    before = config(world)
    way = "stop its workers and add --update" if "attempts" in changes else "add --update to change it for all its workers"
    assert_refused(work(world, ["true"], *options), changes, way)
    assert config(world) == before and world.js.count(ORIGIN) == 1
    updating = work(world, ["true"], *options, "--update", "--until-empty")
    assert updating.wait() == OK and updating.found(f"updating consumer processor: {changes}$"), updating.text
    assert config(world) != before
    same = work(world, ["true"], *options, "--until-empty")
    assert same.wait() == OK and not same.found("updating"), same.text
    unaware = work(world, ["true"], "--until-empty")
    assert unaware.wait() == OK and not unaware.found("updating"), unaware.text


@pytest.mark.parametrize("counted", [{"max_deliver": 3}, {"max_deliver": -1, "metadata": {"natsq.attempts": "5"}}], ids=["server", "workers"])
def test_a_backoff_may_have_as_many_steps_as_the_durable_allows(world, counted):
    """Its own number of attempts counts, not the default of --max-deliver."""
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, **counted})
    three = work(world, ["true"], "--backoff", "1s,2s,3s", "--update", "--until-empty")
    assert three.wait() == OK and config(world)["max_deliver"] == counted["max_deliver"], three.text
    if counted["max_deliver"] > 0:
        assert_refused(work(world, ["true"], "--backoff", "1s,2s,3s,4s", "--update"), "cannot update", "backoff")


def test_a_job_that_always_fails_does_not_keep_its_durable_from_counting_attempts(world):
    """It is in flight forever. The workers have to be stopped, and its lease to be over; then it dies of its attempts."""
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": -1}, backoff=[100_000_000])
    publish(world, 1)
    worker = work(world, ["false"])
    worker.wait_for("error processing", times=3)
    assert_refused(work(world, ["false"], "--attempts", "2", "--update"), "stop them first and wait 2s")
    assert worker.stop() == OK and world.js.consumer(ORIGIN, "processor")["num_ack_pending"] == 1

    def updates():
        updating = work(world, ["false"], "--attempts", "2", "--update", "--until-empty")
        return updating.wait() == OK

    world.eventually(updates, "its lease is over")
    assert config(world)["metadata"]["natsq.attempts"] == "2"
    assert world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")


def test_a_refusal_leaves_the_other_workers_alone(world):
    """Before, a second worker with --max-deliver 1 let the jobs of the first one die at their first failure."""
    first = work(world, sh("exit 1"), "-j", "1", "--max-deliver", "5", "--backoff", "1m")
    world.eventually(lambda: waits_for_jobs(world), "it runs")
    assert_refused(world.consumer("--max-deliver", "1", "--backoff", "1s", "--builtin"), "max_deliver 5 → 1, backoff 1m → 1s")
    publish(world, 3)
    first.wait_for("error processing", times=3)
    assert first.stop() == OK and not first.found("will be processed via DLQ") and not first.found("settings of"), first.text
    assert world.js.count(ORIGIN) == 3


def test_running_workers_log_what_is_in_force_now(world):
    """Another worker or natscli changes them; also with --bind."""
    workers = [work(world, ["true"], "--max-deliver", "2", "--backoff", "5s")]
    world.eventually(lambda: waits_for_jobs(world), "the durable exists")
    workers += [work(world, ["true"], "--bind"), world.consumer("--builtin")]
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"] >= 3, "all run")
    updating = work(world, ["true"], "--max-deliver", "5", "--backoff", "1s,1m", "--update")
    now = r"5 attempts \(counted by the server\), backoff 1s,1m$"
    for worker in workers:
        worker.wait_for(r"settings of consumer processor changed: max_deliver 2 → 5, backoff 5s → 1s,1m; in force now: " + now)
    change(world, max_ack_pending=50)
    for worker in *workers, updating:
        worker.wait_for("settings of consumer processor changed: max_ack_pending 10000 → 50; in force now: ")
    assert [worker.stop() for worker in (*workers, updating)] == [OK] * 4
    assert [len(worker.found("settings of")) for worker in (*workers, updating)] == [2, 2, 2, 1]


def test_a_recreated_durable_with_other_settings_is_used_and_logged(world):
    """The options of a running worker do not change a durable that another program created meanwhile."""
    worker = work(world, ["true"], "--max-deliver", "5")
    world.eventually(lambda: waits_for_jobs(world), "it runs")
    world.js.delete_consumer(ORIGIN, "processor")
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": 3})
    worker.wait_for("settings of consumer processor changed: max_deliver 5 → 3, .*in force now: 3 attempts .counted by the server")
    assert worker.stop() == OK and config(world)["max_deliver"] == 3


def test_dlq_keeps_its_own_durables_right(world):
    """They are its own: one with a limit of deliveries is updated, without an option."""
    name, filter = "letter_handler", f"natsq.dead.{ORIGIN}.>"
    world.js.create_consumer(DLQ, durable_name=name, filter_subject=filter, max_deliver=2)
    dlq = world.dlq()
    dlq.wait_for(f"updating consumer {name}: max_deliver 2 → unlimited$")
    assert dlq.stop() == OK
