"""The speed of publisher, and the progress it shows."""

import json
import os
import pty
import re
import subprocess

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import OK
from support.publisher import write
from support.world import ORIGIN


# ---- --rate


def test_the_rate_is_even(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(300))
    assert world.run("publisher", "orders.new", "--lines", jobs, "--rate", "200").code == OK
    times = [message.ns for message in world.js.messages(ORIGIN)]
    assert 1.4 < (times[-1] - times[0]) / 1e9 < 3
    tenths = [sum(1 for t in times if lo <= (t - times[0]) / 1e8 < lo + 1) for lo in range(14)]
    assert max(tenths) <= 30, tenths


def test_a_high_rate_is_reached(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(20_000))
    publisher = world.run("publisher", "orders.new", "--lines", jobs, "--rate", "10000")
    assert publisher.code == OK and 1.9 < publisher.seconds


# ---- --window 1


def test_window_1_keeps_the_order_across_a_full_stream(world, tmp_path):
    world.js.create_stream(
        {"name": "small", "subjects": ["small.*"], "storage": "file", "discard": "new", "max_msgs": 10, "retention": "workqueue"}
    )
    try:
        jobs = [f"job {i}" for i in range(30)]
        options = "--lines", write(tmp_path / "jobs", jobs), "--window", "1"
        publisher = world.start("publisher", "small.new", *options)
        publisher.wait_for("the stream is full: waiting for room$")
        seen = []
        while publisher.running or world.js.count("small"):
            for message in world.js.messages("small"):
                seen.append(message.body)
                world.js.purge("small", seq=message.seq + 1)
        assert publisher.wait() == OK
        assert seen == jobs
    finally:
        world.js.delete_stream("small")


# ---- --progress


def in_a_terminal(world, *arguments):
    """Returns what the terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BIN / "publisher", "orders.new", *map(str, arguments), "--server", world.server.url],
        env=environment(world.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        shown += piece
        if not piece:
            break
    os.close(master)
    assert process.wait(30) == OK, shown
    return shown.decode()


@pytest.mark.parametrize(
    "option, prompt, typed, expected",
    [
        ("--lines", "type jobs, one a line; Ctrl-D ends", b"a\nb\n\x04", ["a", "b"]),
        ("--each-file", "type one job, of any number of lines; Ctrl-D ends it", b"a\nb\n\x04", ["a\nb\n"]),
        ("--null", "type jobs, each terminated by a NUL (Ctrl-@); Ctrl-D ends the input", b"a\0b\n\x04", ["a", "b\n"]),
    ],
)
def test_jobs_can_be_typed_at_a_terminal(world, option, prompt, typed, expected):
    master, slave = pty.openpty()
    command = [BIN / "publisher", "orders.new", option, "--server", world.server.url]
    process = subprocess.Popen(command, env=environment(world.home), stdin=slave, stderr=subprocess.PIPE, text=True)
    os.close(slave)
    with process.stderr:
        assert "connected to" in process.stderr.readline()
        assert prompt in process.stderr.readline()
        os.write(master, typed)
        rest = process.stderr.read()
    assert process.wait(30) == OK, rest
    os.close(master)
    assert [message.body for message in world.js.messages(ORIGIN)] == expected


def test_progress_is_a_bar_at_a_terminal(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(1000))
    shown = in_a_terminal(world, "--lines", jobs, "--rate", "1000")
    assert re.search(r"\[#+ *\] \d+ confirmed, \d+ in flight, \d+ jobs/s, \d+ %(, \d+s left)?\x1b\[K", shown), shown
    assert re.search(r"\x1b\[K[-0-9T:.]+Z confirmed 1000, ", shown), shown


def test_no_bar_is_shown_when_unwanted_or_useless(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(500))
    for options in ("--progress", "never"), ("--log-format", "json"):
        assert "\x1b" not in in_a_terminal(world, "--lines", jobs, "--rate", "1000", *options)
    assert " in flight" not in in_a_terminal(world, "--count", "3", "--interval", "300ms")


def test_the_summary_has_its_numbers_as_json(world):
    options = "--count", "3", "--interval", "0s", "--id-prefix", "p", "--log-format", "json"
    for duplicates in 0, 3:
        summary = json.loads(world.run("publisher", "orders.new", *options).lines[-1])
        assert (summary["confirmed"], summary["duplicates"], summary["failed"]) == (3, duplicates, 0) and summary["ms"] >= 0


def test_progress_is_a_line_in_a_log(world):
    publisher = world.start("publisher", "orders.new", "--progress", "always", "--count", "100", "--interval", "500ms")
    publisher.wait_for(r"Z \d+ confirmed, \d in flight, \d\.\d jobs/s, \d+ %, \d+s left$")
    publisher.stop()
