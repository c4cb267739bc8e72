"""`dlq … watch` at a terminal: what it shows, and that the terminal is as before when it ends, however it ends."""

import re
import signal

import pytest

from support.exit_codes import OK
from support.letters import letter, put
from support.screen import ENTERED, LEFT, Screen
from support.world import ORIGIN, PROCESSOR, own_world

EVERY = ["watch", "--every", "100ms"]


def test_jobs_that_flow_and_die_at_60_by_20(world):
    with Screen(world, *EVERY, columns=60, lines=20) as screen:
        screen.wait_for("no consumer: 0 jobs pending")
        world.start("publisher", "orders.new", "--count", "100000", "--interval", "10ms")
        consumer = world.consumer("--fail-rate", "0.5", "--backoff", "100ms")
        screen.wait_for("failed at random (--fail-rate)")
        screen.wait_for(lambda: "█" in (screen.line("done") or ""), "jobs are done")
        screen.wait_for(lambda: "█" in (screen.line("dead") or ""), "jobs die")
        assert screen.frame()[0] == "orders_stream (dead letters: orders_unprocessed)     q: quit"
        consumer.kill()
        screen.wait_for(lambda: re.search(" (no worker|busy or gone)$", screen.line("processor") or ""), "no worker asks")
        frame = screen.frame()
        assert len(frame) <= 20 and max(map(len, frame)) <= 60, frame
        screen.type("q")
        assert screen.wait() == OK and screen.is_restored()


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_each_width(world, columns):
    put(world, letter(1, Natsq_Error="e" * 300))
    world.js.create_consumer(ORIGIN, **PROCESSOR)
    with Screen(world, *EVERY, columns=columns, lines=20) as screen:
        screen.wait_for("e" * (columns - 11))
        widths = [len(line) for line in screen.frame()]
        assert max(widths) == columns and len(widths) <= 20
        assert ("REDELIV." in screen.line("CONSUMER")) == (columns >= 100)


def test_a_window_that_is_resized_is_drawn_again(world):
    """At once, although the next look is an hour away."""
    with Screen(world, "watch", "--every", "1h", columns=60, lines=20) as screen:
        screen.wait_for(lambda: "letters" in screen.text, "the first frame")
        screen.resize(100, 30)
        screen.wait_for(lambda: "every 1h  q: quit" in screen.text, "the frame of 100 columns")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_the_terminal_as_it_was(world, number):
    with Screen(world, *EVERY) as screen:
        screen.wait_for("letters")
        screen.signal(number)
        assert screen.wait() == OK and screen.is_restored()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT, signal.SIGHUP])
def test_a_crash_leaves_the_terminal_as_it_was(world, number):
    with Screen(world, *EVERY) as screen:
        screen.wait_for("letters")
        screen.signal(number)
        assert screen.wait() == -number and screen.is_restored()


def test_ctrl_z_lends_the_terminal_to_the_shell(world):
    with Screen(world, *EVERY) as screen:
        screen.wait_for("letters")
        screen.signal(signal.SIGTSTP)
        assert screen.is_restored()
        screen.signal(signal.SIGCONT)
        screen.wait_for(lambda: screen.text.count(ENTERED) == 2, "it draws again")
        screen.type("q")
        assert screen.wait() == OK and screen.is_restored()


def test_a_server_that_is_away_and_back(tmp_path):
    """What was logged meanwhile is shown when the terminal is as before."""
    with own_world(tmp_path) as world, Screen(world, *EVERY) as screen:
        screen.wait_for("letters")
        world.server.kill()
        screen.wait_for("no answer for ")
        assert screen.line("letters"), "the last numbers stay"
        world.server.restart()
        screen.wait_for(lambda: screen.line("letters") and not screen.line("no answer"), "numbers again")
        screen.type("q")
        assert screen.wait() == OK and screen.is_restored()
        assert "disconnected" not in screen.text.partition(LEFT)[0]
        screen.wait_for(lambda: "disconnected" in screen.text.partition(LEFT)[2], "the log")


def test_colour(world):
    put(world, letter(1, state="dead"))
    for variables, has_colour in ({}, True), ({"NO_COLOR": "1"}, False):
        with Screen(world, *EVERY, **variables) as screen:
            screen.wait_for("no dlq run")
            assert ("\x1b[33mletters" in screen.text) == has_colour
            assert bool(re.search(r"\x1b\[[0-9;]+m", screen.text)) == has_colour


def test_a_locale_without_utf8(world):
    with Screen(world, *EVERY, LC_ALL="C") as screen:
        screen.wait_for(lambda: "__" in (screen.line("done") or ""), "a line of ASCII")
        assert screen.text.isascii()


@pytest.mark.parametrize("how", [{"TERM": "dumb"}, {"json": True}])
def test_lines_where_nothing_can_be_drawn(world, how):
    options = ["--json"] if how.pop("json", False) else []
    with Screen(world, *EVERY, *options, **how) as screen:
        screen.wait_for(lambda: len(re.findall("origin_bytes", screen.text)) >= 2, "two lines")
        assert "\x1b" not in screen.text
        screen.signal(signal.SIGTERM)
        assert screen.wait() == OK
