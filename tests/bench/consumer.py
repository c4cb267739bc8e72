"""scripts/bench consumer: the cases, by name. Each takes (broker, peers, options) and returns its result."""

import contextlib
import functools
import json
import os
import subprocess
import sys
import time

from bench import examples, measure, rounds
from bench.broker import DURABLE, STREAM, SUBJECT
from bench.rabbit import Rabbit
from bench.rounds import add_side, note_goal

MANY = 16  # slots, so that jobs are always in flight
SPEED = {"speed": "jobs/s", "cpu": "µs of client CPU/job"}


def natsq(broker, program, *args):
    return [program, STREAM, "orders.*", "--server", broker.url, *args]


def count(jobs):
    return ["--count", jobs, "--log-level", "warn"]


def walkthrough(broker, peers, jobs, *args):
    return [peers.go, "consume", "-server", broker.url, "-stream", STREAM, "-durable", DURABLE, "-count", jobs, *args]


def builtin(broker, peers, options):
    """the built-in handler, which is instant: 300,000 16-byte jobs, each acknowledged"""
    jobs, notes = options.jobs or 300_000, []
    ours, bench_c = peers.ours("consumer"), peers.c("fetch")

    def side(command):
        return lambda: broker.consume(command, jobs)

    nats_bench = [
        peers.nats, "--server", broker.url, "--no-context", "bench", "js", "consume", "--stream", STREAM,
        "--consumer", DURABLE, "--msgs", jobs, "--size", 16, "--batch", 500, "--acks", "explicit", "--no-progress",
    ]  # fmt: skip
    sides = peers.sides("consumer", "consumer", lambda program: side(natsq(broker, program, *count(jobs))))
    sides["consumer, its lines to /dev/null"] = side(natsq(broker, ours, "--count", jobs))
    sides["nats bench js consume, batch 500"] = side(nats_bench)
    add_side(notes, sides, "walk-through, no sleep, no lines", lambda: side(walkthrough(broker, peers, jobs)))
    add_side(notes, sides, "walk-through, no sleep, its lines to /dev/null", lambda: side(walkthrough(broker, peers, jobs, "-lines")))
    for batch in 50, 500:
        sides[f"nats.c fetch {batch} and ack"] = side([bench_c, broker.url, STREAM, DURABLE, jobs, batch])
    for batch in 50, 500:
        sides[f"nats.c event loop {batch} and ack"] = side([peers.c("loop"), broker.url, STREAM, DURABLE, jobs, batch])
    for batch in 50, 500:
        make = lambda: side([peers.rust, "consume", broker.url, STREAM, DURABLE, jobs, batch])  # noqa: B023, E731 called at once
        add_side(notes, sides, f"async-nats pull {batch} and ack", make)
    result = rounds.compare(sides, options.rounds, "consumer", SPEED)
    return {"title": f"{jobs} jobs of 16 bytes; consumer with --log-level warn, at most 50 jobs in flight", "notes": notes, **result}


def command(broker, peers, options):
    """a command for each job: cat, with as many slots as processors, and with 1, 8 and 16"""
    jobs, at_once, notes = options.jobs or 4000, os.cpu_count(), []
    several = dict.fromkeys([at_once, 1, 8, MANY])
    ours, spawn = peers.ours("consumer"), peers.c("spawn")

    def bare(n):
        def go():
            cost = measure.run([str(spawn), str(n), str(jobs), "cat"])
            return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6}

        return go

    sides = {}
    for n in several:
        sides[f"consumer -j {n} -- cat"] = lambda n=n: broker.consume(natsq(broker, ours, *count(jobs), "-j", n, "--", "cat"), jobs)
        sides[f"bare posix_spawn and wait, {n} at once"] = bare(n)
    with contextlib.ExitStack() as stack:
        rabbit = functools.cache(lambda: stack.enter_context(Rabbit()))
        for n in dict.fromkeys([1, at_once]):
            name = f"amqp-consume -- cat, {n} at once"
            add_side(notes, sides, name, lambda n=n: rabbit().consumers(n, jobs))
        result = rounds.compare(sides, options.rounds, f"consumer -j {at_once} -- cat", SPEED)
    for n in several:
        note_goal(notes, result, f"consumer -j {n} -- cat", f"bare posix_spawn and wait, {n} at once", 0.85)
    return {"title": f"cat run for each of {jobs} jobs, its output to /dev/null", "notes": notes, **result}


def keep(broker, peers, options):
    """--keep: a handler kept running, compared with a process for each job"""
    ours, notes, sides = peers.ours("consumer"), [], {}
    help_text = subprocess.run([ours, "--help"], capture_output=True, text=True, timeout=10).stdout
    if "--keep" not in help_text:
        raise rounds.Missing("consumer has no --keep yet")
    each, kept = options.jobs or 1000, (options.jobs or 1000) * 20

    def side(jobs, *args):
        return lambda: broker.consume(natsq(broker, ours, *count(jobs), *args), jobs)

    add_side(notes, sides, "C, kept", lambda: side(kept, *examples.kept_c(peers)))
    sides["cat for each job"] = side(each, "--", "cat")
    add_side(notes, sides, f"C, kept, -j {MANY}", lambda: side(kept, "-j", MANY, *examples.kept_c(peers)))
    sides[f"cat for each job, -j {MANY}"] = side(each, "-j", MANY, "--", "cat")
    add_side(notes, sides, "Python, kept", lambda: side(kept, *examples.kept_python()))
    sides["Python for each job"] = side(max(each // 10, 10), "--", sys.executable, "-c", "import json, sys; sys.stdin.read()")
    ours_name = next(iter(sides))
    result = rounds.compare(sides, options.rounds, ours_name, SPEED)
    note_goal(notes, result, "C, kept", "cat for each job", 10)
    note_goal(notes, result, f"C, kept, -j {MANY}", f"cat for each job, -j {MANY}", 10)
    note_goal(notes, result, "Python, kept", "Python for each job", 8)
    return {"title": f"{kept} jobs for a kept handler, fewer where each starts a process", "notes": notes, **result}


def latency(broker, peers, options):
    """from publish to handler, at 1,000 jobs/s"""
    jobs, rate, notes = options.jobs or 5000, 1000, []
    probe = peers.c("latency")

    def side(consumer):
        def go():
            broker.fresh()
            worker = subprocess.Popen(
                list(map(str, consumer)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            try:
                time.sleep(0.5)  # until it has connected and sent a request, which cannot be observed
                seen = subprocess.run(
                    list(map(str, [probe, broker.url, SUBJECT, rate, jobs])),
                    stdin=worker.stderr, stdout=subprocess.PIPE, timeout=60 + jobs / rate, check=True,
                )  # fmt: skip
            finally:
                worker.stderr.close()
                measure.stop(worker)
            return json.loads(seen.stdout)

        return go

    sides = peers.sides("consumer", "consumer", lambda program: side(natsq(broker, program)))
    add_side(notes, sides, "walk-through", lambda: side(walkthrough(broker, peers, 0, "-lines")))
    result = rounds.compare(sides, options.rounds, "consumer", {"p50": "µs", "p99": "µs"})
    return {"title": f"{jobs} jobs, {rate} a second, until the handler's log line arrives in a pipe", "notes": notes, **result}


def memory(broker, peers, options):
    """resident memory with 8 slots idle"""

    def idle():
        broker.fresh()
        worker = subprocess.Popen(
            list(map(str, natsq(broker, peers.ours("consumer"), "-j", 8, "--", "cat"))),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            time.sleep(1)
            return {"resident": measure.resident(worker.pid) / 2**20}
        finally:
            measure.stop(worker)

    sides = {"consumer -j 8 -- cat": idle}
    result = rounds.compare(sides, options.rounds, "consumer -j 8 -- cat", {"resident": "MiB"})
    return {"title": "VmRSS one second after the start, idle; the goal: under 8 MiB", **result}


def depth(broker, peers, options):
    """a long queue compared with a short one: 1,000,000 pending jobs and 1,000"""
    long, short, first = options.jobs or 1_000_000, 1000, 100_000
    first = min(first, long // 2)
    ours = peers.ours("consumer")

    def some(waiting, jobs):
        def go():
            missing = waiting - broker.waiting()
            if missing > 0:
                broker.fill(missing)
            return broker.consume(natsq(broker, ours, *count(jobs)), jobs, fill=False)

        return go

    def afresh(waiting, jobs):
        def go():
            broker.fresh()
            return some(waiting, jobs)()

        return go

    sides = {
        f"{short} of {long}": some(long, short),
        f"{first} of {long}": some(long, first),
    }
    broker.fresh(long)
    deep = rounds.run(sides, options.rounds)
    shallow = rounds.run(
        {f"{short} of {short}": afresh(short, short), f"{first} of {first}": afresh(first, first)}, options.rounds
    )
    results = {**deep, **shallow}
    compared = {
        name: rounds.ratios(results, a, "speed")[b]
        for name, a, b in [
            (f"{short} of {short}", f"{short} of {long}", f"{short} of {short}"),
            (f"{first} of {first}", f"{first} of {long}", f"{first} of {first}"),
        ]
    }
    title = f"the first jobs of {long} pending, compared with a queue of only these; including start and exit of the program"
    return {"title": title, "ours": "the long queue", "units": {"speed": "jobs/s"}, "sides": results, "ratios": {"speed": compared}}


CASES = {"builtin": builtin, "command": command, "keep": keep, "latency": latency, "memory": memory, "depth": depth}
