"""scripts/demo: its table, its check of the bodies, and that it leaves nothing behind in any case."""

import fcntl
import os
import pty
import re
import subprocess
import termios
from pathlib import Path

import pytest

BIN = Path(os.environ["NATSQ_BIN"])
DEMO = Path(os.environ["NATSQ_ROOT"]) / "scripts" / "demo"
ESCAPE = "\x1b"


class Demo:
    """A running demo, in a session of its own by which the processes that it starts are found."""

    def __init__(self, folder, *options, terminal=False, **environment):
        self.folder = folder
        theirs = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        environment = {**theirs, "TMPDIR": str(folder), "TERM": "xterm", **environment}
        self.ours, output = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [DEMO, "--bin", BIN, *options],
            stdin=output if terminal else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if terminal else None,
        )
        os.close(output)
        self.output = ""

    def read(self):
        """Returns the next output, empty at the end."""
        try:
            more = os.read(self.ours, 65536).decode()
        except OSError:  # a terminal that no process has open
            more = ""
        self.output += more
        return more

    def read_until(self, text):
        while text not in self.output:
            assert self.read(), f"'{text}' was not printed:\n{self.output}"

    def type(self, characters):
        os.write(self.ours, characters)

    def end(self):
        """Reads the rest of the output; returns the exit code."""
        while self.read():
            pass
        os.close(self.ours)
        return self.process.wait(timeout=10)

    def left_behind(self):
        session = str(self.process.pid)
        processes = [folder for folder in Path("/proc").glob("[0-9]*") if runs_in_session(folder, session)]
        return [*map(str, processes), *map(str, self.folder.iterdir())]


def runs_in_session(process, session):
    try:
        state, _, _, its_session, *_ = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has just gone
        return False
    return its_session == session and state != "Z"


def programs_with(folder, name, script):
    """A folder with the programs, one of them replaced by a script."""
    programs = folder / "programs"
    programs.mkdir()
    for program in "publisher", "consumer", "dlq":
        (programs / program).symlink_to(BIN / program)
    (programs / name).unlink()
    (programs / name).write_text(f"#!/bin/sh\n{script}\n")
    (programs / name).chmod(0o755)
    return programs


def table_of(output):
    return {name: int(number) for name, number in re.findall(r"^  (\S.*?) +(\d+)\b", output, re.M)}


@pytest.fixture
def temporary(tmp_path):
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def test_the_table_accounts_for_every_job(temporary):
    demo = Demo(temporary, "--seconds", "3", NATS_URL="nats://127.0.0.1:1", NATS_CREDS="/there/is/none")
    assert demo.end() == 0, demo.output
    table = table_of(demo.output)
    assert table["published"] == 9
    assert table["done"] + table["held"] == 9
    assert table["died"] == table["put back"] + table["held"]
    assert table["left in orders_stream"] == 0
    assert table["left in orders_unprocessed"] == table["held"]
    assert ESCAPE not in demo.output
    assert re.search(r"^publisher   \d\d:\d\d:\d\d\.\d{3}Z published order no\. 8$", demo.output, re.M)
    assert demo.left_behind() == []


def test_ctrl_c_leaves_nothing_behind(temporary):
    demo = Demo(temporary, terminal=True)
    demo.read_until("from stream sequence")
    demo.type(b"\x03")
    assert demo.end() == 130
    assert f"{ESCAPE}[3" in demo.output
    assert demo.left_behind() == []


def test_term_leaves_nothing_behind(temporary):
    demo = Demo(temporary, terminal=True, NO_COLOR="1")
    demo.read_until("from stream sequence")
    demo.process.terminate()
    assert demo.end() == 143
    assert ESCAPE not in demo.output
    assert demo.left_behind() == []


def test_a_reader_that_goes_away_leaves_nothing_behind(temporary):
    demo = Demo(temporary, "--seconds", "1")
    demo.read_until("published order")
    os.close(demo.ours)
    assert demo.process.wait(timeout=30) != 0
    assert demo.left_behind() == []


def test_a_lost_job_is_named(temporary, tmp_path):
    lie = f"echo 2026-01-01T00:00:00.000Z published order no. 77 >&2; exec {BIN / 'publisher'} \"$@\""
    demo = Demo(temporary, "--seconds", "1", "--bin", programs_with(tmp_path, "publisher", lie))
    assert demo.end() == 1
    assert "LOST, neither done nor held: order-77" in demo.output
    assert demo.left_behind() == []


@pytest.mark.parametrize("name, shown", [("publisher", "publisher"), ("consumer", "consumer-[12]"), ("dlq", "dlq")])
def test_a_program_that_fails_is_named(temporary, tmp_path, name, shown):
    demo = Demo(temporary, "--bin", programs_with(tmp_path, name, "exit 3"))
    assert demo.end() == 1
    assert re.search(f"demo: {shown} ended with exit code 3", demo.output)
    assert demo.left_behind() == []


@pytest.mark.parametrize(
    "arguments", [["--seconds"], ["--seconds", "0"], ["--seconds", "1h"], ["--seconds=3601"], ["--fast"], ["orders.new"]]
)
def test_a_usage_error_is_one_line(temporary, arguments):
    demo = Demo(temporary, *arguments)
    assert demo.end() == 64
    assert len(demo.output.splitlines()) == 1
    assert demo.left_behind() == []


def test_help_shows_the_usage(temporary):
    demo = Demo(temporary, "--help")
    assert demo.end() == 0
    assert demo.output.startswith("Usage: scripts/demo ")
