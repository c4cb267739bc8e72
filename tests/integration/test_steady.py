"""Every verb of `dlq` while jobs keep dying and two runs decide them: none waits for the system to become idle."""

import contextlib
import itertools
import threading

import pytest

from support.dlq_verbs import dlq
from support.exit_codes import OK, TEMPFAIL
from support.letters import letter, put, put_many
from support.world import DLQ, ORIGIN

DOCTOR = 0, 1, 2
SECONDS = 20  # for what takes one to three on an idle machine


@contextlib.contextmanager
def steady_deaths(world, state="dead"):
    """Some 400 letters a second arrive from before the block begins until it ends."""
    over, began = threading.Event(), threading.Event()
    numbers = itertools.count(100_000)

    def run():
        while not over.wait(0.05):
            put(world, *(letter(next(numbers), "dies", state=state) for _ in range(20)))
            began.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert began.wait(SECONDS)
        yield
        assert thread.is_alive(), "no more letters arrived"
    finally:
        over.set()
        thread.join()


def start_two_runs(world):
    return [world.dlq("--retries", "0", "--sweep-every", "1s", "--sweep-wait", "200ms") for _ in range(2)]


VERBS = {
    "list": (["list", "--json"], [OK]),
    "show": (["show", "--all", "--json"], [OK]),
    "stats": (["stats"], [OK]),
    "retry": (["retry", "--all", "--yes", "--rate", "150"], [OK]),
    "discard": (["discard", "--all", "--yes", "--json"], [OK]),
    "export": (["export", "FILE"], [OK]),
    "import": (["import", "FILE", "--yes"], [OK]),
    "hold": (["hold", "--yes"], [OK, TEMPFAIL]),
    "hold --dry-run": (["hold", "--dry-run"], [OK]),
    "sweep": (["sweep", "--sweep-wait", "500ms"], [OK]),
    "doctor": (["doctor"], DOCTOR),
}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_ends_beside_steady_deaths_and_two_runs(world, tmp_path, name):
    arguments, codes = VERBS[name]
    arguments = [str(tmp_path / "letters") if word == "FILE" else word for word in arguments]
    put_many(world, 100)
    if name == "import":
        assert dlq(world, "export", arguments[1]).code == OK
    runs = start_two_runs(world)
    with steady_deaths(world):
        world.eventually(lambda: world.js.consumers(DLQ), "the runs began")
        result = dlq(world, *arguments, within=SECONDS)
        assert result.code in codes, result.text
        assert all(run.running for run in runs)
    if name in ("list", "show"):
        assert len(result.out) >= 100
    for run in runs:
        assert run.stop() == OK


@pytest.mark.parametrize("name", ["list", "retry", "discard", "export", "stats"])
def test_every_verb_ends_beside_letters_that_are_steadily_held(world, tmp_path, name):
    """New letters arrive as fast as the verb acts."""
    arguments, codes = VERBS[name]
    arguments = [str(tmp_path / "letters") if word == "FILE" else word for word in arguments]
    put_many(world, 50)
    with steady_deaths(world, state="held"):
        result = dlq(world, *arguments, within=SECONDS)
        assert result.code in codes, result.text


def test_hold_takes_the_letters_that_wait_when_it_begins(world):
    """Letters that arrive later are left for `run`, which receives them immediately."""
    put_many(world, 200, state="dead")
    with steady_deaths(world):
        result = dlq(world, "hold", "--yes", "--json", within=SECONDS)
        assert result.code == OK, result.text
        world.eventually(lambda: world.js.messages(DLQ, f"natsq.dead.{ORIGIN}."), "more letters arrived")
    held = {int(each.headers["Natsq-Origin-Seq"]) for each in world.held()}
    assert held >= set(range(1, 201))
    assert all(each.headers["Natsq-Retries"] == "1" for each in world.held())
    world.dlq("--retries", "9")
    world.eventually(lambda: world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.") == [], "run decides the others")
