"""`publisher SUBJECT` with something on stdin: data that no option asks for is a usage error, before anything is sent."""

import contextlib
import os
import pty
import socket
import subprocess

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import UNAVAILABLE, USAGE
from support.local_server import wait_until

NO_SERVER = "nats://127.0.0.1:1"  # a publisher that accepts its stdin tries to publish, and ends with 69
REFUSED = "data waits on stdin, and no option says how to read it: {} orders.new --lines (each line is a job), --null or --jsonl"


def publisher(tmp_path, stdin, *arguments):
    command = [BIN / "publisher", "orders.new", *arguments, "--server", NO_SERVER]
    return subprocess.run(command, stdin=stdin, env=environment(tmp_path), capture_output=True, text=True, timeout=20)


def assert_refused(done):
    assert done.returncode == USAGE, done.stderr
    [line] = done.stderr.splitlines()
    assert REFUSED.format(BIN / "publisher") in line and "'< /dev/null'" in line, line


def assert_goes_on(done):
    assert done.returncode == UNAVAILABLE and "no server at" in done.stderr, done.stderr


@contextlib.contextmanager
def pipe(data=b"", ended=False):
    """The reading end. Not ended: its writer may still write."""
    reader, writer = os.pipe()
    os.write(writer, data)
    if ended:
        os.close(writer)
    yield reader
    os.close(reader)
    if not ended:
        os.close(writer)


@contextlib.contextmanager
def a_socket(data=b"", ended=False):
    """As inetd, or sshd without a terminal."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(data)
        if ended:
            ours.close()
        yield theirs.fileno()


@contextlib.contextmanager
def file(tmp_path, data, at=0):
    path = tmp_path / "input"
    path.write_bytes(data)
    with open(path, "rb") as opened:
        os.lseek(opened.fileno(), at, os.SEEK_SET)
        yield opened.fileno()


@pytest.mark.parametrize("kind", [pipe, a_socket])
@pytest.mark.parametrize("ended", [False, True], ids=["open", "ended"])
def test_data_on_a_pipe_or_socket_is_refused_and_stays_there(tmp_path, kind, ended):
    with kind(b"hi\nyou\n", ended) as stdin:
        assert_refused(publisher(tmp_path, stdin))
        assert os.read(stdin, 100) == b"hi\nyou\n"


def test_data_that_comes_a_moment_later_is_refused(tmp_path):
    """The writer may be late, on a busy machine later than the publisher waits; not each time."""

    def is_refused():
        with subprocess.Popen(["sh", "-c", "sleep 0.02; echo hi"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as slow:
            return publisher(tmp_path, slow.stdout).returncode == USAGE

    wait_until(is_refused, "it is refused")


def test_the_rest_of_a_file_is_refused_and_stays_there(tmp_path):
    with file(tmp_path, b"read before\nhi\n", 12) as stdin:
        assert_refused(publisher(tmp_path, stdin))
        assert os.read(stdin, 100) == b"hi\n"


@pytest.mark.parametrize("kind", [pipe, a_socket])
@pytest.mark.parametrize("ended", [False, True], ids=["open", "ended"])
def test_an_input_without_data_is_ignored(tmp_path, kind, ended):
    """A service manager, cron or CI may leave a pipe open to which nobody writes."""
    with kind(ended=ended) as stdin:
        assert_goes_on(publisher(tmp_path, stdin))


def test_a_file_without_a_rest_is_ignored(tmp_path):
    for data, at in (b"", 0), (b"read before\n", 12):
        with file(tmp_path, data, at) as stdin:
            assert_goes_on(publisher(tmp_path, stdin))


def test_a_file_that_is_open_for_writing_is_ignored(tmp_path):
    with open(tmp_path / "log", "w") as log:
        log.write("x" * 10)
        log.flush()
        os.lseek(log.fileno(), 0, os.SEEK_SET)
        assert_goes_on(publisher(tmp_path, log.fileno()))


def test_devices_and_terminals_are_ignored(tmp_path):
    assert_goes_on(publisher(tmp_path, subprocess.DEVNULL))
    with open("/dev/zero", "rb") as zero:
        assert_goes_on(publisher(tmp_path, zero))
    leader, terminal = pty.openpty()
    os.write(leader, b"typed ahead\n")
    assert_goes_on(publisher(tmp_path, terminal))
    os.close(leader)
    os.close(terminal)


@pytest.mark.parametrize("options", [["--body", "x"], ["--count", "3"], ["--interval", "10ms"]], ids=lambda o: o[0])
def test_an_option_for_generated_jobs_allows_any_stdin(tmp_path, options):
    """In a loop over lines, stdin is the loop's."""
    with pipe(b"next\n", ended=True) as stdin:
        assert_goes_on(publisher(tmp_path, stdin, *options))
        assert os.read(stdin, 100) == b"next\n"


def test_a_loop_that_reads_its_own_input_gets_a_usage_error(tmp_path):
    script = f'while read -r line; do "$0" orders.new --server {NO_SERVER}; echo "ended with $?"; done'
    done = subprocess.run(["sh", "-c", script, BIN / "publisher"], input="one\ntwo\n", env=environment(tmp_path), capture_output=True, text=True)
    assert done.stdout.split("\n")[0] == f"ended with {USAGE}"
    assert REFUSED.format(BIN / "publisher") in done.stderr
