"""A healthy world for `dlq doctor`, changes to it, and what doctor then reports."""

import json
import shlex

import pytest

from support.exit_codes import OK
from support.jetstream import SECOND
from support.natscli import natscli
from support.program import Program
from support.world import ADVISORIES, DLQ, ORIGIN, PROCESSOR

GOOD, WARNING, CRITICAL = 0, 1, 2
HANDLERS = {
    "unprocessed_order_handler": f"{ADVISORIES}.*",
    "letter_handler": f"natsq.dead.{ORIGIN}.>",
}
CHECKS = {
    "jetstream",
    "version",
    "clock",
    "disk",
    "permissions",
    "origin",
    "dlq",
    "subjects",
    "replicas",
    "room",
    "consumers",
    "filters",
    "handlers",
    "history",
    "stalled",
    "backlog",
    "unnoticed",
    "waiting",
    "held",
    "unseen",
}


@pytest.fixture
def healthy(world):
    """A world with every stream and durable, and no jobs: each check is good."""
    make_worker(world)
    for name in HANDLERS:
        make_handler(world, name)
    return world


def make_worker(world, **changes):
    return world.js.create_consumer(ORIGIN, **{**PROCESSOR, "backoff": [5 * SECOND], **changes})


def make_handler(world, name, **changes):
    config = {"durable_name": name, "filter_subject": HANDLERS[name], "max_deliver": -1, "backoff": [15 * SECOND], **changes}
    return world.js.create_consumer(DLQ, **config)


def update(world, stream, **changes):
    world.js.api(f"STREAM.UPDATE.{stream}", {**world.js.stream(stream)["config"], **changes})


def recreate_stream(world, stream, **changes):
    config = {**world.js.stream(stream)["config"], **changes}
    world.js.delete_stream(stream)
    world.js.create_stream(config)


def doctor(world, *options, **how):
    """The rows that doctor prints, the worst first; its exit code is that of the worst."""
    done = world.run("dlq", DLQ, ORIGIN, "doctor", "--json", *options, **how)
    rows = [json.loads(line) for line in done.out]
    assert done.lines == [], done.text
    ranks = [["good", "warning", "critical"].index(row["health"]) for row in rows]
    assert done.code == max(ranks) == ranks[0] and ranks == sorted(ranks, reverse=True)
    return rows


def not_good(rows):
    return {(row["check"], row["health"]) for row in rows if row["health"] != "good"}


def worst(rows, check):
    """The first row of a check, which is its worst."""
    return next(row for row in rows if row["check"] == check)


def only_finding(world, check, health, *options):
    """Asserts that the check has this health and every other one is good; returns its row."""
    rows = doctor(world, *options)
    assert not_good(rows) == {(check, health)}, rows
    return worst(rows, check)


def run_advice(world, command):
    """Runs the natscli command that a program advises."""
    words = shlex.split(command)
    assert words[0] == "nats"
    natscli(world.home, "--server", world.server.url, *words[1:])


def paste(world, row, **replaced):
    """Runs the command that doctor advises in a shell, as an operator would paste it, with COMMAND and other words in
    capitals replaced; returns the running process."""
    command = row["command"]
    for word, text in replaced.items():
        assert word in command.split(), command
        command = command.replace(f" {word}", f" {text}")
    world.programs.append(Program("sh", ["-c", f"exec {command}"], world.home, at="/bin/sh"))
    return world.programs[-1]


def carry_out(world, row, **replaced):
    """Pastes the command, and waits for its end, which is good."""
    pasted = paste(world, row, **replaced)
    assert pasted.wait() == OK, (row, pasted.text, pasted.out)
    return pasted
