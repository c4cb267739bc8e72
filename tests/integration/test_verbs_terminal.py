"""The verbs of dlq at a terminal: their questions and their progress."""

import json
import os
import pty
import re
import select
import subprocess
import urllib.request

import pytest

from support.build import BIN
from support.dlq_verbs import STREAMS, at_terminal, dlq
from support.environment import environment
from support.exit_codes import OK, TEMPFAIL, USAGE
from support.letters import letter, put, put_many
from support.own_terminal import own_terminal
from support.terminal import on_terminal
from support.world import DLQ, ORIGIN, PROCESSOR

CLEAR = "\r\x1b\\[K"


@pytest.mark.parametrize("answer, left", [(b"y\n", 0), (b"Yes\n", 0), (b"n\n", 3), (b"\n", 3), (b"\x04", 3)])
def test_discard_asks_at_a_terminal(world, answer, left):
    put_many(world, 3)
    code, shown = at_terminal(world, answer, "discard", "1-3")
    assert code == OK and "discard 3 held letters? [y/N]" in shown
    assert ("nothing was changed" in shown) == bool(left)
    assert len(world.held()) == left


def test_import_needs_a_file_at_a_terminal(world, tmp_path):
    put_many(world, 3)
    file = tmp_path / "letters.natsq"
    assert at_terminal(world, b"", "export", str(file))[0] == OK
    for options in [], ["--yes"], ["--dry-run"]:
        code, shown = at_terminal(world, b"", "import", *options)
        assert code == USAGE and "import needs the FILE of an archive" in shown, shown
    code, shown = at_terminal(world, b"n\n", "import", str(file))
    assert code == OK and f"import 3 letters of {file} and hold them? [y/N]" in shown and "3 exit 1\r\noldest death" in shown, shown


def test_a_slow_verb_shows_progress_at_a_terminal(world):
    put_many(world, 30)
    code, shown = at_terminal(world, b"", "retry", "--all", "--yes", "--rate", "15")
    assert code == OK and "30 retried" in shown
    bar = r"[12][0-9] retried \[=+>? *\] [3-9][0-9]%(, 1s to go)?"
    assert re.search(f"{CLEAR}{bar}{CLEAR}", shown), shown  # erased before the next line


def test_progress_names_the_total_that_was_asked_about(world):
    put_many(world, 30)
    code, shown = at_terminal(world, b"y\n", "retry", "--all", "--rate", "12")
    assert code == OK and re.search(rf"{CLEAR}1[0-9] of 30 retried \[=+> *\] [3-6][0-9]%, [12]s to go{CLEAR}", shown), shown


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_a_bar_fits_the_terminal(world, columns):
    put_many(world, 25)
    shown = on_terminal(world, columns, "dlq", *STREAMS, "retry", "--all", "--yes", "--rate", "12")
    bars = [line for line in re.split("\r\x1b\\[K|\r\n", shown.text) if "retried [" in line]
    assert shown.code == OK and bars and all(len(line) < columns for line in bars), shown.text


def test_a_fast_verb_shows_no_progress(world):
    put_many(world, 30)
    code, shown = at_terminal(world, b"", "retry", "--all", "--yes")
    assert code == OK and "30 retried" in shown and not re.search(CLEAR, shown)


def read_terminal(screen, within):
    if not select.select([screen], [], [], within)[0]:
        return b""
    try:
        return os.read(screen, 4096)
    except OSError:
        return b""  # EIO: the other end is closed


def run_with_slow_reader(world, *arguments):
    """Reads stdout slowly until progress is shown. Returns (exit code, what the terminal showed)."""
    screen, terminal = pty.openpty()
    command = [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment(world.home))
    os.close(terminal)
    shown = b""
    with program.stdout as lines:
        while lines.read1(4096):
            shown += read_terminal(screen, 0 if b"\x1b" in shown else 0.02)
    code = program.wait(30)
    while piece := read_terminal(screen, 0):
        shown += piece
    os.close(screen)
    return code, shown.decode()


@pytest.mark.parametrize("verb", [["list"], ["export", "--jsonl"]])
def test_a_verb_that_prints_for_long_shows_progress(world, verb):
    put_many(world, 8_000)
    code, shown = run_with_slow_reader(world, *verb)
    assert code == OK and re.search(f"{CLEAR}[0-9]+ (letters read|exported)", shown), shown


def test_doctor_shows_progress(world):
    """doctor watches for two seconds whether jobs move."""
    world.js.publish("orders.new", "order-0")
    world.js.create_consumer(ORIGIN, **PROCESSOR)
    code, shown = at_terminal(world, b"", "doctor")
    assert code == 2 and re.search(f"{CLEAR}watching for two seconds whether jobs move{CLEAR}", shown), shown


def test_a_sweep_shows_progress(world):
    world.js.publish_all(("orders.new", f"order-{seq}") for seq in range(3_000))
    world.kill_jobs()
    world.js.purge(DLQ)
    code, shown = run_with_slow_reader(world, "sweep", "--sweep-wait", "100ms")
    assert code == OK and re.search(f"{CLEAR}[0-9]+ of 3000 looked at again \\[=+>? *\\] +[0-9]+%", shown), shown


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_a_question_says_what_would_go(world, verb):
    put(world, *(letter(seq, reason=f"exit {seq % 5}") for seq in range(1, 12)), letter(40, reason="hopeless"))
    code, shown = at_terminal(world, b"n\n", verb, "1-40")
    assert code == OK and "3 exit 1, 2 exit 2, 2 exit 3, 5 other\r\noldest death " in shown and ", newest " in shown, shown
    assert shown.index("oldest death ") < shown.index(f"{verb} 12 held letters? [y/N]")
    code, shown = at_terminal(world, b"n\n", verb, "40", "77")
    assert "WARNING: no such held letter in orders_unprocessed: # 77" in shown, shown
    assert "1 hopeless\r\ndied " in shown and f"{verb} 1 held letter? [y/N]" in shown, shown


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_letters_that_arrive_after_the_question_stay(world, verb):
    put_many(world, 3)
    command = [BIN / "dlq", *STREAMS, verb, "--all", "--server", world.server.url]
    with own_terminal(command, environment(world.home)) as terminal:
        terminal.wait_for(f"{verb} 3 held letters? [y/N]")
        put(world, letter(4), letter(5))
        terminal.type("y\n")
        assert terminal.wait() == OK, terminal.shown
    assert [each.headers["Natsq-Origin-Seq"] for each in world.held()] == ["4", "5"]


def requests(world, run):
    """How many requests of the JetStream API it made."""

    def total():
        with urllib.request.urlopen(world.server.monitor_url + "/jsz") as answer:
            return json.load(answer)["api"]["total"]

    before = total()
    code, shown = run()
    assert code == OK and "no held letter matches" in shown and "[y/N]" not in shown, shown
    return total() - before


@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_letters_are_read_once_to_find_that_none_matches(world, verb):
    put_many(world, 3)
    counts = [requests(world, lambda: at_terminal(world, b"", verb, "--reason", "x", *yes)) for yes in ([], ["--yes"])]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("verb", [["retry", "--all"], ["discard", "1"], ["hold"], ["import", "FILE"], ["export", "FILE"]], ids=" ".join)
def test_ctrl_c_at_a_question_ends_at_once(world, tmp_path, verb):
    put_many(world, 3)
    put(world, letter(9, state="dead"))
    file = tmp_path / "letters.natsq"
    assert dlq(world, "export", file).code == OK
    before, content = world.js.last_seq(DLQ), file.read_bytes()
    verb = [str(file) if word == "FILE" else word for word in verb]
    code, shown = at_terminal(world, None, *verb, stop_at="[y/N] ")
    assert code == TEMPFAIL and "^C\r\n" in shown and "stopped before anything was done" in shown, shown
    assert (world.js.last_seq(DLQ), file.read_bytes(), len(world.held())) == (before, content, 3)


@pytest.mark.parametrize("verb", [["sweep", "--sweep-wait", "0"], ["hold"], ["import", "FILE"], ["retry", "--all"], ["discard", "--all"]], ids=" ".join)
def test_each_verb_that_changes_something_takes_yes(world, tmp_path, verb):
    put_many(world, 3)
    file = tmp_path / "letters.natsq"
    assert dlq(world, "export", file).code == OK
    assert dlq(world, *(str(file) if word == "FILE" else word for word in verb), "--yes").code == OK
