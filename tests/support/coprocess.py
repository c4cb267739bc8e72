"""Coprocess handlers (--keep): how a test writes one in Python, and how its jobs ended."""

import shutil
import sys

import pytest

from support.build import BIN, ROOT
from support.exit_codes import OK
from support.handler_command import Record, dead_letters, work

BEGIN = """
import base64, json, os, signal, sys, time

def note(*words):
    with open(sys.argv[1], "a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def answer(job, verdict="done", **more):
    say(json.dumps({"seq": job["seq"], "verdict": verdict, **more}) + "\\n")

def jobs():
    for line in sys.stdin.buffer:
        job = json.loads(line)
        note(job.get("body", "")[:50].rstrip("\\n"))
        yield job
"""
ONCE = "--max-deliver", "1"


@pytest.fixture
def keep(world):
    """Starts a consumer with a handler: the text of a Python program after BEGIN."""
    record = Record(world)

    def start(program, *options, begin=work, **variables):
        script = world.home / "handler.py"
        script.write_text(BEGIN + program)
        return begin(world, [sys.executable, script, record], "--keep=jsonl", *options, **variables)

    start.record = record
    return start


def wait_until_done(consumer):
    assert consumer.wait() == OK, consumer.text
    return consumer


def dead_jobs(world):
    return {letter.body.rstrip("\n"): (letter.headers["Natsq-Reason"], letter.headers.get("Natsq-Error")) for letter in dead_letters(world)}


def example_handler(name):
    if name == "shell" and not shutil.which("jq"):
        pytest.skip("jq is not installed")
    return {
        "c": (["--keep"], [BIN / "example-handler"]),
        "python": (["--keep=jsonl"], [ROOT / "examples" / "handler.py"]),
        "shell": (["--keep=jsonl"], [ROOT / "examples" / "handler.sh"]),
    }[name]


each_example = pytest.mark.parametrize("name", ["c", "python", "shell"])
