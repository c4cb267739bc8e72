"""Command handlers: their body, how they end, what they say, and that nothing that they do stops the worker."""

import os
import signal

import pytest

from support.handlers import THREAD_SANITIZER, Record, dead_letters, is_alive, run_once, sh, work
from support.natsq import CONFIG, DLQ, OK, ORIGIN, server, world  # noqa: F401

MIB = 2**20


def publish(world, body="order-0"):
    world.js.publish("orders.new", body)


def the_letter(world):
    [letter] = dead_letters(world)
    assert world.js.count(ORIGIN) == 0
    return letter


# ---------------------------------------------------------------- the body


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, MIB - 200])
def test_the_body_comes_on_stdin(world, size):
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
def test_an_end_that_fails_the_job(world, script, reason):
    publish(world)
    run_once(world, sh(script))
    assert the_letter(world).headers["Natsq-Reason"] == reason


def test_a_hopeless_job_has_no_second_attempt(world):
    publish(world)
    work(world, sh("exit 65"), "--max-deliver", "9")
    world.eventually(lambda: dead_letters(world) and world.js.count(ORIGIN) == 0, "it is buried")
    assert the_letter(world).headers["Natsq-Deliveries"] == "1"


STUBBORN = 'trap "" TERM; sleep 1000 & echo $$ $! >"$1"; wait; sleep 1000'


def test_one_that_ignores_sigterm_is_killed_with_its_group(world):
    publish(world)
    pids = Record(world)
    run_once(world, sh(STUBBORN, pids), "--job-timeout", "300ms", "--kill-after", "200ms")
    letter = the_letter(world)
    assert letter.headers["Natsq-Reason"] == "timeout 300ms"
    handler, child = pids.lines[0].split()
    world.eventually(lambda: not is_alive(handler) and not is_alive(child), "both are gone")


def test_a_timeout_is_told_first_with_sigterm(world):
    publish(world)
    script = 'trap "echo cleaned up >&2; exit 3" TERM; sleep 1000 & echo $! >"$1"; wait'
    pids = Record(world)
    worker = run_once(world, sh(script, pids), "--job-timeout", "300ms", "--kill-after", "10m")
    letter = the_letter(world)
    assert (letter.headers["Natsq-Reason"], letter.headers["Natsq-Error"]) == ("timeout 300ms", "cleaned up")
    assert worker.found("error processing order-0: timeout 300ms$")
    world.eventually(lambda: not is_alive(pids.lines[0]), "its child got the signal too")


def test_nothing_of_its_group_outlives_a_timeout(world):
    publish(world)
    pid = Record(world)
    script = '(trap "" TERM; while :; do sleep 0.1; done) & echo $! >"$1"; wait'
    run_once(world, sh(script, pid), "--job-timeout", "300ms", "--kill-after", "10m")
    world.eventually(lambda: not is_alive(pid.lines[0]), "the child that ignores SIGTERM is gone")


def test_work_that_is_finished_on_sigterm_is_done(world):
    publish(world)
    run_once(world, sh('trap "exit 0" TERM; sleep 1000 & wait'), "--job-timeout", "300ms")
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


def test_a_daemon_left_behind_holds_nobody_up(world):
    """It keeps stderr open and lives on; the job is settled when the handler ends."""
    publish(world)
    daemon = Record(world)
    worker = work(world, sh('sleep 1000 >/dev/null & echo $! >"$1"; echo started >&2; exit 7', daemon), "--max-deliver", "1")
    try:
        world.eventually(lambda: dead_letters(world) and world.js.count(ORIGIN) == 0, "it is settled")
        assert the_letter(world).headers["Natsq-Error"] == "started"
        assert worker.stop() == OK
        assert is_alive(daemon.lines[0])
    finally:
        os.kill(int(daemon.lines[0]), signal.SIGKILL)


def test_100_mb_on_stderr(world):
    publish(world)
    script = "yes $(printf %01999d 0) | head -c 100000000 >&2; echo the end >&2; exit 1"
    worker = run_once(world, sh(script))
    assert the_letter(world).headers["Natsq-Error"] == "the end"
    assert len(worker.found(r"^\[1\] 0{1999}$")) == 50_000


def test_the_direct_child_dies_with_the_consumer(world):
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


UNUSABLE = {
    "missing": lambda folder: folder / "handler",
    "not in PATH": lambda folder: "no-such-handler",
    "not executable": not_executable,
    "a folder": lambda folder: folder,
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_command_that_cannot_be_run_takes_no_job(world, tmp_path, kind):
    publish(world)
    command = str(UNUSABLE[kind](tmp_path))
    worker = work(world, [command])
    assert worker.wait() == CONFIG
    assert len(worker.lines) == 1 and command in worker.text
    assert world.js.consumers(ORIGIN) == []
    assert world.js.count(ORIGIN) == 1


@pytest.mark.skipif(THREAD_SANITIZER, reason="its vfork is a fork, so the child cannot tell us why")
def test_a_command_that_cannot_be_started_is_not_the_fault_of_the_job(world, tmp_path):
    """One that is being replaced, or whose interpreter is: that shows only when it is started."""
    publish(world)
    handler = not_executable(tmp_path, "#!/no/such/interpreter\n")
    handler.chmod(0o755)
    worker = work(world, [handler], "--max-deliver", "5", "--backoff", "200ms")
    worker.wait_for(f"WARNING: # 1 is given back: cannot start '{handler}'")
    handler.write_text("#!/bin/sh\n")
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is done")
    assert world.js.count(DLQ) == 0 and worker.stop() == OK


# ---------------------------------------------------------------- what it says


def test_stderr_is_passed_on_line_by_line_and_stdout_as_it_is(world):
    publish(world)
    worker = run_once(world, sh("echo out; echo one >&2; echo >&2; printf 'two\\n\\nthree' >&2; exit 1"))
    assert [line for line in worker.lines if line.startswith("[")] == ["[1] one", "[1] ", "[1] two", "[1] ", "[1] three"]
    assert worker.out == ["out"]
    assert the_letter(world).headers["Natsq-Error"] == "three"


@pytest.mark.parametrize("said", [r"bad\r\033[31mred\ttape\001", r"Natsq-Reason: none\r", "x" * 5000, r"caf\303\251 \377"])
def test_the_error_is_safe_as_a_header(world, said):
    publish(world)
    run_once(world, sh(f"printf '{said}\\n' >&2; exit 1"))
    letter = the_letter(world)
    error = letter.headers["Natsq-Error"]
    assert error and len(error) < 1000 and error.isprintable()
    assert (letter.headers["Natsq-Reason"], letter.body) == ("exit 1", "order-0")


def test_a_handler_that_says_nothing_leaves_no_error(world):
    for body in "loud", "silent":
        publish(world, body)
    worker = work(world, sh("read b; [ $b = silent ] || echo oh >&2; exit 1"), "-j", "1", "--max-deliver", "1", "--count", "2")
    assert worker.wait() == OK
    assert [letter.headers.get("Natsq-Error") for letter in dead_letters(world)] == ["oh", None]
