"""World: a server with fresh streams, and the programs that a test starts there.

    def test_a_job_is_handled(world):
        world.js.publish("orders.new", "order-0")
        consumer = world.start("consumer", "orders_stream", "orders.*")
        consumer.wait_for(r"received order-0 from stream sequence # 1$")
        assert consumer.stop() == 0
"""

import contextlib
import json
import subprocess
import time
import urllib.request

import pytest

from support.build import ROOT
from support.environment import environment
from support.exit_codes import OK
from support.jetstream import JetStream
from support.local_server import LocalServer, wait_until
from support.program import PATIENCE, Program

ORIGIN, DLQ = "orders_stream", "orders_unprocessed"
# Without the backoff: it is short until the jobs are dead, then that of the walk-through.
PROCESSOR = {"durable_name": "processor", "description": "Orders processor", "filter_subject": "orders.*", "max_deliver": 2}
ADVISORIES = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{ORIGIN}"


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
        """Runs it to its end; the returned program has `code`."""
        program = self.start(name, *arguments, **how)
        program.code = program.wait(within)
        return program

    def consumer(self, *options, **how):
        return self.start("consumer", ORIGIN, "orders.*", *options, **how)

    def dlq(self, *options, **how):
        return self.start("dlq", DLQ, ORIGIN, *options, **how)

    def kill_jobs(self):
        """Lets every job in the origin die as if its workers had been killed: the server announces the deaths."""
        announced, jobs = self.js.last_seq(DLQ), self.js.messages(ORIGIN)
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[50_000_000])

        def announced_all():
            self.js.pull(ORIGIN, "processor", len(jobs))
            return self.js.last_seq(DLQ) >= announced + len(jobs)

        self.eventually(announced_all, "all deaths are announced")
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
        return jobs

    def fail_jobs(self):
        """Lets a consumer fail every attempt until all jobs in the origin are dead and in the DLQ stream."""
        announced, jobs = self.js.last_seq(DLQ), self.js.messages(ORIGIN)
        consumer = self.consumer("--fail-rate", "1", "--backoff", "100ms", "--update")
        consumer.wait_for("will be processed via DLQ$", times=len(jobs))
        self.eventually(lambda: self.js.last_seq(DLQ) >= announced + len(jobs), "all deaths are in the DLQ")
        assert consumer.stop() == OK, consumer.text
        self.js.create_consumer(ORIGIN, **PROCESSOR, backoff=[5_000_000_000])
        return jobs

    def eventually(self, condition, what, within=PATIENCE):
        try:
            return wait_until(condition, what, within)
        except AssertionError as failure:
            log = (f"{program.name}: {line}" for program in self.programs for line in program.lines)
            raise AssertionError("\n".join([str(failure), *log])) from None

    def wait_for_dlq(self):
        """Waits until a `dlq run` pulls advisories and letters."""
        durables = {"unprocessed_order_handler", "letter_handler"}
        self.eventually(lambda: set(self.js.consumers(DLQ)) == durables, "both durables exist")
        self.eventually(lambda: all(self.js.consumer(DLQ, name)["num_waiting"] for name in durables), "both have pull requests")

    def is_empty(self):
        """Both streams are empty. A job that moves between them might be seen in neither, so nothing may be stored meanwhile."""

        def look():
            return [(self.js.count(stream), self.js.last_seq(stream)) for stream in (ORIGIN, DLQ)]

        first = look()
        return all(count == 0 for count, _ in first) and look() == first

    def settled(self):
        """The durables of dlq have no pending message and none in flight."""
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

    def kill_programs(self):
        for program in self.programs:
            if program.running:
                program.kill()

    def close(self):
        self.kill_programs()
        for stream in ORIGIN, DLQ:
            self.js.delete_stream(stream)


def assert_refused(world, program, code, *words):
    """It ended with one line that has these words, and created no durable."""
    assert program.code == code, program.text
    assert len(program.lines) == 1 and program.out == [], program.text
    for word in words:
        assert word in program.text
    assert world.js.consumers(ORIGIN) == world.js.consumers(DLQ) == []


def advisory(seq, **fields):
    """The server's advisory about a death. A field set to None is left out."""
    fields = {
        "type": "io.nats.jetstream.advisory.v1.max_deliver",
        "id": f"test-{seq}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".999999999Z",
        "stream": ORIGIN,
        "consumer": "processor",
        "stream_seq": seq,
        "deliveries": 2,
        **fields,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None})


@contextlib.contextmanager
def own_world(home, *stream_options, **server_options):
    """A world on a server of its own, which the test may kill: `own_world(tmp_path, "--replicas", "3", nodes=3)`."""
    with LocalServer().start(**{"fast": True, **server_options}) as server:
        world = World(server, home)
        world.create_streams(*stream_options)
        try:
            yield world
        finally:
            world.kill_programs()


@pytest.fixture(scope="module")
def server():
    with LocalServer().start(fast=True) as started:
        yield started


@pytest.fixture
def durable_world(tmp_path):
    """A world of its own whose server writes every confirmed job to disk (sync_interval: always)."""
    with own_world(tmp_path, fast=False) as made:
        yield made


@pytest.fixture
def world(server, tmp_path):
    made = World(server, tmp_path)
    try:
        made.create_streams()
        yield made
    finally:
        made.close()
