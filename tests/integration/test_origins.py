"""One DLQ stream for several origins: each has its own durables, no matter in which order their runs start, end and restart."""

import random

import pytest

from support.dlq_verbs import objects
from support.exit_codes import OK
from support.origins import (
    COLLECT_DURABLE,
    DECIDE_DURABLE,
    durables,
    held,
    is_running,
    kill_jobs,
    origins,
    run,
    subjects,
    waiting,
)
from support.world import DLQ

TWO_ORIGINS = "o", "o_1"
FIVE_ORIGINS = "o", "o_1", "o_1_2", "letter_handler", "p"  # names with a common prefix, and one like a durable's
two_or_five_origins = pytest.mark.parametrize("names", [TWO_ORIGINS, FIVE_ORIGINS], ids=["two", "five"])


def assert_all_are_held(world, names, n):
    """Every job is held under its own origin, none as unreadable."""

    def done():
        return all(len(held(world, name)) == n for name in names)

    world.eventually(done, f"{n} jobs of each origin are held")
    for name in names:
        assert {each.headers["Natsq-Origin-Stream"] for each in held(world, name)} == {name}
        assert all(each.subject.startswith(f"natsq.held.{name}.processor.") for each in held(world, name))
    world.eventually(lambda: world.js.count(DLQ) == n * len(names), "nothing else is left")


def assert_own_durables(world, names):
    found = durables(world)
    filters = sorted(filter_subject for filter_subject, _ in found.values())
    assert filters == sorted(subject for name in names for subject in subjects(name)[:2]), found
    for plain, which in (COLLECT_DURABLE, 0), (DECIDE_DURABLE, 1):
        theirs = {filter_subject: name for name, (filter_subject, _) in found.items()}
        called = [theirs[subjects(name)[which]] for name in names]
        assert all(each in (plain, f"{plain}_{name}") for each, name in zip(called, names)), called
    return found


@two_or_five_origins
def test_runs_of_several_origins_that_start_together_share_no_durable(world, names):
    with origins(world, *names):
        runs = [run(world, name) for name in names for _ in range(2)]
        for name in names:
            world.eventually(lambda: is_running(world, name), f"{name} runs")
        before = assert_own_durables(world, names)
        for name in names:
            kill_jobs(world, name, 3)
        assert_all_are_held(world, names, 3)
        assert durables(world) == before, "they were recreated"
        for each in runs:
            assert each.stop() == OK
            assert not each.found("recreat|another filter|unreadable|alive"), each.text


@pytest.mark.parametrize("names, seed", [(TWO_ORIGINS, 2), (FIVE_ORIGINS, 1)], ids=["two", "five"])
def test_runs_that_start_and_die_in_any_order_keep_their_durables(world, names, seed):
    chance = random.Random(seed)
    with origins(world, *names):
        for name in names:
            kill_jobs(world, name, 2)
        alive, before = {}, {}
        for _ in range(4 * len(names)):
            name = chance.choice(names)
            if name in alive:
                alive.pop(name).kill()
            else:
                alive[name] = run(world, name)
                world.eventually(lambda: is_running(world, name), f"{name} runs")
            now = durables(world)
            assert all(now[each] == before[each] for each in before), "one was touched"
            before = now
        for name in names:
            alive.setdefault(name, None) or alive.update({name: run(world, name)})
            kill_jobs(world, name, 2)
        assert_all_are_held(world, names, 4)
        assert_own_durables(world, names)


def test_a_run_takes_its_own_name_when_another_origin_gets_the_plain_one(world):
    """An operator deletes `letter_handler`, and the run of another origin recreates it first."""
    with origins(world, "first", "second"):
        first = run(world, "first")
        world.eventually(lambda: is_running(world, "first"), "first runs")
        first.signal(19)  # SIGSTOP
        for plain in COLLECT_DURABLE, DECIDE_DURABLE:
            world.js.delete_consumer(DLQ, plain)
        second = run(world, "second")
        world.eventually(lambda: DECIDE_DURABLE in durables(world) and is_running(world, "second"), "second runs")
        first.signal(18)  # SIGCONT
        for name in "first", "second":
            kill_jobs(world, name, 5)
        assert_all_are_held(world, ["first", "second"], 5)
        found = assert_own_durables(world, ["first", "second"])
        assert found[DECIDE_DURABLE][0] == "natsq.dead.second.>" and found[f"{DECIDE_DURABLE}_first"][0] == "natsq.dead.first.>"
        assert first.found(f"using {DECIDE_DURABLE}_first")
        assert first.stop() == second.stop() == OK


def test_a_run_keeps_its_own_name_when_the_plain_one_is_free_again(world):
    with origins(world, "first", "second"):
        for name in "first", "second":
            run(world, name)
            world.eventually(lambda: is_running(world, name), f"{name} runs")
        for program in world.programs:
            program.kill()
        for plain in COLLECT_DURABLE, DECIDE_DURABLE:
            world.js.delete_consumer(DLQ, plain)
        kill_jobs(world, "second", 3)
        run(world, "second")
        assert_all_are_held(world, ["second"], 3)
        assert set(durables(world)) == {f"{COLLECT_DURABLE}_second", f"{DECIDE_DURABLE}_second"}
        kill_jobs(world, "first", 3)
        run(world, "first")
        assert_all_are_held(world, ["first", "second"], 3)
        assert set(durables(world)) == {COLLECT_DURABLE, DECIDE_DURABLE, f"{COLLECT_DURABLE}_second", f"{DECIDE_DURABLE}_second"}


def test_a_durable_of_another_origin_is_not_touched(world):
    """Whatever its configuration."""
    with origins(world, "first", "second"):
        made = {"filter_subject": "natsq.dead.first.processor.>", "max_deliver": 7, "description": "mine"}
        world.js.create_consumer(DLQ, durable_name=DECIDE_DURABLE, **made)
        before = world.js.consumer(DLQ, DECIDE_DURABLE)
        kill_jobs(world, "second", 2)
        run(world, "second")
        assert_all_are_held(world, ["second"], 2)
        after = world.js.consumer(DLQ, DECIDE_DURABLE)
        assert (after["config"], after["created"]) == (before["config"], before["created"])
        assert set(durables(world)) == {COLLECT_DURABLE, DECIDE_DURABLE, f"{DECIDE_DURABLE}_second"}


def test_a_run_without_a_free_name_is_refused(world):
    with origins(world, "first", "second"):
        for name, filter_subject in (DECIDE_DURABLE, "natsq.dead.first.>"), (f"{DECIDE_DURABLE}_second", "natsq.held.first.>"):
            world.js.create_consumer(DLQ, durable_name=name, filter_subject=filter_subject)
        before = durables(world)
        result = world.run("dlq", DLQ, "second")
        assert result.code == 78 and f"{DECIDE_DURABLE}_second" in result.text and "nats consumer rm" in result.text, result.text
        assert durables(world).items() >= before.items()


def test_each_verb_acts_on_its_origin_only(world):
    with origins(world, "first", "second"):
        for name in "first", "second":
            kill_jobs(world, name, 3)
            running = run(world, name)
            world.eventually(lambda: len(held(world, name)) == 3, "they are held")
            assert running.stop() == OK
        for name, letters in ("first", DECIDE_DURABLE), ("second", f"{DECIDE_DURABLE}_second"):
            listed = objects(world.run("dlq", DLQ, name, "list", "--json"))
            assert [each["subject"] for each in listed] == [f"{name}.new"] * 3
            result = world.run("dlq", DLQ, name, "doctor", "--json")
            texts = [each["text"] for each in objects(result) if each["check"] == "handlers"]
            assert f"{letters} is as it should be" in texts and len(texts) == 2, texts
        assert world.run("dlq", DLQ, "second", "discard", "--all", "--yes").code == OK
        assert held(world, "second") == [] and len(held(world, "first")) == 3
        kill_jobs(world, "second", 2)
        for name, n in ("first", 0), ("second", 2):
            found = objects(world.run("dlq", DLQ, name, "doctor", "--json"))
            [texts] = [each["text"] for each in found if each["check"] == "waiting"]
            assert texts.startswith(f"0 letters wait for a decision, {n} dead jobs are announced"), texts
        assert world.run("dlq", DLQ, "first", "hold", "--yes").code == OK
        assert len(held(world, "first")) == 3 and held(world, "second") == []


def test_direct_requeue_puts_each_job_back_into_its_origin(world):
    """With a DLQ stream that stores only advisories."""
    with origins(world, "first", "second"):
        config = world.js.stream(DLQ)["config"]
        world.js.api(f"STREAM.UPDATE.{DLQ}", {**config, "subjects": [subjects(name)[0] for name in ("first", "second")]})
        for name in "first", "second":
            kill_jobs(world, name, 3)
        runs = [run(world, name, "--retries", "1") for name in ("first", "second") for _ in range(2)]
        world.eventually(lambda: world.js.count(DLQ) == 0, "all advisories are settled")
        for name in "first", "second":
            assert {each.headers.get("Natsq-Retries") for each in world.js.messages(name)} == {"1"}
            assert world.js.count(name) == 3
        assert set(durables(world)) in ({COLLECT_DURABLE, f"{COLLECT_DURABLE}_second"}, {COLLECT_DURABLE, f"{COLLECT_DURABLE}_first"})
        for each in runs:
            assert each.stop() == OK, each.text
        for each in runs:  # the advised command keeps the subjects of the other origin
            [command] = each.found("to add them: .*nats stream edit .*")
            assert all(f"'{subjects(name)[0]}'" in command for name in ("first", "second")), command


def test_hold_of_one_origin_leaves_the_run_of_another_alone(world):
    """The first origin has the plain name; `hold` names its durable as `run` does."""
    with origins(world, "first", "second"):
        run(world, "first")
        world.eventually(lambda: is_running(world, "first"), "first runs")
        before = durables(world)
        headers = {
            "Natsq-Origin-Stream": "second",
            "Natsq-Origin-Seq": "7",
            "Natsq-Origin-Time": "1970-01-01T00:00:00.000000009Z",
            "Natsq-Origin-Subject": "second.new",
            "Natsq-Consumer": "processor",
            "Natsq-Deliveries": "2",
            "Natsq-Retries": "0",
            "Natsq-Reason": "exit 1",
            "Natsq-Died-At": "2026-01-02T03:04:05Z",
        }
        world.js.publish_all([("natsq.dead.second.processor.7.9", "body", headers)])
        result = world.run("dlq", DLQ, "second", "hold", "--yes")
        assert result.code == OK and "1 held" in result.text, result.text
        assert waiting(world, "second") == [] and len(held(world, "second")) == 1
        assert durables(world).items() >= before.items() and f"{DECIDE_DURABLE}_second" in durables(world)
