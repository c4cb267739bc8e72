"""Coprocess handlers (--keep): the examples, and what they learn about a job."""

import hashlib
import json
import os

from support.coprocess import ONCE, dead_jobs, each_example, example_handler, keep, wait_until_done
from support.exit_codes import OK
from support.handler_command import dead_letters, decide, publish, sh, work
from support.world import DLQ, ORIGIN


@each_example
def test_an_example_handles_fails_and_rejects_orders(world, name):
    keep, command = example_handler(name)
    bodies = [f"order-{i}" for i in range(50)] + ["fail-1", "", "tab\tnewline\nquote\"\\ caf\u00e9"]
    world.js.publish_all(("orders.new", body) for body in bodies)
    wait_until_done(work(world, command, *keep, *ONCE, "--count", len(bodies)))
    assert world.js.count(ORIGIN) == 0
    dead = dead_jobs(world)
    assert set(dead) == {"fail-1", ""}
    assert dead["fail-1"][0] == "failed" and dead[""] == ("hopeless", "an order without a body")
    assert dead["fail-1"][1].endswith("exit 1" if name == "shell" else "this order asks for it")


@each_example
def test_an_example_takes_large_and_binary_bodies(world, name):
    keep, command = example_handler(name)
    bodies = [b"x" * (2**20 - 1000), os.urandom(2**20 - 1000), b"\xff\x00", bytes(range(1, 256)) * 4000, b"\x00"]
    world.js.publish_all(("orders.new", body) for body in bodies)
    wait_until_done(work(world, command, *keep, *ONCE, "--count", len(bodies)))
    assert (world.js.count(ORIGIN), dead_jobs(world)) == (0, {})


def test_each_slot_has_one_process_for_all_its_jobs(world, keep):
    publish(world, 200)
    wait_until_done(keep("for job in jobs():\n    note('pid', os.getpid())\n    answer(job)", "-j", "2", "--count", "200"))
    pids = {line for line in keep.record.lines if line.startswith("pid")}
    assert 1 <= len(pids) <= 2 and len(keep.record.lines) == 400
    assert world.js.count(ORIGIN) == 0


def test_a_coprocess_learns_everything_about_a_job(world, keep):
    headers = {"Nats-Msg-Id": "id-1", "Colour": "red\r\nColour: blue", "X": ""}
    world.js.publish_all([("orders.new", 'caf\u00e9 "\n\0', headers)])
    [stored] = world.js.messages(ORIGIN)
    wait_until_done(keep("for job in jobs():\n    note(json.dumps(job))\n    answer(job)", "--count", "1", "--max-deliver", "3"))
    job = json.loads(keep.record.lines[-1])
    assert job.pop("headers") == {"Nats-Msg-Id": ["id-1"], "Colour": ["red", "blue"], "X": [""]}
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


def test_bodies_arrive_unchanged(world, keep):
    """More than a pipe holds, and a handler that reads slowly."""
    bodies = [b"", b"\n", b"\xff", os.urandom(2**20 - 1000), b'"\\\n\x01' * 200_000, "\u2013".encode() * 300_000]
    world.js.publish_all(("orders.new", body) for body in bodies)
    program = """
for job in jobs():
    body = base64.b64decode(job["body_base64"]) if "body_base64" in job else job["body"].encode()
    note("sum", __import__("hashlib").sha256(body).hexdigest())
    answer(job)
    time.sleep(0.1)
"""
    wait_until_done(keep(program, "-j", "1", "--count", len(bodies)))
    sums = [line.split()[1] for line in keep.record.lines if line.startswith("sum ")]
    assert sums == [hashlib.sha256(body).hexdigest() for body in bodies]


def test_a_coprocess_has_no_variables_of_jobs_or_credentials(world, keep):
    publish(world, 1)
    program = "for job in jobs():\n    note(json.dumps(dict(os.environ)))\n    answer(job)"
    wait_until_done(keep(program, "--count", "1", NATS_TOKEN="secret", NATSQ_SEQ="99", COLOUR="red"))
    variables = json.loads(keep.record.lines[-1])
    assert variables["NATSQ_STREAM"] == ORIGIN and variables["COLOUR"] == "red"
    assert "NATS_TOKEN" not in variables and "NATSQ_SEQ" not in variables


def test_stderr_is_logged_with_the_sequence_of_the_job(world, keep):
    publish(world, 2)
    program = "for job in jobs():\n    print('at', job['seq'], file=sys.stderr, flush=True)\n    answer(job)"
    consumer = wait_until_done(keep(program, "-j", "1", "--count", "2"))
    assert consumer.found(r"^\[\d+\] at \d+$") == ["[1] at 1", "[2] at 2"]


def test_a_long_job_is_delivered_once(world, keep):
    publish(world, 1)
    program = "for job in jobs():\n    time.sleep(1.5)\n    answer(job)"
    wait_until_done(keep(program, "-j", "2", "--backoff", "300ms", "--until-empty"))
    assert keep.record.lines == ["order-0"]
    assert world.js.count(ORIGIN) == 0


def test_verdicts_become_reasons(world, keep):
    publish(world, 4)
    program = """
for job in jobs():
    kind = job["seq"] % 4
    if kind == 1:
        print("on stderr", file=sys.stderr, flush=True)
    answer(job, *[["done"], ["retry"], ["hopeless"], ["retry"]][kind], **({"error": "in JSON"} if kind > 1 else {}))
"""
    wait_until_done(keep(program, *ONCE, "--count", "4"))
    assert dead_jobs(world) == {
        "order-0": ("failed", "on stderr"),
        "order-1": ("hopeless", "in JSON"),
        "order-2": ("failed", "in JSON"),
    }


def test_a_coprocess_of_dlq_learns_why_the_job_died(world, keep):
    publish(world, 1)
    wait_until_done(work(world, sh("echo no disk >&2; exit 7"), *ONCE, "--count", "1"))
    [letter] = dead_letters(world)
    dlq = keep("for job in jobs():\n    note(json.dumps(job))\n    answer(job)", begin=decide)
    world.eventually(lambda: world.js.count(DLQ) == 0, "it is done")
    assert dlq.stop() == OK
    job = json.loads(keep.record.lines[-1])
    assert (job["reason"], job["error"], job["deliveries"], job["retries"]) == ("exit 7", "no disk", 1, 0)
    assert (job["seq"], job["subject"], job["stream"], job["body"]) == (1, "orders.new", ORIGIN, "order-0\n")
