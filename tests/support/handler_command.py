"""Commands as handlers of jobs: how a test starts a program with one, and what the handlers recorded.

    record = Record(world)
    worker = work(world, sh('cat >>"$1"; echo >>"$1"', record), "--count", "3")
"""

import os
from pathlib import Path

from support.exit_codes import OK
from support.world import DLQ, ORIGIN

NOTE = 'read -r body; echo "$body" >>"$1"'
PATIENT = "--backoff", "1m", "--max-deliver", "9"  # no job is redelivered during a test


def sh(script, *arguments):
    """A command: the shell with a script; the arguments are its $1, $2, …"""
    return ["sh", "-c", script, "sh", *arguments]


def work(world, command, *options, filters=("orders.*",), **variables):
    return start(world, "consumer", [ORIGIN, *filters, *options], command, variables)


def run_once(world, command, *options, **variables):
    """Runs one job in its only attempt."""
    worker = work(world, command, "--count", "1", "--max-deliver", "1", *options, **variables)
    assert worker.wait() == OK, worker.text
    return worker


def decide(world, command, *options, **variables):
    return start(world, "dlq", [DLQ, ORIGIN, *options], command, variables)


def start(world, program, arguments, command, variables):
    arguments = [*arguments, "--server", world.server.url, "--", *command]
    return world.start(program, *arguments, server=False, **variables)


def publish(world, count, word="order", subject="orders.new"):
    """Stores jobs whose bodies end with a newline, for `read` in a shell; returns the bodies without it."""
    world.js.publish_all((subject, f"{word}-{i}\n") for i in range(count))
    return {f"{word}-{i}" for i in range(count)}


class Record:
    """A file to which handlers append; its name is one of their arguments."""

    def __init__(self, world, name="record"):
        self.path = Path(world.home) / name

    def __str__(self):
        return str(self.path)

    @property
    def lines(self):
        return self.path.read_text().splitlines() if self.path.exists() else []


class Gate(Record):
    """Handlers that run WAIT with its name as $1 record their job and wait until the gate is opened."""

    WAIT = 'echo "$NATSQ_SEQ $NATSQ_DELIVERY" >>"$1"; until [ -e "$1.open" ]; do sleep 0.02; done'

    def open(self):
        Path(f"{self.path}.open").touch()


def start_waiting(world, gate, *options, jobs=1):
    """A worker whose handlers wait at the gate."""
    before = len(gate.lines)
    worker = work(world, sh(Gate.WAIT, gate), "-j", jobs, *options)
    world.eventually(lambda: len(gate.lines) == before + jobs, "the handlers run")
    return worker


def is_alive(pid):
    """A zombie does not count: its parent may reap it later."""
    try:
        return Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descriptors(pid):
    return os.listdir(f"/proc/{pid}/fd")


def dead_letters(world):
    return world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")
