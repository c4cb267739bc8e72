"""The three programs as a test runs them, and a world for them: a server of their own with fresh streams.

    def test_a_job_is_worked(world):
        world.js.publish("orders.new", "order-0")
        consumer = world.start("consumer", "orders_stream", "orders.*")
        consumer.wait_for(r"received order-0 from stream sequence # 1$")
        assert consumer.stop() == 0
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from support.jetstream import JetStream
from support.localserver import LocalServer, wait_until

BIN = Path(os.environ["NATSQ_BIN"])
HAS_FAULT_POINTS = b"NATSQ_FAULT_POINT" in (BIN / "dlq").read_bytes()
ROOT = Path(os.environ["NATSQ_ROOT"])
OK, USAGE, UNAVAILABLE, NOPERM, CONFIG = 0, 64, 69, 77, 78
WITHOUT_FAULT_POINTS = "the build has no NATSQ_FAULT_POINTS, at which a test ends a program"
SANITIZER = 99  # cmake/Tests.cmake asks for it
PATIENCE = 30  # for what takes a second or two on an idle machine, also under a sanitizer
ORIGIN, DLQ = "orders_stream", "orders_unprocessed"
# But for the backoff: short until the jobs are dead, then the walk-through's, so that no worker overtakes another.
PROCESSOR = {"durable_name": "processor", "description": "Orders processor", "filter_subject": "orders.*", "max_deliver": 2}
ADVISORIES = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{ORIGIN}"


def environment(home, **more):
    """Ours without anything that tells a NATS client where to go or who it is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NATS_")}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home), **more}


class Program:
    """One of the three, running. Its stderr is kept line by line."""

    def __init__(self, name, arguments, home, stdout=subprocess.PIPE, under=(), **variables):
        """`under`: a command that starts it."""
        if "NATSQ_FAULT_POINT" in variables and not HAS_FAULT_POINTS:
            pytest.skip(WITHOUT_FAULT_POINTS)
        self.name, self.lines, self.out = name, [], []
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [*map(str, under), BIN / name, *map(str, arguments)],
            env=environment(home, **variables),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
        )
        self.readers = [self._read(self.process.stderr, self.lines)]
        if self.process.stdout:
            self.readers.append(self._read(self.process.stdout, self.out))

    @staticmethod
    def _read(pipe, lines):
        def run():
            with pipe:
                for line in pipe:
                    lines.append(line.rstrip("\n"))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def running(self):
        return self.process.poll() is None

    def found(self, pattern):
        """What the pattern's group, or the whole pattern, matched in each line that has it."""
        matches = (re.search(pattern, line) for line in list(self.lines))
        return [match.group(match.re.groups and 1) for match in matches if match]

    def wait_for(self, pattern, times=1, within=PATIENCE):
        def has_it():
            running = self.running
            if not running:
                self._finish_reading()
            enough = len(self.found(pattern)) >= times
            assert enough or running, f"ended without {pattern!r}"
            return enough

        try:
            wait_until(has_it, pattern, within)
        except AssertionError as failure:
            raise AssertionError(f"{self.name}: {failure}\n{self.text}") from None

    def wait(self, within=PATIENCE):
        """Its exit code; negative for a signal, as subprocess has it."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            threads = "\n".join(self._threads())
            self.kill()
            pytest.fail(f"{self.name} still runs after {within} s\n{self.text}\n{threads}")
        self.seconds = time.monotonic() - self.begin
        self._finish_reading()
        assert code != SANITIZER, f"{self.name}: {self.text}"
        return code

    def _threads(self):
        """What each thread waits in: a line of /proc/PID/task/TID/syscall begins with the system call's number."""
        for task in sorted(Path(f"/proc/{self.process.pid}/task").iterdir()):
            with contextlib.suppress(OSError):
                yield f"thread {task.name}: {(task / 'wchan').read_text()} {(task / 'syscall').read_text().strip()}"

    def _finish_reading(self):
        for reader in self.readers:
            reader.join(5)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self, within=PATIENCE):
        self.signal()
        return self.wait(within)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._finish_reading()


class World:
    """A server, its streams, and the programs that a test starts."""

    def __init__(self, server, home):
        self.server, self.home, self.programs = server, home, []
        self.js = JetStream(server.url, server=server)

    def start(self, name, *arguments, server=True, **variables):
        options = ["--server", self.server.url] if server is True else []
        self.programs.append(Program(name, [*arguments, *options], self.home, **variables))
        return self.programs[-1]

    def run(self, name, *arguments, within=PATIENCE, **how):
        """To its end; what it returns has `code`."""
        program = self.start(name, *arguments, **how)
        program.code = program.wait(within)
        return program

    def consumer(self, *options):
        return self.start("consumer", ORIGIN, "orders.*", *options)

    def dlq(self, *options):
        return self.start("dlq", DLQ, ORIGIN, *options)

    def kill_jobs(self):
        """Has every job that is there die in silence, as when its workers are killed: the server announces it."""
        announced, jobs = self.js.last_seq(DLQ), self.js.messages(ORIGIN)
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[50_000_000])

        def announced_all():
            self.js.pull(ORIGIN, "processor", len(jobs))
            return self.js.last_seq(DLQ) >= announced + len(jobs)

        self.eventually(announced_all, "all deaths are announced")
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
        return jobs

    def fail_jobs(self):
        """Has a consumer fail every attempt until every job that is there is dead and the DLQ knows."""
        announced, jobs = self.js.last_seq(DLQ), self.js.messages(ORIGIN)
        consumer = self.consumer("--fail-rate", "1", "--backoff", "100ms")
        consumer.wait_for("will be processed via DLQ$", times=len(jobs))
        self.eventually(lambda: self.js.last_seq(DLQ) >= announced + len(jobs), "all deaths are in the DLQ")
        assert consumer.stop() == OK, consumer.text
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
        return jobs

    def eventually(self, condition, what, within=PATIENCE):
        try:
            return wait_until(condition, what, within)
        except AssertionError as failure:
            talk = (f"{program.name}: {line}" for program in self.programs for line in program.lines)
            raise AssertionError("\n".join([str(failure), *talk])) from None

    def is_empty(self):
        """Both streams. A job on its way from one to the other may be seen in neither, so nothing may be stored meanwhile."""

        def look():
            return [(self.js.count(stream), self.js.last_seq(stream)) for stream in (ORIGIN, DLQ)]

        first = look()
        return all(count == 0 for count, _ in first) and look() == first

    def settled(self):
        """The DLQ's own consumers have nothing left to do."""
        states = [self.js.consumer(DLQ, name) for name in self.js.consumers(DLQ)]
        return bool(states) and all(state["num_pending"] == state["num_ack_pending"] == 0 for state in states)

    def held(self):
        return self.js.messages(DLQ, f"natsq.held.{ORIGIN}.")

    def connection_names(self):
        with urllib.request.urlopen(self.server.monitor_url + "/connz", timeout=5) as answer:
            return {connection.get("name") for connection in json.load(answer)["connections"]}

    def create_streams(self, *options):
        done = subprocess.run(
            [ROOT / "scripts" / "create-streams", "--server", self.server.url, *options],
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    def close(self):
        for program in self.programs:
            if program.running:
                program.kill()
        for stream in ORIGIN, DLQ:
            self.js.delete_stream(stream)


def assert_refused(world, program, code, *words):
    """One line that names the thing, and nothing was made."""
    assert program.code == code, program.text
    assert len(program.lines) == 1 and program.out == [], program.text
    for word in words:
        assert word in program.text
    assert world.js.consumers(ORIGIN) == world.js.consumers(DLQ) == []


def advisory(seq, **fields):
    """As the server tells of a death. A field set to None is left out."""
    told = {
        "type": "io.nats.jetstream.advisory.v1.max_deliver",
        "id": f"test-{seq}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".999999999Z",
        "stream": ORIGIN,
        "consumer": "processor",
        "stream_seq": seq,
        "deliveries": 2,
        **fields,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None})


@pytest.fixture(scope="module")
def server():
    with LocalServer().start(fast=True) as started:
        yield started


@pytest.fixture
def world(server, tmp_path):
    made = World(server, tmp_path)
    try:
        made.create_streams()
        yield made
    finally:
        made.close()
