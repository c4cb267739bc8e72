"""The stdout of a program breaks while handlers write to it: no job fails for that, and no more are taken."""

import os
import subprocess
import sys

import pytest

from support.coprocess import keep
from support.exit_codes import IOERR, OK
from support.handler_command import Gate, Record, dead_letters, decide, publish, sh, work
from support.world import DLQ, ORIGIN

WRITING_COMMANDS = {
    "a shell": sh("echo $NATSQ_SEQ"),
    "a program in a shell": sh("env; exit"),
    "a pipeline": ["bash", "-c", "set -o pipefail; env | cat; exit"],
    "a runtime that ignores SIGPIPE": [sys.executable, "-c", "print('x')"],
    "a script that calls it hopeless": sh("env || exit 65"),
}


class Reader:
    """The reader of a program's stdout, until it leaves."""

    def __init__(self):
        self.end, self.writers = os.pipe()

    def begin(self, start, *arguments, **how):
        program = start(*arguments, stdout=self.writers, **how)
        os.close(self.writers)
        return program

    def leave(self):
        os.close(self.end)

    def leave_after_a_line(self):
        while b"\n" not in os.read(self.end, 4096):
            pass
        self.leave()


def finish(world):
    """Another worker handles the remaining jobs."""
    worker = work(world, ["true"], "--backoff", "200ms", "--until-empty")
    assert worker.wait() == OK and world.js.count(ORIGIN) == world.js.count(DLQ) == 0


@pytest.mark.parametrize("command_name", WRITING_COMMANDS)
def test_a_reader_that_goes_away_ends_the_worker_and_fails_no_job(world, command_name):
    publish(world, 200)  # more than run before a busy machine lets the reader leave
    reader = Reader()
    worker = reader.begin(work, world, WRITING_COMMANDS[command_name], "-j", "2", "--backoff", "200ms")
    reader.leave_after_a_line()
    assert worker.wait() == IOERR
    assert worker.lines[-1].endswith("ERROR: standard output cannot be written: Broken pipe")
    assert dead_letters(world) == [] and world.js.consumer(ORIGIN, "processor")["num_pending"] > 0
    finish(world)


@pytest.mark.parametrize("begin, stream, durable", [(work, ORIGIN, "processor"), (decide, DLQ, "letter_handler")], ids=["consumer", "dlq"])
def test_an_idle_program_ends_when_its_reader_goes(world, begin, stream, durable):
    reader = Reader()
    program = reader.begin(begin, world, sh("echo"))
    world.eventually(lambda: durable in world.js.consumers(stream), "it is ready")
    reader.leave()
    assert program.wait() == IOERR


def test_a_stdout_that_is_broken_from_the_start_ends_the_worker(world):
    publish(world, 5)
    reader = Reader()
    reader.leave()
    worker = reader.begin(work, world, sh("echo"), "-j", "2", "--backoff", "200ms")
    assert worker.wait() == IOERR
    finish(world)


def test_running_handlers_finish_and_failed_ones_are_returned(world):
    """Handlers that write nothing are done; a job that fails meanwhile is redelivered."""
    publish(world, 4)
    gate, reader = Gate(world), Reader()
    command = sh(Gate.WAIT + '; [ "$NATSQ_SEQ" -lt 4 ]', gate)
    worker = reader.begin(work, world, command, "-j", "4", "--backoff", "200ms", "--grace", "1m")
    world.eventually(lambda: len(gate.lines) == 4, "they run")
    reader.leave()
    gate.open()
    assert worker.wait() == IOERR
    assert worker.found("# (.) is returned to the queue: stdout cannot be written: exit 1") == ["4"]
    assert [job.seq for job in world.js.messages(ORIGIN)] == [4]
    finish(world)


def test_a_last_attempt_is_not_dead_lettered_for_a_broken_stdout(world):
    publish(world, 1)
    reader, ran = Reader(), Record(world)
    reader.leave()
    worker = reader.begin(work, world, sh('echo ran >>"$1"; echo', ran), "-j", "1", "--max-deliver", "1", "--backoff", "1m")
    assert worker.wait() == IOERR
    assert ran.lines in ([], ["ran"]) and dead_letters(world) == [] and world.js.count(ORIGIN) == 1


def test_dlq_returns_letters_when_its_stdout_breaks(world):
    publish(world, 10)
    worker = work(world, sh("exit 1"), "--count", "10", "--max-deliver", "1")
    assert worker.wait() == OK and len(dead_letters(world)) == 10
    reader = Reader()
    dlq = reader.begin(decide, world, sh("echo $NATSQ_SEQ"), "-j", "2")
    reader.leave_after_a_line()
    assert dlq.wait() == IOERR and "standard output cannot be written" in dlq.lines[-1]
    assert world.held() == [] and len(dead_letters(world)) > 5


def test_a_coprocess_needs_no_stdout(world, keep):
    publish(world, 20)
    reader = Reader()
    reader.leave()
    consumer = reader.begin(keep, "for job in jobs():\n    answer(job)", "--until-empty")
    assert consumer.wait() == OK and world.js.count(ORIGIN) == 0


def can_mount():
    return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="mounting in a namespace of one's own is not permitted")
def test_a_full_disk_under_stdout_ends_the_worker(world):
    publish(world, 5)
    folder = world.home / "disk"
    folder.mkdir()
    script = 'mount -t tmpfs -o size=4k none "$0"; head -c 4096 /dev/zero >"$0/out"; exec "$@" >>"$0/out"'
    worker = work(world, sh("echo $NATSQ_SEQ"), "-j", "2", "--backoff", "200ms", under=["unshare", "-rm", "sh", "-c", script, folder])
    assert worker.wait() == IOERR
    assert "standard output cannot be written: No space left on device" in worker.lines[-1]
    finish(world)
