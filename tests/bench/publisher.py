"""scripts/bench publisher: the cases, by name. Each takes (broker, peers, options) and returns its result."""

import contextlib
import statistics
import subprocess
import tempfile
import uuid
from pathlib import Path

from bench import measure, rounds
from bench.broker import SUBJECT, Broker
from bench.proxy import EACH_WAY, Proxy
from bench.rounds import add_side
from support.local_server import wait_until

WINDOW = 1024  # the default of publisher; the peers use the same
SPEED = {"speed": "jobs/s", "cpu": "µs of client CPU/job"}
OURS = "publisher --lines"
WALKTHROUGH = "walk-through, no sleep"


@contextlib.contextmanager
def written(jobs, size):
    """A file with a numbered line of that many bytes for each job."""
    with tempfile.TemporaryDirectory(prefix="natsq-bench-") as folder:
        file = Path(folder) / "jobs"
        with file.open("w") as lines:
            lines.writelines(f"{i:08d}{'x' * (size - 8)}\n" for i in range(jobs))
        yield file


def publish(broker, command, jobs, file=None):
    """Runs a publisher, with the file on a pipe as its stdin, and checks that all jobs are stored."""
    broker.fresh(durable=False)
    command = list(map(str, command))
    if file:
        with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as cat:
            cost = measure.run(command, stdin=cat.stdout)
    else:
        cost = measure.run(command, stdin=subprocess.DEVNULL)
    if broker.waiting() != jobs:
        raise RuntimeError(f"{command[0]} exited with 0, but {broker.waiting()} of {jobs} jobs are stored")
    return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6, "cores": cost.cpu / cost.seconds}


def ours(url, program, *args):
    return [program, SUBJECT, "--server", url, "--log-level", "warn", *args]


def nats_bench(peers, url, kind, jobs, size, *args):
    return [
        peers.nats, "--server", url, "--no-context", "bench", "js", "pub", kind, SUBJECT, "--stream", "orders_stream",
        "--msgs", jobs, "--size", size, "--dedup", "--no-progress", *args,
    ]  # fmt: skip


def walkthrough(peers, url, jobs):
    return [peers.go, "publish", "-server", url, "-subject", SUBJECT, "-count", jobs]


def compared(broker, peers, options, file, jobs, size, few, url=None, units=SPEED):
    """publisher and its peers with that many jobs; the walk-through with few, as its speed does not depend on the number."""
    url, notes = url or broker.url, []

    def side(program):
        return lambda: publish(broker, ours(url, program, "--lines", "--window", WINDOW), jobs, file)

    def rust():
        program = peers.rust
        return lambda: publish(broker, [program, "publish", url, SUBJECT, uuid.uuid4().hex, WINDOW], jobs, file)

    def one_by_one():
        command = walkthrough(peers, url, few)
        return lambda: publish(broker, command, few)

    sides = peers.sides(OURS, "publisher", side)
    theirs = nats_bench(peers, url, "async", jobs, size, "--batch", WINDOW)
    sides["nats bench js pub async"] = lambda: publish(broker, theirs, jobs)
    add_side(notes, sides, "async-nats, lines from the same pipe", rust)
    add_side(notes, sides, WALKTHROUGH, one_by_one)
    return {"notes": notes, **rounds.compare(sides, options.rounds, OURS, units)}


def lines(broker, peers, options, size):
    jobs = options.jobs or 300_000
    with written(jobs, size) as file:
        result = compared(broker, peers, options, file, jobs, size, few=min(jobs, 20_000))
    return {"title": f"{jobs} jobs of {size} bytes from a pipe, each with a message id, {WINDOW} in flight", **result}


def lines_16(broker, peers, options):
    """300,000 jobs of 16 bytes, --lines from a pipe"""
    return lines(broker, peers, options, 16)


def lines_512(broker, peers, options):
    """300,000 jobs of 512 bytes, --lines from a pipe"""
    return lines(broker, peers, options, 512)


def strict(broker, peers, options):
    """--window 1: each job confirmed before the next is sent"""
    jobs = options.jobs or 20_000
    with written(jobs, 16) as file:
        command = ours(broker.url, peers.ours("publisher"), "--lines", "--window", 1)
        sides = {
            "publisher --window 1": lambda: publish(broker, command, jobs, file),
            "nats bench js pub sync": lambda: publish(broker, nats_bench(peers, broker.url, "sync", jobs, 16), jobs),
        }
        result = rounds.compare(sides, options.rounds, "publisher --window 1", SPEED)
    return {"title": f"{jobs} jobs of 16 bytes, one in flight", **result}


def always(_, peers, options):
    """sync_interval: always, each confirmed job is on disk"""
    jobs, units = options.jobs or 50_000, {**SPEED, "cores": "seconds of client CPU/s"}
    with Broker(peers, fast=False) as broker, written(jobs, 16) as file:
        result = compared(broker, peers, options, file, jobs, 16, few=min(jobs, 10_000), units=units)
    return {"title": f"{jobs} jobs of 16 bytes from a pipe, {WINDOW} in flight, sync_interval: always", **result}


def distant(broker, peers, options):
    """a server 10 ms away, by a proxy"""
    jobs = options.jobs or 300_000
    with Proxy(peers, broker.url) as proxy, written(jobs, 16) as file:
        result = compared(broker, peers, options, file, jobs, 16, few=min(jobs, 200), url=proxy.url)
    return {"title": f"{jobs} jobs of 16 bytes from a pipe, {WINDOW} in flight, {EACH_WAY} ms each way", **result}


def once(broker, peers, options):
    """--count 1: the time of a program that publishes one job"""
    times, notes = 40, []

    def side(command):
        def go():
            costs = [measure.run(list(map(str, command))) for _ in range(times)]
            return {
                "wall": statistics.median(cost.seconds for cost in costs) * 1e3,
                "cpu": statistics.median(cost.cpu for cost in costs) * 1e3,
            }

        return go

    name = "publisher --count 1"
    sides = peers.sides(name, "publisher", lambda program: side(ours(broker.url, program, "--count", 1)))
    add_side(notes, sides, "Go: connect, publish, close", lambda: side(walkthrough(peers, broker.url, 1)))
    broker.fresh(durable=False)
    result = rounds.compare(sides, options.rounds, name, {"wall": "ms", "cpu": "ms of client CPU"})
    return {"title": f"one job, from the start of the program to its end; each round the median of {times} runs", "notes": notes, **result}


def memory(broker, peers, options):
    """peak memory of publisher, with few jobs and with many"""
    many, few = options.jobs or 1_000_000, 1000

    def side(jobs):
        def go():
            broker.fresh(durable=False)
            command = list(map(str, ours(broker.url, peers.ours("publisher"), "--lines")))
            with written(jobs, 16) as file, subprocess.Popen(command, stdin=subprocess.PIPE) as publisher:
                subprocess.run(["cat", file], stdout=publisher.stdin, check=True)
                wait_until(lambda: broker.waiting() == jobs, "all jobs are stored", 300)
                most = measure.memory(publisher.pid, "VmHWM")
            return {"most": most / 2**20}

        return go

    sides = {f"{jobs} jobs": side(jobs) for jobs in (many, few)}
    result = rounds.compare(sides, options.rounds, f"{many} jobs", {"most": "MiB"})
    return {"title": "VmHWM once all jobs of 16 bytes from a pipe are stored; the goal: under 8 MiB", **result}


CASES = {
    "lines-16": lines_16,
    "lines-512": lines_512,
    "strict": strict,
    "always": always,
    "distant": distant,
    "once": once,
    "memory": memory,
}
