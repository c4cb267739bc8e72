"""Command handlers: what they get, how they end, and that nothing that they do stops the worker."""

import os
import signal

import pytest

from support.handlers import Record, dead_letters, is_alive, sh, work
from support.natsq import CONFIG, DLQ, OK, ORIGIN, server, world  # noqa: F401

MIB = 2**20
ONCE = "--count", "1", "--max-deliver", "1"


def publish(world, body="order-0", **headers):
    world.js.publish("orders.new", body, **headers)


def run_once(world, command, *options, **variables):
    worker = work(world, command, *ONCE, *options, **variables)
    assert worker.wait() == OK, worker.text
    return worker


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
@pytest.mark.parametrize("size", [0, MIB - 200])
def test_the_body_may_be_ignored(world, script, size):
    publish(world, b"x" * size)
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


def test_a_command_that_vanishes_fails_its_jobs(world, tmp_path):
    """Or whose interpreter does not exist: that shows only when it is started."""
    publish(world)
    handler = not_executable(tmp_path, "#!/no/such/interpreter\n")
    handler.chmod(0o755)
    worker = run_once(world, [handler])
    letter = the_letter(world)
    assert letter.headers["Natsq-Reason"] == "failed"
    assert str(handler) in letter.headers["Natsq-Error"]
    assert worker.found(f"ERROR: cannot start '{handler}'")


# ---------------------------------------------------------------- what it finds


def environment_of_a_job(world, *options, **variables):
    got = Record(world, "environment")
    run_once(world, sh('env -0 >"$1"', got), *options, **variables)
    found = got.path.read_bytes().rstrip(b"\0").decode().split("\0")
    return dict(variable.split("=", 1) for variable in found)


def test_the_environment(world):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"Nats-Msg-Id": "first", "Colour": "red", "X-Request-Id": "a b=c", "traceparent": trace}
    world.js.publish_all([("orders.new", "order-0", headers)])
    [job] = world.js.messages(ORIGIN)
    found = environment_of_a_job(world, TRACEPARENT="ours", NATSQ_SUBJECT="ours", NATSQ_REASON="ours", COLOUR="blue")
    wanted = {
        "NATSQ_SUBJECT": "orders.new",
        "NATSQ_STREAM": ORIGIN,
        "NATSQ_SEQ": "1",
        "NATSQ_DELIVERY": "1",
        "NATSQ_MAX_DELIVER": "1",
        "NATSQ_JOB_ID": "first",
        "NATSQ_TIMESTAMP": job.time,
        "NATSQ_HEADER_COLOUR": "red",
        "NATSQ_HEADER_X_REQUEST_ID": "a b=c",
        "TRACEPARENT": trace,
        "COLOUR": "blue",
        "HOME": str(world.home),
        "PATH": os.environ["PATH"],
    }
    assert {name: found.get(name) for name in wanted} == wanted
    assert "NATSQ_REASON" not in found


def test_a_job_without_headers(world):
    publish(world)
    found = environment_of_a_job(world, TRACEPARENT="ours", NATSQ_JOB_ID="ours")
    assert "TRACEPARENT" not in found and "NATSQ_JOB_ID" not in found
    assert not [name for name in found if name.startswith("NATSQ_HEADER_")]


def test_headers_are_passed_as_many_as_fit(world):
    headers = {f"H-{i}": "x" for i in range(3000)} | {"Large": "y" * 30_000}
    world.js.publish_all([("orders.new", "order-0", headers)])
    found = environment_of_a_job(world)
    passed = [name for name in found if name.startswith("NATSQ_HEADER_H_")]
    assert 100 < len(passed) < 3000
    assert found["NATSQ_SUBJECT"] == "orders.new"


@pytest.mark.parametrize("names", ["NATS_USER NATS_PASSWORD", "NATS_TOKEN"])
def test_credentials_are_not_passed_on(world, names):
    publish(world)
    found = environment_of_a_job(world, **dict.fromkeys(names.split(), "hush"), NATS_CONTEXT="")
    assert not [name for name, value in found.items() if "hush" in value]


@pytest.mark.parametrize("name", ["NATS_SEED", "NATS_URL"])
def test_what_holds_a_credential_is_not_passed_on(world, name):
    publish(world)
    found = environment_of_a_job(world, **{name: "nats://worker:hush@127.0.0.1:1"})
    assert not [name for name, value in found.items() if "hush" in value]


def test_a_url_without_a_password_is_passed_on(world):
    publish(world)
    assert environment_of_a_job(world, NATS_URL="nats://elsewhere")["NATS_URL"] == "nats://elsewhere"


def test_it_has_a_process_group_of_its_own(world):
    publish(world)
    got = Record(world)
    worker = run_once(world, sh('read -r stat </proc/$$/stat; echo $$ $stat >"$1"', got))
    pid, *stat = got.lines[0].split()
    parent, group = stat[3:5]
    assert (parent, group) == (str(worker.process.pid), pid)


CLEAN = [
    (["ls", "/proc/self/fd"], ["0", "1", "2", "3"]),  # 3 is the folder itself
    (["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], [f"SigBlk:\t{0:016x}", f"SigIgn:\t{0:016x}"]),
]


@pytest.mark.parametrize("command,clean", CLEAN, ids=["descriptors", "signals"])
def test_it_inherits_nothing_else(world, command, clean):
    for i in range(40):
        publish(world, f"order-{i}")
    worker = work(world, command, "-j", "4", "--until-empty")
    assert worker.wait() == OK
    assert sorted(worker.out) == sorted(clean * 40)


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
