"""The stdout of a COMMAND with --tag, and on a terminal."""

import fcntl
import os
import pty
import signal
import subprocess

import pytest

from support.ack_spy import AckSpy
from support.build import BIN
from support.environment import environment
from support.exit_codes import IOERR, OK, USAGE
from support.handler_command import PATIENT, Gate, Record, decide, dead_letters, is_alive, publish, sh, work
from support.own_terminal import own_terminal
from support.world import DLQ, ORIGIN


def read_terminal(master):
    shown = b""
    while True:
        try:
            bytes_read = os.read(master, 65536)
        except OSError:  # the other end is closed
            bytes_read = b""
        if not bytes_read:
            return shown
        shown += bytes_read


def test_each_line_has_the_sequence_of_its_job(world):
    publish(world, 3)
    worker = work(world, sh('read -r b; printf "%s one\\n\\n%s \\tlast" "$b" "$b"; echo oh >&2'), "--tag", "--until-empty", "-j", "1")
    assert worker.wait() == OK
    assert worker.out == [line for n in (1, 2, 3) for line in (f"{n}\torder-{n - 1} one", f"{n}\t", f"{n}\torder-{n - 1} \tlast")]
    assert worker.found(r"^\[(\d)\] oh$") == ["1", "2", "3"]


def test_dlq_tags_the_lines_of_its_command(world):
    publish(world, 2)
    world.kill_jobs()
    dlq = decide(world, sh("cat"), "--tag")
    world.eventually(lambda: len(dlq.out) == 2, "both are handled")
    assert sorted(dlq.out) == ["1\torder-0", "2\torder-1"] and dlq.stop() == OK


def test_lines_of_jobs_that_run_concurrently_do_not_mix(world):
    """Each job writes its lines in two halves."""
    publish(world, 8)
    script = 'i=0; while [ $i -lt 50 ]; do printf "$NATSQ_SEQ-"; sleep 0.001; echo "$NATSQ_SEQ"; i=$((i + 1)); done'
    worker = work(world, sh(script), "--tag", "--until-empty", "-j", "4")
    assert worker.wait() == OK
    assert sorted(worker.out) == sorted(f"{n}\t{n}-{n}" for n in range(1, 9) for _ in range(50))


def test_long_lines_and_large_outputs_lose_nothing(world):
    """A line of 200,000 bytes comes in pieces, and 3 MB are more than what is queued."""
    publish(world, 1)
    script = "import sys; sys.stdout.write('a' * 200_000 + '\\n' + ('b' * 99 + '\\n') * 30_000 + 'c' * 70_000)"
    worker = work(world, ["python3", "-c", script], "--tag", "--until-empty")
    assert worker.wait() == OK
    assert all(line.startswith("1\t") and len(line) <= 65536 + 2 for line in worker.out)
    text = [line.removeprefix("1\t") for line in worker.out]
    assert "".join(text) == "a" * 200_000 + "b" * 99 * 30_000 + "c" * 70_000
    assert text.count("b" * 99) == 30_000


def test_a_slow_reader_keeps_the_job_in_flight_and_gets_everything(world):
    """The lease is renewed while nobody reads, and the job is done once its output is written."""
    publish(world, 1)
    spy = AckSpy(world)
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    worker = work(world, sh("yes 0123456789 | head -n 200000"), "--tag", "--backoff", "500ms", stdout=writer)
    os.close(writer)
    for _ in range(6):  # two leases
        assert spy.next() == "+WPI"
    assert world.js.consumer(ORIGIN, "processor")["num_redelivered"] == 0
    with os.fdopen(reader) as out:
        lines = [out.readline() for _ in range(200_000)]
        assert set(lines) == {"1\t0123456789\n"}
        world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is done")
        assert worker.stop() == OK


def test_a_reader_that_leaves_stops_the_worker_and_returns_the_job(world):
    publish(world, 2)
    reader, writer = os.pipe()
    gate = Gate(world)
    worker = work(world, sh(f"echo out; {Gate.WAIT}; echo more", gate), "--tag", "-j", "1", *PATIENT, stdout=writer)
    os.close(writer)
    assert os.read(reader, 100) == b"1\tout\n"
    os.close(reader)
    gate.open()
    assert worker.wait() == IOERR and "standard output cannot be written" in worker.lines[-1]
    assert worker.found("# 1 is returned to the queue: stdout cannot be written")
    assert world.js.count(ORIGIN) == 2 and dead_letters(world) == []


def test_a_child_that_keeps_stdout_open_does_not_hold_up_the_slot(world):
    publish(world, 2)
    pids = Record(world)
    worker = work(world, sh('sleep 1000 & echo $! >>"$1"; echo out', pids), "--tag", "--until-empty", "-j", "1")
    assert worker.wait() == OK and worker.out == ["1\tout", "2\tout"]
    for pid in pids.lines:
        if is_alive(pid):
            os.kill(int(pid), signal.SIGKILL)


def test_a_stop_ends_in_time_although_nobody_reads(world):
    publish(world, 1)
    reader, writer = os.pipe()
    started = Record(world)
    worker = work(world, sh('echo >"$1"; yes | head -c 3000000', started), "--tag", "--grace", "300ms", *PATIENT, stdout=writer)
    os.close(writer)
    world.eventually(lambda: started.lines, "it runs")
    assert worker.stop(within=15) == OK
    assert world.js.count(ORIGIN) == 1 and dead_letters(world) == []
    os.close(reader)


@pytest.mark.parametrize("tag", [[], ["--tag"]], ids=["plain", "tag"])
def test_a_terminal_gets_no_control_characters(world, tag):
    world.js.publish("orders.new", "a\x1b[31mb\tc\rd\x07é\nlast\x9b")
    master, slave = pty.openpty()
    command = [BIN / "consumer", ORIGIN, "orders.*", "--until-empty", *tag, "--server", world.server.url, "--", "cat"]
    process = subprocess.Popen(command, env=environment(world.home), stdin=slave, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    shown = read_terminal(master).decode().replace("\r\n", "\n")
    assert process.wait(30) == OK
    front = "1\t" if tag else ""
    assert shown == f"{front}a\\x1b[31mb\tc\\x0dd\\x07é\n{front}last\\xc2\\x9b\n"


def test_a_terminal_gets_no_control_characters_of_stderr(world):
    world.js.publish("orders.new", "a\x1b[31mb\tc\x07\n")
    with own_terminal([BIN / "consumer", ORIGIN, "orders.*", "--until-empty", "--server", world.server.url, "--", *sh("cat >&2")], environment(world.home)) as terminal:
        assert terminal.wait() == OK
        assert "\r\n[1] a\\x1b[31mb\tc\\x07\r\n" in terminal.shown


def test_elsewhere_the_output_is_passed_on_byte_by_byte(world, tmp_path):
    body = b"\x1b[31m\r\x00\xff no newline"
    world.js.publish_all([("orders.new", body)])
    with open(tmp_path / "out", "wb") as out:
        worker = work(world, sh("cat"), "--until-empty", stdout=out)
        assert worker.wait() == OK
    assert (tmp_path / "out").read_bytes() == body


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tag"], "--tag needs a COMMAND"),
        (["--tag", "--keep", "--", "cat"], "--tag cannot go with --keep: the stdout of COMMAND then has its results"),
    ],
    ids=["built-in", "keep"],
)
@pytest.mark.parametrize("program", [["consumer", ORIGIN, "orders.*"], ["dlq", DLQ, ORIGIN]], ids=["consumer", "dlq"])
def test_where_there_is_nothing_to_tag_the_option_is_refused(world, program, options, words):
    refused = world.run(*program, *options, server=False)
    assert refused.code == USAGE and words in refused.text and len(refused.lines) == 1
