"""scripts/bench dlq: the cases, by name. Each takes (broker, peers, options) and returns its result."""

import contextlib
import json
import os
import subprocess
import tempfile
import time

from bench import measure, rounds
from bench.broker import BODY, DLQ, DURABLE, STREAM, SUBJECT
from bench.proxy import EACH_WAY, Proxy
from bench.publisher import written
from bench.rounds import add_side, note_goal
from support.jetstream import JetStream, nanoseconds
from support.local_server import wait_until

SPEED = {"speed": "jobs/s", "cpu": "µs of client CPU/job"}
HELD, PUT_BACK = "dlq run, all held", "dlq run, all put back"
WALKTHROUGH = "walk-through, no sleep"
COLLECTS, DECIDES = "unprocessed_order_handler", "letter_handler"
TIME = "2026-01-02T03:04:05.000000006Z"
WITHIN = 600


def natsq(url, program, *args):
    return list(map(str, [program, DLQ, STREAM, *args, "--server", url]))


def walkthrough(peers, url, jobs):
    return list(map(str, [peers.go, "dlq", "-server", url, "-stream", DLQ, "-origin", STREAM, "-count", jobs]))


# ---------------------------------------------------------------- dead jobs


def die_by_advisory(broker, peers, jobs):
    """Jobs delivered and never settled: the server has published an advisory about each."""
    broker.fresh(jobs, durable=False)
    broker.fresh_dlq()
    durable = {"durable_name": DURABLE, "filter_subject": "orders.*", "max_deliver": 1, "ack_wait": 10**9}
    JetStream(broker.url).create_consumer(STREAM, **durable, max_ack_pending=jobs)
    dying = [peers.go, "die", "-server", broker.url, "-stream", STREAM, "-durable", DURABLE, "-dlq", DLQ, "-count", jobs]
    measure.run(list(map(str, dying)), within=WITHIN)


def die_by_letter(broker, peers, jobs):
    """Jobs whose only attempt failed: the consumer has published a letter about each."""
    broker.fresh(jobs, durable=False)
    broker.fresh_dlq()
    failing = ["--attempts", 1, "--fail-rate", 1, "--until-empty", "--log-level", "error", "--server", broker.url]
    measure.run(list(map(str, [peers.ours("consumer"), STREAM, "orders.*", *failing])), within=WITHIN)


def letter_headers(seq, retries):
    """The headers of the letter about a job that was stored at TIME."""
    headers = {
        "Origin-Stream": STREAM, "Origin-Seq": str(seq), "Origin-Time": TIME, "Origin-Subject": SUBJECT, "Consumer": DURABLE,
        "Deliveries": "2", "Retries": str(retries), "Reason": "exit 1", "Error": "no such customer", "Died-At": TIME, "Host": "worker-1",
    }  # fmt: skip
    return {f"Natsq-{name}": value for name, value in headers.items()}


def held_letter(seq):
    """A line of --jsonl."""
    subject = f"natsq.held.{STREAM}.{DURABLE}.{seq}.{nanoseconds(TIME)}"
    return json.dumps({"subject": subject, "headers": letter_headers(seq, 0), "body": BODY.decode()})


def job_put_back(seq):
    """A line of --jsonl: the job that retry publishes for that letter."""
    job_id = f"retry:{STREAM}:{seq}:{nanoseconds(TIME)}:1"
    return json.dumps({"subject": SUBJECT, "id": job_id, "headers": letter_headers(seq, 1), "body": BODY.decode()})


def hold(broker, peers, jobs):
    """That many held letters, whose jobs are gone from the origin."""
    broker.fresh(jobs)
    broker.cli("stream", "purge", STREAM, "--force")
    broker.fresh_dlq()
    command = [peers.ours("publisher"), SUBJECT, "--jsonl", "--server", broker.url, "--log-level", "warn"]
    publisher = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, text=True)
    with publisher.stdin as lines:
        lines.writelines(held_letter(seq) + "\n" for seq in range(1, jobs + 1))
    if publisher.wait(timeout=WITHIN) != 0 or JetStream(broker.url).count(DLQ) != jobs:
        raise RuntimeError("publisher did not store every letter")


# ---------------------------------------------------------------- dlq run


def idle(consumer):
    return consumer.get("num_pending") == 0 and consumer.get("num_ack_pending") == 0


def decided(broker, in_origin, in_dlq):
    """Whether the streams hold that many messages and `dlq run` has nothing more to do."""
    subjects = [f"STREAM.INFO.{STREAM}", f"STREAM.INFO.{DLQ}", f"CONSUMER.INFO.{DLQ}.{COLLECTS}", f"CONSUMER.INFO.{DLQ}.{DECIDES}"]
    answers = [json.loads(answer) for _, answer in JetStream(broker.url).requests((f"$JS.API.{s}", "") for s in subjects)]
    known = {answer.get("name") or answer["config"]["name"]: answer for answer in answers if "error" not in answer}
    waiting = [known[stream]["state"]["messages"] for stream in (STREAM, DLQ)]  # replies may arrive in any order
    return waiting == [in_origin, in_dlq] and all(idle(known.get(consumer, {})) for consumer in (COLLECTS, DECIDES))


def check_fates(broker, jobs, put_back):
    """Each job is in the origin again, after the dead ones, or is a held letter; purging counts these."""
    js = JetStream(broker.url)
    if put_back:
        good = js.stream(STREAM)["state"]["first_seq"] == jobs + 1
    else:
        good = js.purge(DLQ, filter=f"natsq.held.{STREAM}.{DURABLE}.>") == jobs
    if not good:
        raise RuntimeError(f"dlq has not {'put back' if put_back else 'held'} each of {jobs} jobs")


def decide(broker, command, jobs, put_back=False):
    """Runs dlq until all jobs are held or put back."""
    left = (jobs, 0) if put_back else (0, jobs)
    started = time.monotonic()
    dlq = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: dlq.poll() is not None or decided(broker, *left), "all is decided", WITHIN)
        seconds = time.monotonic() - started
        if dlq.poll() is not None:
            raise RuntimeError(f"{' '.join(command)}: exited, code {dlq.returncode}")
        figures = {"speed": jobs / seconds, "cpu": measure.cpu(dlq.pid) / jobs * 1e6}
    finally:
        measure.stop(dlq)
    check_fates(broker, jobs, put_back)
    return figures


def decide_all(broker, peers, jobs, die, url=None, put_back=False):
    """make, for Peers.sides."""

    def make(program):
        def go():
            die(broker, peers, jobs)
            return decide(broker, natsq(url or broker.url, program, "--retries", int(put_back)), jobs, put_back)

        return go

    return make


def walk_through(broker, peers, jobs, url):
    """The walk-through program with that many advisories, each of which it must acknowledge."""

    def go():
        die_by_advisory(broker, peers, jobs)
        cost = measure.run(walkthrough(peers, url, jobs), within=WITHIN)
        wait_until(lambda: JetStream(broker.url).count(DLQ) == 0, "every advisory is acknowledged")
        return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6}

    peers.go  # noqa: B018 raises Missing before the first round
    return go


# ---------------------------------------------------------------- the cases


def advisory(broker, peers, options):
    """50,000 jobs dead by advisory: stored as letters, decided and retired"""
    jobs, notes = options.jobs or 50_000, []
    sides = peers.sides(HELD, "dlq", decide_all(broker, peers, jobs, die_by_advisory))
    sides[PUT_BACK] = decide_all(broker, peers, jobs, die_by_advisory, put_back=True)(peers.ours("dlq"))
    add_side(notes, sides, WALKTHROUGH, lambda: walk_through(broker, peers, jobs, broker.url))
    result = rounds.compare(sides, options.rounds, HELD, SPEED)
    note_goal(notes, result, HELD, WALKTHROUGH, 3)
    return {"title": f"{jobs} jobs dead by advisory, lines to /dev/null", "notes": notes, **result}


def letters(broker, peers, options):
    """50,000 letters by value that wait for a decision"""
    jobs, notes, name = options.jobs or 50_000, [], f"{WALKTHROUGH}, by advisory"
    sides = peers.sides(HELD, "dlq", decide_all(broker, peers, jobs, die_by_letter))
    add_side(notes, sides, name, lambda: walk_through(broker, peers, jobs, broker.url))
    result = rounds.compare(sides, options.rounds, HELD, SPEED)
    note_goal(notes, result, HELD, name, 6)
    return {"title": f"{jobs} letters from a consumer, lines to /dev/null", "notes": notes, **result}


def distant(broker, peers, options):
    """jobs dead by advisory on a server 10 ms away, through a proxy"""
    jobs, notes = options.jobs or 20_000, []
    few = min(jobs, 300)
    with Proxy(peers, broker.url) as proxy:
        sides = peers.sides(HELD, "dlq", decide_all(broker, peers, jobs, die_by_advisory, proxy.url))
        add_side(notes, sides, WALKTHROUGH, lambda: walk_through(broker, peers, few, proxy.url))
        result = rounds.compare(sides, options.rounds, HELD, SPEED)
    note_goal(notes, result, HELD, WALKTHROUGH, 100)
    title = f"{jobs} jobs dead by advisory, {few} for the walk-through, {EACH_WAY} ms each way"
    return {"title": title, "notes": notes, **result}


def stored(broker, command, jobs, **options):
    """The cost of storing that many jobs in the origin."""
    cost = measure.run(command, within=WITHIN, **options)
    if broker.waiting() != jobs:
        raise RuntimeError(f"{command[0]} exited with 0, but {broker.waiting()} of {jobs} jobs are stored")
    return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6}


def retry(broker, peers, options):
    """retry --all of 100,000 held letters, compared with publisher --lines of as many jobs"""
    jobs, notes = options.jobs or 100_000, []
    name, same, other = "dlq retry --all", "publisher --jsonl, the same jobs with the same headers", "publisher --lines"
    publisher = [str(peers.ours("publisher")), SUBJECT, "--server", broker.url, "--log-level", "warn"]

    def put_back(program):
        def go():
            hold(broker, peers, jobs)
            figures = stored(broker, natsq(broker.url, program, "retry", "--all", "--yes"), jobs)
            if left := JetStream(broker.url).count(DLQ):
                raise RuntimeError(f"retry exited with 0, but {left} letters are left")
            return figures

        return go

    def publish(file, source):
        hold(broker, peers, jobs)
        with subprocess.Popen(["cat", file], stdout=subprocess.PIPE) as cat:
            return stored(broker, [*publisher, source], jobs, stdin=cat.stdout)

    with written(jobs, len(BODY)) as file, tempfile.NamedTemporaryFile("w", prefix="natsq-bench-") as put_back_jobs:
        put_back_jobs.writelines(job_put_back(seq) + "\n" for seq in range(1, jobs + 1))
        put_back_jobs.flush()
        sides = peers.sides(name, "dlq", put_back)
        sides[same] = lambda: publish(put_back_jobs.name, "--jsonl")
        sides[other] = lambda: publish(file, "--lines")
        result = rounds.compare(sides, options.rounds, name, SPEED)
    note_goal(notes, result, name, same, 0.5)
    note_goal(notes, result, name, other, 0.5)
    return {"title": f"{jobs} jobs of {len(BODY)} bytes into the same stream", "notes": notes, **result}


def list_letters(command, letters):
    """Reads the table to its end: milliseconds until the first letter and until the last, and peak memory."""
    started, first, lines, most = time.monotonic(), None, 0, 0
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with process.stdout as pipe:
        while data := os.read(pipe.fileno(), 1 << 16):
            lines += data.count(b"\n")
            if first is None and lines > 1:  # the first one is the header of the table
                first = time.monotonic() - started
            with contextlib.suppress(RuntimeError):  # it may have exited with the rest in the pipe
                most = measure.memory(process.pid, "VmHWM")
    seconds = time.monotonic() - started
    if process.wait(timeout=20) != 0 or lines != letters + 1:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}, {lines} lines")
    return {"first": first * 1e3, "all": seconds * 1e3, "most": most / 2**20}


def listing(broker, peers, options):
    """list of 1,000,000 held letters: time until the first and the last, peak memory"""
    letters, name = options.jobs or 1_000_000, "dlq list"
    hold(broker, peers, letters)
    sides = peers.sides(name, "dlq", lambda program: lambda: list_letters(natsq(broker.url, program, "list"), letters))
    result = rounds.compare(sides, options.rounds, name, {"first": "ms", "all": "ms", "most": "MiB"})
    title = f"{letters} held letters on a pipe; from the start until the first letter's line, until the last; VmHWM"
    return {"title": title, "notes": ["the goals: the first line in 50 ms, under 16 MiB"], **result}


CASES = {"advisory": advisory, "letters": letters, "distant": distant, "retry": retry, "list": listing}
