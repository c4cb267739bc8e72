"""Command handlers: the body they get, how they end, what they print. Nothing that they do stops the worker."""

import os
import signal
import sys

import pytest

from support.exit_codes import CONFIG, OK
from support.handler_command import PATIENT, Record, dead_letters, is_alive, run_once, sh, work
from support.world import DLQ, ORIGIN

MIB = 2**20


def publish(world, body="order-0"):
    world.js.publish("orders.new", body)


def only_letter(world):
    [letter] = dead_letters(world)
    assert world.js.count(ORIGIN) == 0
    return letter


# ---------------------------------------------------------------- the body


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, MIB - 200])
def test_the_body_arrives_on_stdin(world, size):
    body = bytes(i * 7 % 256 for i in range(251)) * (size // 251 + 1)
    publish(world, body[:size])
    got = Record(world)
    run_once(world, sh('cat >"$1"', got))
    assert got.path.read_bytes() == body[:size]
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


@pytest.mark.parametrize("script", ["exit 0", "exec <&-; exit 0", "head -c 1", "exec <&-; sleep 0.1"])
def test_the_body_may_be_ignored(world, script):
    publish(world, b"x" * (MIB - 200))
    run_once(world, sh(script))
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


# ---------------------------------------------------------------- how it ends

ENDS = [
    ("exit 255", "exit 255"),
    ("exit 1", "exit 1"),
    ("exit 65", "hopeless"),
    ("kill -KILL $$", "signal 9"),
    ("kill -TERM $$", "signal 15"),
    ("kill -SEGV $$", "signal 11"),
]


@pytest.mark.parametrize("script,reason", ENDS, ids=[reason for _, reason in ENDS])
def test_the_way_a_handler_ends_is_the_reason(world, script, reason):
    publish(world)
    run_once(world, sh(script))
    assert only_letter(world).headers["Natsq-Reason"] == reason


def test_a_hopeless_job_has_no_second_attempt(world):
    publish(world)
    work(world, sh("exit 65"), "--max-deliver", "9")
    world.eventually(lambda: dead_letters(world) and world.js.count(ORIGIN) == 0, "it is dead-lettered")
    assert only_letter(world).headers["Natsq-Deliveries"] == "1"


IGNORES_SIGTERM = 'trap "" TERM; sleep 1000 & echo $$ $! >"$1"; wait; sleep 1000'


def test_a_handler_that_ignores_sigterm_is_killed_with_its_group(world):
    publish(world)
    pids = Record(world)
    run_once(world, sh(IGNORES_SIGTERM, pids), "--job-timeout", "300ms", "--kill-after", "200ms")
    letter = only_letter(world)
    assert letter.headers["Natsq-Reason"] == "timeout 300ms"
    handler, child = pids.lines[0].split()
    world.eventually(lambda: not is_alive(handler) and not is_alive(child), "both are gone")


def test_a_timeout_sends_sigterm_first(world):
    publish(world)
    script = 'trap "echo cleaned up >&2; exit 3" TERM; sleep 1000 & echo $! >"$1"; wait'
    pids = Record(world)
    worker = run_once(world, sh(script, pids), "--job-timeout", "300ms", "--kill-after", "10m")
    letter = only_letter(world)
    assert (letter.headers["Natsq-Reason"], letter.headers["Natsq-Error"]) == ("timeout 300ms", "cleaned up")
    assert worker.found("error processing # 1: timeout 300ms$")
    world.eventually(lambda: not is_alive(pids.lines[0]), "its child got the signal too")


def test_no_process_of_its_group_outlives_a_timeout(world):
    publish(world)
    pid = Record(world)
    script = '(trap "" TERM; while :; do sleep 0.1; done) & echo $! >"$1"; wait'
    run_once(world, sh(script, pid), "--job-timeout", "300ms", "--kill-after", "10m")
    world.eventually(lambda: not is_alive(pid.lines[0]), "the child that ignores SIGTERM is gone")


LEAVES_ITS_GROUP = """
import os, signal, sys, time
{how}
signal.signal(signal.SIGTERM, {on_term})
print(os.getpid(), file=open(sys.argv[1], "w"), flush=True)
while True:
    time.sleep(0.1)
"""
# A group leader cannot create a session: it joins our group first.
WAYS_TO_LEAVE = {
    "to our group": "os.setpgid(0, os.getpgid(os.getppid()))",
    "to a session of its own": "os.setpgid(0, os.getpgid(os.getppid())); os.setsid()",
}
each_way_to_leave = pytest.mark.parametrize("how", WAYS_TO_LEAVE)


def handler_that_leaves(how, pid, on_term="signal.SIG_DFL"):
    return [sys.executable, "-c", LEAVES_ITS_GROUP.format(how=WAYS_TO_LEAVE[how], on_term=on_term), pid]


@each_way_to_leave
@pytest.mark.parametrize("on_term, kill_after", [("signal.SIG_DFL", "10m"), ("signal.SIG_IGN", "200ms")], ids=["SIGTERM", "SIGKILL"])
def test_a_timeout_ends_a_handler_that_left_its_group(world, how, on_term, kill_after):
    publish(world)
    pid = Record(world)
    run_once(world, handler_that_leaves(how, pid, on_term), "--job-timeout", "500ms", "--kill-after", kill_after)
    assert only_letter(world).headers["Natsq-Reason"] == "timeout 500ms"
    assert not any(map(is_alive, pid.lines))


@each_way_to_leave
def test_a_stop_ends_a_handler_that_left_its_group(world, how):
    publish(world)
    pid = Record(world)
    worker = work(world, handler_that_leaves(how, pid), *PATIENT, "--grace", "200ms", "--kill-after", "10m")
    world.eventually(lambda: pid.lines, "it runs")
    assert worker.stop() == OK
    assert not is_alive(pid.lines[0]) and worker.found("# 1 is cut off by the stop$")


def test_a_handler_that_stays_in_its_group_gets_one_sigterm(world):
    publish(world)
    got = Record(world)
    script = 'trap "echo term >>$1" TERM; for i in 1 2 3 4 5 6; do sleep 0.1 & wait; done; sleep 0.5; exit 0'
    run_once(world, sh(script, got), "--job-timeout", "200ms", "--kill-after", "10m")
    assert got.lines == ["term"]


def test_exit_0_after_sigterm_counts_as_done(world):
    publish(world)
    run_once(world, sh('trap "exit 0" TERM; sleep 1000 & wait'), "--job-timeout", "300ms")
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


def test_a_daemon_left_behind_does_not_delay_the_job(world):
    """It keeps stderr open; the job is settled when the handler ends."""
    publish(world)
    daemon = Record(world)
    worker = work(world, sh('sleep 1000 >/dev/null & echo $! >"$1"; echo started >&2; exit 7', daemon), "--max-deliver", "1")
    try:
        world.eventually(lambda: dead_letters(world) and world.js.count(ORIGIN) == 0, "it is settled")
        assert only_letter(world).headers["Natsq-Error"] == "started"
        assert worker.stop() == OK
        assert is_alive(daemon.lines[0])
    finally:
        os.kill(int(daemon.lines[0]), signal.SIGKILL)


def test_100_mb_on_stderr_are_passed_on(world):
    publish(world)
    script = "yes $(printf %01999d 0) | head -c 100000000 >&2; echo the end >&2; exit 1"
    worker = run_once(world, sh(script))
    assert only_letter(world).headers["Natsq-Error"] == "the end"
    assert len(worker.found(r"^\[1\] 0{1999}$")) == 50_000


def test_the_handler_dies_with_the_consumer(world):
    publish(world)
    pid = Record(world)
    worker = work(world, sh('trap "" TERM HUP INT; echo $$ >"$1"; while :; do sleep 0.1; done', pid))
    world.eventually(lambda: pid.lines, "it runs")
    worker.kill()
    world.eventually(lambda: not is_alive(pid.lines[0]), "it died too")


# ---------------------------------------------------------------- what cannot be run


def not_executable(folder, text="#!/bin/sh\n"):
    file = folder / "handler"
    file.write_text(text)
    return file


def script(first_line):
    return lambda folder: executable(folder, first_line)


def executable(folder, text):
    file = not_executable(folder, text)
    file.chmod(0o755)
    return file


UNUSABLE_COMMANDS = {
    "missing": (lambda folder: folder / "handler", "No such file"),
    "not in PATH": (lambda folder: "no-such-handler", "not found in PATH"),
    "not executable": (not_executable, "chmod +x"),
    "a folder": (lambda folder: folder, "not executable"),
    "empty": (script(""), "empty file"),
    "CRLF": (script("#!/bin/sh\r\nexit 0\r\n"), "CRLF line ends"),
    "CRLF behind env": (script("#!/usr/bin/env sh\r\nexit 0\r\n"), "CRLF line ends"),
    "no interpreter line": (script("echo done\nexit 0\n"), "without an interpreter line"),
    "an empty interpreter line": (script("#! \nexit 0\n"), "no interpreter"),
    "a byte order mark": (script("\ufeff#!/bin/sh\nexit 0\n"), "byte order mark"),
    "no interpreter": (script("#!/no/such/sh -e\n"), "'/no/such/sh'"),
}


@pytest.mark.parametrize("keep", [[], ["--keep"]], ids=["command", "kept"])
@pytest.mark.parametrize("kind", UNUSABLE_COMMANDS)
def test_a_command_that_cannot_be_run_takes_no_job(world, tmp_path, kind, keep):
    publish(world)
    make, words = UNUSABLE_COMMANDS[kind]
    command = str(make(tmp_path))
    worker = work(world, [command], *keep)
    assert worker.wait() == CONFIG
    assert len(worker.lines) == 1 and command in worker.text and words in worker.text
    assert world.js.consumers(ORIGIN) == []
    assert world.js.count(ORIGIN) == 1


@pytest.mark.parametrize("first_line", ["#!/bin/sh", "#! /bin/sh -e", "#!/usr/bin/env sh", "#!\t/bin/sh"])
def test_scripts_with_an_interpreter_line_are_run(world, tmp_path, first_line):
    publish(world)
    run_once(world, [executable(tmp_path, f"{first_line}\nexit 0\n")])
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


# ---------------------------------------------------------------- what it prints


def test_stderr_is_logged_line_by_line_and_stdout_is_passed_on(world):
    publish(world)
    worker = run_once(world, sh("echo out; echo one >&2; echo >&2; printf 'two\\n\\nthree' >&2; exit 1"))
    assert [line for line in worker.lines if line.startswith("[")] == ["[1] one", "[1] ", "[1] two", "[1] ", "[1] three"]
    assert worker.out == ["out"]
    assert only_letter(world).headers["Natsq-Error"] == "three"


@pytest.mark.parametrize("printed", [r"bad\r\033[31mred\ttape\001", r"Natsq-Reason: none\r", "x" * 5000, r"caf\303\251 \377"])
def test_the_error_is_safe_as_a_header(world, printed):
    publish(world)
    run_once(world, sh(f"printf '{printed}\\n' >&2; exit 1"))
    letter = only_letter(world)
    error = letter.headers["Natsq-Error"]
    assert error and len(error) < 1000 and error.isprintable()
    assert (letter.headers["Natsq-Reason"], letter.body) == ("exit 1", "order-0")


def test_a_handler_that_prints_nothing_leaves_no_error(world):
    for body in "loud", "silent":
        publish(world, body)
    worker = work(world, sh("read b; [ $b = silent ] || echo oh >&2; exit 1"), "-j", "1", "--max-deliver", "1", "--count", "2")
    assert worker.wait() == OK
    assert [letter.headers.get("Natsq-Error") for letter in dead_letters(world)] == ["oh", None]
