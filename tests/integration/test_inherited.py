"""The state in which the programs are started (descriptors, signals, umask, limits): what they change, and what a handler
inherits."""

import itertools
import os
import re
import resource
import signal
import subprocess

import pytest

from support.build import BIN, THREAD_SANITIZER
from support.environment import environment
from support.exit_codes import CONFIG, IOERR, NOINPUT, OK, OSERR
from support.letters import letter, put
from support.program import PATIENCE
from support.world import DLQ, ORIGIN

EVIL = "PUB orders.evil 4\r\nevil\r\n"
VERBS_THAT_PRINT = [
    ["list"],
    ["list", "--json"],
    ["stats"],
    ["show", "1"],
    ["show", "1", "--raw"],
    ["export"],
    ["export", "--jsonl"],
    ["export", "-"],
    ["discard", "1", "--dry-run"],
    ["doctor"],
]
# The signals in common/base/inherited.c that are at their default in every handler.
ALWAYS_DEFAULT = {signal.SIGCHLD, signal.SIGTERM}
# SIGKILL and SIGSTOP cannot be ignored; sanitizers handle the faults.
FAULTS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
SIGNALS = sorted(set(map(int, signal.Signals)) - FAULTS - {signal.SIGKILL, signal.SIGSTOP})
SIGNALS = [number for number in SIGNALS if number < signal.SIGRTMIN]


def start(world, program, *arguments, prepare=lambda: None, connects=True, **streams):
    """`prepare` runs in the new process before the program."""
    options = ["--server", world.server.url] if connects else []
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.Popen(
        [BIN / program, *map(str, [*arguments[:2], *options, *arguments[2:]])],
        env=environment(world.home),
        preexec_fn=prepare,
        text=True,
        errors="surrogateescape",
        **streams,
    )


def finish(process, within=PATIENCE):
    try:
        process.out, process.err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("it is still running")
    return process


def run(world, *arguments, **how):
    return finish(start(world, *arguments, **how))


def without(*descriptors):
    def prepare():
        for fd in descriptors:
            os.close(fd)

    return prepare


def with_signals(numbers):
    def prepare():
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)

    return prepare


def with_limit(which, soft, hard=None):
    return lambda: resource.setrlimit(which, (soft, soft if hard is None else hard))


def subjects(world):
    return {message.subject for message in world.js.messages(ORIGIN)}


# ---- descriptors

each_subset = pytest.mark.parametrize(
    "closed", [set(closed) for n in (1, 2, 3) for closed in itertools.combinations((0, 1, 2), n)], ids=str
)


@pytest.fixture
def injecting_letter(world):
    """A held letter whose body is a PUB command: printed to the connection, it would store a job."""
    put(world, letter(1, EVIL))
    return world


@each_subset
def test_dlq_writes_nothing_to_its_connection_when_descriptors_are_closed(injecting_letter, closed):
    for verb in VERBS_THAT_PRINT:
        ended = run(injecting_letter, "dlq", DLQ, ORIGIN, *verb, prepare=without(*closed))
        if 1 in closed:
            assert ended.returncode == IOERR, (verb, ended.err)
            assert 2 in closed or "standard output cannot be written" in ended.err
        else:
            assert ended.returncode in ([0, 1, 2] if verb == ["doctor"] else [OK]), (verb, ended.err)
            assert ended.out or verb == ["discard", "1", "--dry-run"], verb
    imported = run(injecting_letter, "dlq", DLQ, ORIGIN, "import", "--yes", prepare=without(*closed))
    assert imported.returncode != OK, imported.err
    if 1 in closed:  # the handler would fail every job
        assert run(injecting_letter, "dlq", DLQ, ORIGIN, "run", "--", "/bin/cat", prepare=without(*closed)).returncode == IOERR
    assert subjects(injecting_letter) == set()
    assert len(injecting_letter.held()) == 1


@each_subset
def test_publisher_reads_nothing_from_its_connection_when_descriptors_are_closed(world, tmp_path, closed):
    options = "orders.new", "--count=2", "--interval=1ms"
    assert run(world, "publisher", *options, prepare=without(*closed)).returncode == OK
    assert [job.body for job in world.js.messages(ORIGIN)] == ["order-0", "order-1"]
    for source in (["--lines"], ["--lines", "-"], ["--jsonl"]):
        ended = run(world, "publisher", "orders.new", *source, prepare=without(*closed))
        assert ended.returncode == (NOINPUT if 0 in closed else OK), ended.err
    (tmp_path / "jobs").write_text(f"{EVIL}\n")
    assert run(world, "publisher", "orders.new", "--each-file", tmp_path / "jobs", prepare=without(*closed)).returncode == OK
    assert subjects(world) == {"orders.new"}


def test_a_file_that_leads_to_a_closed_stdout_is_refused(world, tmp_path):
    (tmp_path / "jobs").write_text('{"subject": "no.stream", "body": "b"}\n')
    out = tmp_path / "out"  # like /dev/stdout, which a bug must not replace
    out.symlink_to("/proc/self/fd/1")
    publish = "orders.new", "--jsonl", tmp_path / "jobs", "--retry-for=0", "--failed", out
    ended = run(world, "publisher", *publish, prepare=without(1))
    assert ended.returncode == IOERR and "standard output cannot be written" in ended.err
    assert '"body":"b"' in run(world, "publisher", *publish).out
    put(world, letter(1, "job"))
    ended = run(world, "dlq", DLQ, ORIGIN, "export", out, "--jsonl", prepare=without(1))
    assert ended.returncode == IOERR and "standard output cannot be written" in ended.err
    assert "job" in run(world, "dlq", DLQ, ORIGIN, "export", out, "--jsonl").out


@each_subset
def test_handlers_write_nothing_to_the_connection_when_descriptors_are_closed(world, closed):
    world.js.publish("orders.new", EVIL)
    consumer = ORIGIN, "orders.*", "--until-empty"
    ended = run(world, "consumer", *consumer, "--", "/bin/cat", prepare=without(*closed))
    if 1 in closed:  # the handler would fail every job
        assert ended.returncode == IOERR and world.js.consumers(ORIGIN) == []
        assert 2 in closed or "standard output cannot be written" in ended.err
        ended = run(world, "consumer", *consumer, prepare=without(*closed))
    assert ended.returncode == OK, ended.err
    assert world.js.count(ORIGIN) == 0 and subjects(world) == set()
    assert world.js.last_seq(ORIGIN) == 1


@pytest.mark.parametrize("program", ["publisher", "consumer", "dlq"])
@pytest.mark.parametrize("option", ["--help", "--version", "-h"])
def test_help_that_cannot_be_written_is_an_error(world, program, option):
    with open("/dev/full", "w") as full:
        ended = run(world, program, option, connects=False, stdout=full)
    assert ended.returncode == IOERR and re.search("standard output cannot be written: No space", ended.err)
    ended = run(world, program, option, connects=False, prepare=without(1))
    assert ended.returncode == IOERR and re.search("standard output cannot be written: Bad file", ended.err)
    assert run(world, program, option, connects=False).returncode == OK


# ---- signals


def masks(status):
    """The sets of signals that a process of `cat /proc/self/status` blocks and ignores."""
    for name in "SigBlk", "SigIgn":
        bits = int(re.search(rf"^{name}:\t(\w+)$", status, re.M).group(1), 16)
        yield {number for number in SIGNALS if bits & 1 << (number - 1)}


@pytest.mark.parametrize("numbers", [[], SIGNALS], ids=["default", "ignored"])
def test_a_handler_of_consumer_inherits_ignored_and_blocked_signals(world, numbers):
    world.js.publish("orders.new", "job")
    command = "consumer", ORIGIN, "orders.*", "--count=1", "--", "/bin/cat", "/proc/self/status"
    ended = run(world, *command, prepare=with_signals(numbers))
    assert ended.returncode == OK, ended.err
    for found in masks(ended.out):
        assert found == set(numbers) - ALWAYS_DEFAULT
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize("numbers", [[], SIGNALS], ids=["default", "ignored"])
def test_a_handler_of_dlq_inherits_ignored_and_blocked_signals(world, numbers):
    put(world, letter(1, "job", state="dead"))
    dlq = start(world, "dlq", DLQ, ORIGIN, "run", "--", "/bin/cat", "/proc/self/status", prepare=with_signals(numbers))
    world.eventually(lambda: world.js.count(DLQ) == 0, "the letter is done")
    dlq.send_signal(signal.SIGTERM)
    assert finish(dlq).returncode == OK, dlq.err
    for found in masks(dlq.out):
        assert found == set(numbers) - ALWAYS_DEFAULT


@pytest.mark.parametrize("numbers", [[signal.SIGCHLD], SIGNALS], ids=["SIGCHLD", "all"])
@pytest.mark.parametrize("options", [[], ["--keep=jsonl"]], ids=["command", "kept"])
def test_a_success_counts_when_SIGCHLD_was_ignored(world, numbers, options):
    for i in range(3):
        world.js.publish("orders.new", f"job {i}")
    command = ["sh", "-c", "/bin/false || /bin/true"] if not options else ["sed", "-uE", r's/.*"seq": *([0-9]+).*/{"seq":\1,"verdict":"done"}/']
    ended = run(world, "consumer", ORIGIN, "orders.*", "--until-empty", *options, "--", *command, prepare=with_signals(numbers))
    assert ended.returncode == OK and "WARNING" not in ended.err, ended.err
    assert world.js.count(ORIGIN) == world.js.count(DLQ) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("arguments", [["consumer", ORIGIN, "orders.*"], ["dlq", DLQ, ORIGIN], ["publisher", "orders.new", "--interval=1h"]], ids=lambda a: a[0])
def test_a_stop_works_when_its_signal_was_ignored_and_blocked(world, arguments, number):
    process = start(world, *arguments, prepare=with_signals(SIGNALS))
    name = {"consumer": "consumer_" + ORIGIN, "dlq": "dlq_" + ORIGIN, "publisher": "publisher_orders.new"}[arguments[0]]
    world.eventually(lambda: name in world.connection_names(), "it is connected")
    process.send_signal(number)
    assert finish(process).returncode == (75 if arguments[0] == "publisher" else OK), process.err


def test_a_timeout_sends_sigterm_when_it_was_ignored(world):
    world.js.publish("orders.new", "job")
    options = "--job-timeout=100ms", "--kill-after=1h", "--count=1"
    ended = run(world, "consumer", ORIGIN, "orders.*", *options, "--", "sleep", "1000", prepare=with_signals([signal.SIGTERM]))
    assert ended.returncode == OK and "timeout 100ms" in ended.err, ended.err


# ---- umask and limits


@pytest.mark.parametrize("mask", [0, 0o077, 0o777], ids=oct)
def test_files_are_private_whatever_the_umask(world, tmp_path, mask):
    (tmp_path / "jobs").write_text('{"body": "a"}\n{"subject": "no.stream", "body": "b"}\n')
    put(world, letter(1, "job"))
    for _ in range(2):
        files = "--checkpoint", tmp_path / "c", "--failed", tmp_path / "f", "--retry-for=0"
        ended = run(world, "publisher", "orders.new", "--jsonl", tmp_path / "jobs", *files, prepare=lambda: os.umask(mask))
        assert ended.returncode not in (OK, CONFIG), ended.err
        exported = run(world, "dlq", DLQ, ORIGIN, "export", tmp_path / "e", "--yes", prepare=lambda: os.umask(mask))
        assert exported.returncode == OK, exported.err
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in "cfe"}
    assert modes["f"] == modes["e"] == 0o600
    assert modes["c"] & 0o602 == 0o600
    world.js.purge(ORIGIN)
    world.js.publish("orders.new", "job")
    command = "consumer", ORIGIN, "orders.*", "--count=1", "--joblog", tmp_path / "j", "--", "sh", "-c", "umask"
    ended = run(world, *command, prepare=lambda: os.umask(mask))
    assert int(ended.out, 8) == mask and (tmp_path / "j").stat().st_mode & 0o602 == 0o600


@pytest.mark.skipif(THREAD_SANITIZER, reason="its runtime writes a file before main")
def test_a_file_size_limit_is_named(world, tmp_path):
    (tmp_path / "jobs").write_text('{"subject": "no.stream"}\n')
    prepare = with_limit(resource.RLIMIT_FSIZE, 0)
    files = "--failed", tmp_path / "f", "--retry-for=0"
    ended = run(world, "publisher", "orders.new", "--jsonl", tmp_path / "jobs", *files, prepare=prepare)
    assert ended.returncode > 0 and re.search(r"cannot write '.*/f': File too large", ended.err), ended.err
    put(world, letter(1, "job"))
    ended = run(world, "dlq", DLQ, ORIGIN, "export", tmp_path / "e", prepare=prepare)
    assert ended.returncode > 0 and "File too large" in ended.err, ended.err
    assert not (tmp_path / "e").exists()


def test_the_descriptor_limit_is_raised_for_a_thousand_slots(world):
    for i in range(20):
        world.js.publish("orders.new", f"job {i}")
    command = "consumer", ORIGIN, "orders.*", "--until-empty", "--concurrency=1000", "--", "sh", "-c", "ulimit -n"
    ended = run(world, *command, prepare=with_limit(resource.RLIMIT_NOFILE, 64, 8192))
    assert ended.returncode == OK and "WARNING" not in ended.err, ended.err
    assert ended.out.split() == ["64"] * 20
    for keep in [], ["--keep"]:
        refused = run(world, *command[:5], *keep, *command[5:], prepare=with_limit(resource.RLIMIT_NOFILE, 64, 500))
        assert refused.returncode == OSERR
        assert re.search(r"--concurrency 1000 needs \d{4} open files, and the hard limit is 500: .*ulimit -Hn \d{4}", refused.err)
    assert world.js.count(ORIGIN) == 0


def test_a_tiny_stack_limit_is_raised_and_restored_for_handlers(world):
    """The threads' stacks follow the limit unless they are given a size."""
    prepare = with_limit(resource.RLIMIT_STACK, 64 << 10, 8 << 20)
    world.js.publish("orders.new", "job")
    ended = run(world, "consumer", ORIGIN, "orders.*", "--until-empty", "--", "/bin/cat", "/proc/self/limits", prepare=prepare)
    assert ended.returncode == OK and re.search(rf"^Max stack size +{64 << 10} ", ended.out, re.M), ended.err
