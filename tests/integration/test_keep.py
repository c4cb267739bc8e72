"""Handlers that are kept running: the examples, and every way to break the protocol or to die."""

import hashlib
import json
import os
import shutil
import sys

import pytest

from support.handlers import Gate, Record, dead_letters, decide, is_alive, publish, sh, work
from support.natsq import BIN, DLQ, OK, ORIGIN, ROOT, USAGE, server, world  # noqa: F401

BEGIN = """
import base64, json, os, signal, sys, time

def note(*words):
    with open(sys.argv[1], "a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def answer(job, verdict="done", **more):
    say(json.dumps({"seq": job["seq"], "verdict": verdict, **more}) + "\\n")

def jobs():
    for line in sys.stdin.buffer:
        job = json.loads(line)
        note(job.get("body", "")[:50].rstrip("\\n"))
        yield job
"""
ONCE = "--max-deliver", "1"


@pytest.fixture
def keep(world):
    """Starts a consumer with a handler: the text of a Python program behind BEGIN."""
    record = Record(world)

    def start(program, *options, begin=work, **variables):
        script = world.home / "handler.py"
        script.write_text(BEGIN + program)
        return begin(world, [sys.executable, script, record], "--keep=jsonl", *options, **variables)

    start.record = record
    return start


def run(consumer):
    assert consumer.wait() == OK, consumer.text
    return consumer


def deaths(world):
    return {letter.body.rstrip("\n"): (letter.headers["Natsq-Reason"], letter.headers.get("Natsq-Error")) for letter in dead_letters(world)}


def example(name):
    if name == "shell" and not shutil.which("jq"):
        pytest.skip("jq is not installed")
    return {
        "c": (["--keep"], [BIN / "example-handler"]),
        "python": (["--keep=jsonl"], [ROOT / "examples" / "handler.py"]),
        "shell": (["--keep=jsonl"], [ROOT / "examples" / "handler.sh"]),
    }[name]


examples = pytest.mark.parametrize("name", ["c", "python", "shell"])


# ---- what works


@examples
def test_example(world, name):
    keep, command = example(name)
    bodies = [f"order-{i}" for i in range(50)] + ["fail-1", "", "tab\tnewline\nquote\"\\ caf\u00e9"]
    world.js.publish_all(("orders.new", body) for body in bodies)
    run(work(world, command, *keep, *ONCE, "--count", len(bodies)))
    assert world.js.count(ORIGIN) == 0
    dead = deaths(world)
    assert set(dead) == {"fail-1", ""}
    assert dead["fail-1"][0] == "failed" and dead[""] == ("hopeless", "an order without a body")
    assert dead["fail-1"][1].endswith("exit 1" if name == "shell" else "this order asks for it")


@examples
def test_example_takes_large_and_binary_bodies(world, name):
    keep, command = example(name)
    bodies = [b"x" * (2**20 - 1000), os.urandom(2**20 - 1000), b"\xff\x00", bytes(range(1, 256)) * 4000, b"\x00"]
    world.js.publish_all(("orders.new", body) for body in bodies)
    run(work(world, command, *keep, *ONCE, "--count", len(bodies)))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})


def test_a_process_a_slot_for_all_jobs(world, keep):
    publish(world, 200)
    run(keep("for job in jobs():\n    note('pid', os.getpid())\n    answer(job)", "-j", "2", "--count", "200"))
    pids = {line for line in keep.record.lines if line.startswith("pid")}
    assert 1 <= len(pids) <= 2 and len(keep.record.lines) == 400
    assert world.js.count(ORIGIN) == 0


def test_what_is_known_of_a_job(world, keep):
    headers = {"Nats-Msg-Id": "id-1", "Colour": "red\r\nColour: blue", "X": ""}
    world.js.publish_all([("orders.new", 'caf\u00e9 "\n\0', headers)])
    [stored] = world.js.messages(ORIGIN)
    run(keep("for job in jobs():\n    note(json.dumps(job))\n    answer(job)", "--count", "1", "--max-deliver", "3"))
    job = json.loads(keep.record.lines[-1])
    told = {header["name"]: [] for header in job["headers"]}
    for header in job.pop("headers"):
        told[header["name"]].append(header["value"])
    assert told == {"Nats-Msg-Id": ["id-1"], "Colour": ["red", "blue"], "X": [""]}
    assert job.pop("timestamp")[:19] == stored.time[:19]
    assert job == {
        "seq": stored.seq,
        "subject": "orders.new",
        "stream": ORIGIN,
        "delivery": 1,
        "max_deliver": 3,
        "job_id": "id-1",
        "body": 'caf\u00e9 "\n\0',
    }


def test_bodies_arrive_as_they_were(world, keep):
    """More than a pipe holds, to a handler that is slow to read."""
    bodies = [b"", b"\n", b"\xff", os.urandom(2**20 - 1000), b'"\\\n\x01' * 200_000, "\u2013".encode() * 300_000]
    world.js.publish_all(("orders.new", body) for body in bodies)
    program = """
for job in jobs():
    body = base64.b64decode(job["body_base64"]) if "body_base64" in job else job["body"].encode()
    note("sum", __import__("hashlib").sha256(body).hexdigest())
    answer(job)
    time.sleep(0.1)
"""
    run(keep(program, "-j", "1", "--count", len(bodies)))
    sums = [line.split()[1] for line in keep.record.lines if line.startswith("sum ")]
    assert sums == [hashlib.sha256(body).hexdigest() for body in bodies]


def test_environment(world, keep):
    publish(world, 1)
    program = "for job in jobs():\n    note(json.dumps(dict(os.environ)))\n    answer(job)"
    run(keep(program, "--count", "1", NATS_TOKEN="secret", NATSQ_SEQ="99", COLOUR="red"))
    variables = json.loads(keep.record.lines[-1])
    assert variables["NATSQ_STREAM"] == ORIGIN and variables["COLOUR"] == "red"
    assert "NATS_TOKEN" not in variables and "NATSQ_SEQ" not in variables


def test_stderr_is_passed_on_with_the_job_in_front(world, keep):
    publish(world, 2)
    program = "for job in jobs():\n    print('at', job['seq'], file=sys.stderr, flush=True)\n    answer(job)"
    consumer = run(keep(program, "-j", "1", "--count", "2"))
    assert consumer.found(r"^\[\d+\] at \d+$") == ["[1] at 1", "[2] at 2"]


def test_a_long_job_is_delivered_once(world, keep):
    publish(world, 1)
    program = "for job in jobs():\n    time.sleep(1.5)\n    answer(job)"
    run(keep(program, "-j", "2", "--backoff", "300ms", "--until-empty"))
    assert keep.record.lines == ["order-0"]
    assert world.js.count(ORIGIN) == 0


def test_verdicts(world, keep):
    publish(world, 4)
    program = """
for job in jobs():
    kind = job["seq"] % 4
    if kind == 1:
        print("on stderr", file=sys.stderr, flush=True)
    answer(job, *[["done"], ["retry"], ["hopeless"], ["retry"]][kind], **({"error": "in JSON"} if kind > 1 else {}))
"""
    run(keep(program, *ONCE, "--count", "4"))
    assert deaths(world) == {
        "order-0": ("failed", "on stderr"),
        "order-1": ("hopeless", "in JSON"),
        "order-2": ("failed", "in JSON"),
    }


def test_a_dead_job_for_dlq(world, keep):
    publish(world, 1)
    run(work(world, sh("echo no disk >&2; exit 7"), *ONCE, "--count", "1"))
    [letter] = dead_letters(world)
    dlq = keep("for job in jobs():\n    note(json.dumps(job))\n    answer(job)", begin=decide)
    world.eventually(lambda: world.js.count(DLQ) == 0, "it is done")
    assert dlq.stop() == OK
    job = json.loads(keep.record.lines[-1])
    assert (job["reason"], job["error"], job["deliveries"], job["retries"]) == ("exit 7", "no disk", 1, 0)
    assert (job["seq"], job["subject"], job["stream"], job["body"]) == (1, "orders.new", ORIGIN, "order-0\n")


# ---- what goes wrong: the job in hand fails, and no other


@pytest.mark.parametrize(
    "end, reason",
    [
        ("sys.exit(3)", "exit 3"),
        ("sys.exit(0)", "exit 0"),
        ("sys.exit(65)", "exit 65"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("os.write(1, b'{\"seq\":'); os._exit(4)", "exit 4"),
        ("os.close(1); time.sleep(0.1); os._exit(5)", "exit 5"),
    ],
)
def test_a_handler_that_dies(world, keep, end, reason):
    publish(world, 10)
    program = f"""
for job in jobs():
    if job["body"] == "order-5\\n":
        print("last words", file=sys.stderr, flush=True)
        {end}
    answer(job)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "10"))
    assert deaths(world) == {"order-5": (reason, "last words")}
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize(
    "nonsense, error",
    [
        ("say('hello\\n')", "not a JSON object"),
        ("say('\\n')", "not a JSON object"),
        ("say('x' * 200000)", "too long"),
        ("answer({'seq': job['seq'] + 1})", "about another job"),
        ("answer(job, 'perhaps')", "verdict"),
        ("say(json.dumps({'verdict': 'done'}) + '\\n')", '"seq"'),
    ],
)
def test_a_handler_that_talks_nonsense(world, keep, nonsense, error):
    publish(world, 10)
    program = f"""
for job in jobs():
    if job["body"] == "order-5\\n":
        {nonsense}
    answer(job)
"""
    consumer = run(keep(program, "-j", "1", *ONCE, "--count", "10"))
    assert list(deaths(world)) == ["order-5"]
    reason, words = deaths(world)["order-5"]
    assert reason == "failed" and error in words
    assert len(consumer.found("handler is started again")) == 1
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize("how", ["--keep", "--keep=protobuf", "--keep=jsonl"])
def test_cat_is_no_handler(world, how):
    publish(world, 3)
    run(work(world, ["cat"], how, *ONCE, "--count", "3"))
    assert {reason for reason, _ in deaths(world).values()} == {"failed"} and len(deaths(world)) == 3


def test_a_handler_that_answers_twice(world, keep):
    publish(world, 5)
    run(keep("for job in jobs():\n    say(2 * (json.dumps({'seq': job['seq'], 'verdict': 'done'}) + '\\n'))", "-j", "1", *ONCE, "--count", "5"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})


def test_a_handler_that_speaks_unasked(world, keep):
    """Between two jobs: it is started again, and no job fails for it."""
    publish(world, 1)
    program = "for job in jobs():\n    answer(job)\n    say('ready\\n')\n    note('said')"
    consumer = keep(program, "-j", "1", *ONCE, "--count", "2")
    world.eventually(lambda: "said" in keep.record.lines, "it spoke")
    world.js.publish("orders.new", "second")
    run(consumer)
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})
    assert consumer.found("started again: .*")


def test_a_handler_that_ends_between_two_jobs(world, keep):
    """As some do after so many jobs, at any moment after the answer: no job fails for it."""
    publish(world, 30)
    program = "for job in jobs():\n    answer(job)\n    time.sleep(job['seq'] % 3 / 100)\n    os._exit(0)"
    run(keep(program, "-j", "2", *ONCE, "--count", "30"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {})


def test_a_handler_that_never_answers(world, keep):
    publish(world, 3)
    program = "for job in jobs():\n    if job['body'] == 'order-1\\n':\n        time.sleep(600)\n    answer(job)"
    run(keep(program, "-j", "1", *ONCE, "--count", "3", "--job-timeout", "1s"))
    assert [(body, reason) for body, (reason, _) in deaths(world).items()] == [("order-1", "timeout 1s")]
    assert world.js.count(ORIGIN) == 0


def test_a_handler_that_ignores_sigterm(world, keep):
    publish(world, 2)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    while job["body"] == "order-0\\n":
        time.sleep(0.05)
    answer(job)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s", "--kill-after", "200ms"))
    assert list(deaths(world)) == ["order-0"] and "term" in keep.record.lines


def test_nothing_of_its_group_outlives_a_timeout(world, keep):
    """It goes on SIGTERM, its child does not hear of it."""
    publish(world, 1)
    program = """
for job in jobs():
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("child", os.getpid())
        time.sleep(600)
    time.sleep(600)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "1", "--job-timeout", "1s", "--kill-after", "1m"))
    [pid] = [line.split()[1] for line in keep.record.lines if line.startswith("child ")]
    world.eventually(lambda: not is_alive(pid), "its child is gone too")


def test_an_answer_after_sigterm_counts(world, keep):
    publish(world, 2)
    program = """
class Enough(Exception):
    pass

def stop(*_):
    raise Enough

signal.signal(signal.SIGTERM, stop)
for job in jobs():
    try:
        time.sleep(600 if job["body"] == "order-0\\n" else 0)
    except Enough:
        note("term")
    answer(job)
"""
    run(keep(program, "-j", "1", *ONCE, "--count", "2", "--job-timeout", "1s"))
    assert (world.js.count(ORIGIN), deaths(world)) == (0, {}) and "term" in keep.record.lines


def test_a_handler_that_reads_nothing(world, keep):
    world.js.publish("orders.new", "x" * 2**19)
    run(keep("time.sleep(600)", *ONCE, "--count", "1", "--job-timeout", "500ms"))
    assert [reason for reason, _ in deaths(world).values()] == ["timeout 500ms"]


def test_a_handler_that_closes_its_stdin(world, keep):
    publish(world, 2)
    run(keep("os.close(0)\ntime.sleep(0.2)\nsys.exit(9)", "-j", "1", *ONCE, "--count", "2"))
    assert {reason for reason, _ in deaths(world).values()} == {"exit 9"} and len(deaths(world)) == 2


def test_a_command_that_cannot_work_is_not_started_all_the_time(world):
    publish(world, 4)
    consumer = run(work(world, ["false"], "--keep", "-j", "1", *ONCE, "--count", "4"))
    assert {reason for reason, _ in deaths(world).values()} == {"exit 1"} and len(deaths(world)) == 4
    assert consumer.seconds > 0.1 + 0.2 + 0.4


def test_a_stop_does_not_wait_for_the_next_start(world):
    publish(world, 20)
    consumer = work(world, ["false"], "--keep", "-j", "1", "--max-deliver", "9", "--backoff", "1m")
    consumer.wait_for("exit 1", times=5)  # the next start is 1.6 s away
    assert consumer.stop(within=10) == OK
    assert deaths(world) == {} and world.js.count(ORIGIN) == 20


# ---- ends

AT_THE_GATE = """
for job in jobs():
    while not os.path.exists(sys.argv[1] + ".open"):
        time.sleep(0.02)
    answer(job)
note("bye")
"""


def test_a_stop_waits_for_the_job_in_hand(world, keep):
    publish(world, 5)
    consumer = keep(AT_THE_GATE, "-j", "1")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    consumer.signal()
    Gate.open(keep.record)
    assert consumer.wait() == OK
    assert world.js.count(ORIGIN) == 4
    assert keep.record.lines == ["order-0", "bye"]


def test_a_stop_cuts_off_what_outlasts_the_grace(world, keep):
    publish(world, 1)
    consumer = keep(AT_THE_GATE, "-j", "1", "--grace", "300ms", "--max-deliver", "9", "--backoff", "200ms")
    world.eventually(lambda: "order-0" in keep.record.lines, "it runs")
    assert consumer.stop() == OK
    assert "cut off by the stop" in consumer.text and deaths(world) == {}
    Gate.open(keep.record)
    run(keep(AT_THE_GATE, "--until-empty", "--max-deliver", "9"))
    assert world.js.count(ORIGIN) == 0


def test_the_end_of_stdin_is_the_end(world, keep):
    publish(world, 4)
    run(keep("for job in jobs():\n    answer(job)\ntime.sleep(0.3)\nnote('bye')", "-j", "2", "--count", "4"))
    assert "bye" in keep.record.lines


def test_a_handler_that_does_not_end_is_killed(world, keep):
    publish(world, 1)
    program = """
signal.signal(signal.SIGTERM, lambda *_: note("term"))
for job in jobs():
    note("pid", os.getpid())
    answer(job)
while True:
    time.sleep(0.1)
"""
    run(keep(program, "-j", "1", "--count", "1", "--kill-after", "200ms"))
    [pid] = [line.split()[1] for line in keep.record.lines if line.startswith("pid ")]
    assert "term" in keep.record.lines and not is_alive(pid)


def test_it_dies_with_the_consumer(world, keep):
    publish(world, 1)
    consumer = keep("for job in jobs():\n    note('pid', os.getpid())\n    time.sleep(600)", "-j", "1")
    [pid] = world.eventually(lambda: [line.split()[1] for line in keep.record.lines if line.startswith("pid ")], "it runs")
    consumer.kill()
    world.eventually(lambda: not is_alive(pid), "it is gone")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--keep"], "--keep needs a COMMAND"),
        (["--keep", "jsonl", "--", "cat"], "--keep=jsonl"),
        (["--keep=xml", "--", "cat"], "protobuf|jsonl"),
    ],
)
def test_usage(world, arguments, words):
    consumer = world.run("consumer", ORIGIN, "orders.*", *arguments, server=False)
    assert consumer.code == USAGE and words in consumer.text
