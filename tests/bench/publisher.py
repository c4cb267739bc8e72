"""scripts/bench publisher: the cases, by name. Each takes (broker, peers, options) and returns its result."""

import subprocess
import tempfile
from pathlib import Path

from bench import measure, rounds
from bench.broker import SUBJECT

WINDOW = 1024  # publisher's default; the peers get the same
COST = {"speed": "jobs/s", "cpu": "µs of client CPU/job"}


def write_jobs(folder, jobs, size):
    """A numbered line of that many bytes for each job."""
    file = Path(folder) / "jobs"
    with file.open("w") as lines:
        lines.writelines(f"{i:08d}{'x' * (size - 8)}\n" for i in range(jobs))
    return file


def publish(broker, command, jobs, file=None):
    """Runs a publisher, with the file on a pipe as its stdin, and sees to it that all jobs are in."""
    broker.fresh(durable=False)
    command = list(map(str, command))
    if file:
        with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as cat:
            cost = measure.run(command, stdin=cat.stdout)
    else:
        cost = measure.run(command, stdin=subprocess.DEVNULL)
    if broker.waiting() != jobs:
        raise RuntimeError(f"{command[0]} ended well, but {broker.waiting()} of {jobs} jobs are in")
    return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6}


def ours(broker, program, *args):
    return [program, SUBJECT, "--server", broker.url, "--log-level", "warn", *args]


def nats_bench(broker, peers, kind, jobs, size, *args):
    return [
        peers.nats, "--server", broker.url, "--no-context", "bench", "js", "pub", kind, SUBJECT, "--stream", "orders_stream",
        "--msgs", jobs, "--size", size, "--dedup", "--no-progress", *args,
    ]  # fmt: skip


def lines(broker, peers, options, size):
    jobs = options.jobs or 300_000
    with tempfile.TemporaryDirectory(prefix="natsq-bench-") as folder:
        file = write_jobs(folder, jobs, size)

        def side(program):
            return lambda: publish(broker, ours(broker, program, "--lines", "--window", WINDOW), jobs, file)

        sides = {"publisher --lines": side(peers.ours("publisher"))}
        if peers.beside("publisher"):
            sides["publisher --lines, beside"] = side(peers.beside("publisher"))
        theirs = nats_bench(broker, peers, "async", jobs, size, "--batch", WINDOW)
        sides["nats bench js pub async"] = lambda: publish(broker, theirs, jobs)
        result = rounds.compare(sides, options.rounds, "publisher --lines", COST)
    title = f"{jobs} jobs of {size} bytes from a pipe, each with a message id, {WINDOW} in flight"
    return {"title": title, **result}


def lines_16(broker, peers, options):
    """300,000 jobs of 16 bytes, --lines from a pipe"""
    return lines(broker, peers, options, 16)


def lines_512(broker, peers, options):
    """300,000 jobs of 512 bytes, --lines from a pipe"""
    return lines(broker, peers, options, 512)


def strict(broker, peers, options):
    """--window 1: each job confirmed before the next is sent"""
    jobs = options.jobs or 20_000
    with tempfile.TemporaryDirectory(prefix="natsq-bench-") as folder:
        file = write_jobs(folder, jobs, 16)
        command = ours(broker, peers.ours("publisher"), "--lines", "--window", 1)
        sides = {
            "publisher --window 1": lambda: publish(broker, command, jobs, file),
            "nats bench js pub sync": lambda: publish(broker, nats_bench(broker, peers, "sync", jobs, 16), jobs),
        }
        result = rounds.compare(sides, options.rounds, "publisher --window 1", COST)
    return {"title": f"{jobs} jobs of 16 bytes, one in flight", **result}


CASES = {"lines-16": lines_16, "lines-512": lines_512, "strict": strict}
