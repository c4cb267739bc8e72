"""One DLQ stream for several origins: each has durables of its own, whoever starts, ends and begins again in whatever order."""

import random

import pytest

from support.dlq_verbs import objects
from support.exit_codes import OK
from support.origins import COLLECTS, DECIDES, durables, held, is_running, kill_jobs, origins, run, subjects, waiting
from support.world import DLQ

TWO = "o", "o_1"
FIVE = "o", "o_1", "o_1_2", "letter_handler", "p"  # names that begin alike, and one like a durable's
MANY = pytest.mark.parametrize("names", [TWO, FIVE], ids=["two", "five"])


def assert_all_are_held(world, names, n):
    """Each job of each origin, under its own origin, and none as unreadable."""

    def done():
        return all(len(held(world, name)) == n for name in names)

    world.eventually(done, f"{n} jobs of each origin are held")
    for name in names:
        assert {each.headers["Natsq-Origin-Stream"] for each in held(world, name)} == {name}
        assert all(each.subject.startswith(f"natsq.held.{name}.processor.") for each in held(world, name))
    world.eventually(lambda: world.js.count(DLQ) == n * len(names), "nothing else is left")


def assert_each_has_its_own(world, names):
    found = durables(world)
    filters = sorted(filter_subject for filter_subject, _ in found.values())
    assert filters == sorted(subject for name in names for subject in subjects(name)[:2]), found
    for plain, which in (COLLECTS, 0), (DECIDES, 1):
        theirs = {filter_subject: name for name, (filter_subject, _) in found.items()}
        called = [theirs[subjects(name)[which]] for name in names]
        assert all(each in (plain, f"{plain}_{name}") for each, name in zip(called, names)), called
    return found


@MANY
def test_two_runs_of_each_at_once_on_an_empty_stream(world, names):
    with origins(world, *names):
        runs = [run(world, name) for name in names for _ in range(2)]
        for name in names:
            world.eventually(lambda: is_running(world, name), f"{name} runs")
        before = assert_each_has_its_own(world, names)
        for name in names:
            kill_jobs(world, name, 3)
        assert_all_are_held(world, names, 3)
        assert durables(world) == before, "they were recreated"
        for each in runs:
            assert each.stop() == OK
            assert not each.found("recreat|another filter|unreadable|alive"), each.text


@pytest.mark.parametrize("names, seed", [(TWO, 2), (FIVE, 1)], ids=["two", "five"])
def test_started_and_killed_in_any_order(world, names, seed):
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
        assert_each_has_its_own(world, names)


def test_the_plain_name_changes_hands_while_they_run(world):
    """An operator deletes `letter_handler`, and another origin's run is faster."""
    with origins(world, "first", "second"):
        first = run(world, "first")
        world.eventually(lambda: is_running(world, "first"), "first runs")
        first.signal(19)  # SIGSTOP
        for plain in COLLECTS, DECIDES:
            world.js.delete_consumer(DLQ, plain)
        second = run(world, "second")
        world.eventually(lambda: DECIDES in durables(world) and is_running(world, "second"), "second runs")
        first.signal(18)  # SIGCONT
        for name in "first", "second":
            kill_jobs(world, name, 5)
        assert_all_are_held(world, ["first", "second"], 5)
        found = assert_each_has_its_own(world, ["first", "second"])
        assert found[DECIDES][0] == "natsq.dead.second.>" and found[f"{DECIDES}_first"][0] == "natsq.dead.first.>"
        assert first.found(f"using {DECIDES}_first")
        assert first.stop() == second.stop() == OK


def test_the_plain_name_is_free_again(world):
    """Who has a name of its own keeps it, also where the plain one is free."""
    with origins(world, "first", "second"):
        for name in "first", "second":
            run(world, name)
            world.eventually(lambda: is_running(world, name), f"{name} runs")
        for program in world.programs:
            program.kill()
        for plain in COLLECTS, DECIDES:
            world.js.delete_consumer(DLQ, plain)
        kill_jobs(world, "second", 3)
        run(world, "second")
        assert_all_are_held(world, ["second"], 3)
        assert set(durables(world)) == {f"{COLLECTS}_second", f"{DECIDES}_second"}
        kill_jobs(world, "first", 3)
        run(world, "first")
        assert_all_are_held(world, ["first", "second"], 3)
        assert set(durables(world)) == {COLLECTS, DECIDES, f"{COLLECTS}_second", f"{DECIDES}_second"}


def test_a_durable_of_another_origin_is_not_touched(world):
    """However it is set."""
    with origins(world, "first", "second"):
        made = {"filter_subject": "natsq.dead.first.processor.>", "max_deliver": 7, "description": "mine"}
        world.js.create_consumer(DLQ, durable_name=DECIDES, **made)
        before = world.js.consumer(DLQ, DECIDES)
        kill_jobs(world, "second", 2)
        run(world, "second")
        assert_all_are_held(world, ["second"], 2)
        after = world.js.consumer(DLQ, DECIDES)
        assert (after["config"], after["created"]) == (before["config"], before["created"])
        assert set(durables(world)) == {COLLECTS, DECIDES, f"{DECIDES}_second"}


def test_neither_name_is_free(world):
    with origins(world, "first", "second"):
        for name, filter_subject in (DECIDES, "natsq.dead.first.>"), (f"{DECIDES}_second", "natsq.held.first.>"):
            world.js.create_consumer(DLQ, durable_name=name, filter_subject=filter_subject)
        before = durables(world)
        told = world.run("dlq", DLQ, "second")
        assert told.code == 78 and f"{DECIDES}_second" in told.text and "nats consumer rm" in told.text, told.text
        assert durables(world).items() >= before.items()


def test_each_verb_is_about_its_origin(world):
    with origins(world, "first", "second"):
        for name in "first", "second":
            kill_jobs(world, name, 3)
            running = run(world, name)
            world.eventually(lambda: len(held(world, name)) == 3, "they are held")
            assert running.stop() == OK
        for name, letters in ("first", DECIDES), ("second", f"{DECIDES}_second"):
            listed = objects(world.run("dlq", DLQ, name, "list", "--json"))
            assert [each["subject"] for each in listed] == [f"{name}.new"] * 3
            told = world.run("dlq", DLQ, name, "doctor", "--json")
            said = [each["text"] for each in objects(told) if each["check"] == "handlers"]
            assert f"{letters} is as it should be" in said and len(said) == 2, said
        assert world.run("dlq", DLQ, "second", "discard", "--all", "--yes").code == OK
        assert held(world, "second") == [] and len(held(world, "first")) == 3
        kill_jobs(world, "second", 2)
        for name, n in ("first", 0), ("second", 2):
            found = objects(world.run("dlq", DLQ, name, "doctor", "--json"))
            [said] = [each["text"] for each in found if each["check"] == "waiting"]
            assert said.startswith(f"{n} advisories and letters wait"), said
        assert world.run("dlq", DLQ, "first", "hold", "--yes").code == OK
        assert len(held(world, "first")) == 3 and held(world, "second") == []


def test_without_letters_each_job_goes_straight_back(world):
    """A DLQ stream that takes the advisories alone."""
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
        assert set(durables(world)) in ({COLLECTS, f"{COLLECTS}_second"}, {COLLECTS, f"{COLLECTS}_first"})
        for each in runs:
            assert each.stop() == OK, each.text
        for each in runs:  # what adds its letters takes nothing away from the other
            [command] = each.found("to add them: nats stream edit .*")
            assert all(f"'{subjects(name)[0]}'" in command for name in ("first", "second")), command


def test_hold_of_one_beside_a_run_of_another(world):
    """Whoever comes first has the plain name; `hold` makes its durable as `run` does."""
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
        told = world.run("dlq", DLQ, "second", "hold", "--yes")
        assert told.code == OK and "1 held" in told.text, told.text
        assert waiting(world, "second") == [] and len(held(world, "second")) == 1
        assert durables(world).items() >= before.items() and f"{DECIDES}_second" in durables(world)
