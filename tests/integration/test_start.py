"""Handlers that cannot be started for a while, as during a deploy: that costs no attempt."""

import os
import resource
import sys
from pathlib import Path

import pytest

from support.ack_spy import AckSpy
from support.exit_codes import OK
from support.handler_command import Record, dead_letters, decide, publish, sh, work
from support.world import DLQ, ORIGIN

COMMAND = '#!/bin/sh\nread -r body\necho "$NATSQ_SEQ $NATSQ_DELIVERY" >>"$1"\n'
COPROCESS = f"#!{sys.executable}" + r"""
import json, sys
for line in sys.stdin:
    job = json.loads(line)
    print(job["seq"], job["delivery"], file=open(sys.argv[1], "a"))
    print(json.dumps({"seq": job["seq"], "verdict": "done"}), flush=True)
"""
HANDLER_KINDS = {"command": (COMMAND, []), "kept": (COPROCESS, ["--keep=jsonl"])}
each_kind = pytest.mark.parametrize("kind", HANDLER_KINDS)


class Handler:
    """A handler program that a test breaks and repairs, each atomically."""

    def __init__(self, world, text):
        self.path, self.text, self.record = world.home / "handler", text, Record(world)
        self.fix()

    def put(self, text, mode=0o755):
        new = self.path.with_suffix(".new")
        new.write_text(text)
        new.chmod(mode)
        os.replace(new, self.path)

    def fix(self):
        self.put(self.text)

    @property
    def command(self):
        return [self.path, self.record]


BROKEN = {
    "missing": (lambda handler: handler.path.unlink(), "No such file"),
    "not executable": (lambda handler: handler.put(handler.text, 0o644), "not executable"),
    "CRLF": (lambda handler: handler.put(handler.text.replace("\n", "\r\n")), "CRLF line ends"),
    "no interpreter line": (lambda handler: handler.put("exit 0\n"), "without an interpreter line"),
    "no interpreter": (lambda handler: handler.put("#!/no/such/sh\n"), "/no/such/sh"),
    "cut off": (lambda handler: handler.put("\x7fELF"), "Exec format error"),
    "empty": (lambda handler: handler.put(""), "empty file"),
}
LEASE = "1s"
RENEWALS = 14  # of two jobs, three in a lease: longer than two attempts


def start_broken(world, kind, *options, how="missing", jobs=1):
    """A worker whose handler breaks after the start and before the first job."""
    text, keep = HANDLER_KINDS[kind]
    handler = Handler(world, text)
    worker = work(world, handler.command, *keep, *options)
    world.eventually(lambda: "processor" in world.js.consumers(ORIGIN), "it is ready")
    BROKEN[how][0](handler)
    spy = AckSpy(world)
    publish(world, jobs)
    return worker, handler, spy


def wait_for_renewals(spy, count):
    while count > 0:
        ack = spy.next()
        assert ack == "+WPI", ack
        count -= 1


def only_warning(program):
    [words] = program.found("WARNING: (.*cannot (?:be )?start.*)")
    return words


@pytest.mark.parametrize("kind, how", [("command", how) for how in BROKEN] + [("kept", "missing"), ("kept", "CRLF")])
def test_jobs_wait_in_flight_until_the_handler_starts(world, kind, how):
    worker, handler, spy = start_broken(world, kind, "-j", "2", "--backoff", LEASE, "--job-timeout", "1s", how=how, jobs=6)
    wait_for_renewals(spy, RENEWALS if how == "missing" else 2)
    state = world.js.consumer(ORIGIN, "processor")
    assert (state["num_ack_pending"], state["num_pending"], state["num_redelivered"]) == (2, 4, 0)
    assert BROKEN[how][1] in only_warning(worker)
    handler.fix()
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are done")
    assert sorted(handler.record.lines) == [f"{seq} 1" for seq in range(1, 7)]
    assert world.js.count(DLQ) == 0 and worker.stop() == OK
    assert len(worker.found("can be started again$")) == 1


@each_kind
def test_jobs_wait_in_flight_until_there_are_descriptors(world, kind):
    """The same holds for memory and processes that are short for a while."""
    text, keep = HANDLER_KINDS[kind]
    handler = Handler(world, text)
    worker = work(world, handler.command, *keep, "-j", "1", "--backoff", LEASE)
    world.eventually(lambda: "processor" in world.js.consumers(ORIGIN), "the durable exists")
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"] == 1, "it waits for a job")
    limits = resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    spy = AckSpy(world)
    publish(world, 2)
    wait_for_renewals(spy, 4)
    [words] = worker.found("WARNING: (.*Too many open files.*)")
    resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE, limits)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are done")
    assert handler.record.lines == ["1 1", "2 1"] and world.js.count(DLQ) == 0 and worker.stop() == OK


ANSWER_UNASKED = """
    while not os.path.exists(sys.argv[1] + ".speak"):
        time.sleep(0.02)
    print("unasked", flush=True)
    print("spoke", file=open(sys.argv[1], "a"))
"""


def test_a_coprocess_that_was_killed_and_cannot_start_again_is_waited_for(world):
    """The SIGKILL that is due for the old process does not end the wait for the new one."""
    handler = Handler(world, COPROCESS.replace("import ", "import os, time, ") + ANSWER_UNASKED)
    worker = work(world, handler.command, "--keep=jsonl", "-j", "1", "--backoff", LEASE, "--kill-after", "300ms")
    publish(world, 1)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "the first is done")
    Path(f"{handler.record}.speak").touch()
    world.eventually(lambda: "spoke" in handler.record.lines, "it spoke")
    handler.path.unlink()
    spy = AckSpy(world)
    publish(world, 1, "second")
    wait_for_renewals(spy, 4)
    handler.fix()
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "the second is done")
    assert "2 1" in handler.record.lines and worker.stop() == OK


@each_kind
def test_each_outage_is_logged_with_its_end(world, kind):
    worker, handler, spy = start_broken(world, kind, "-j", "1", "--backoff", "200ms")
    for times in 1, 2:
        worker.wait_for("WARNING: cannot start", times=times)
        handler.fix()
        worker.wait_for("can be started again$", times=times)
        world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is done")
        if times == 2:
            break
        for pid in children(worker):
            os.kill(pid, 9)  # the coprocess
        BROKEN["missing"][0](handler)
        publish(world, 1)
    assert worker.stop() == OK


def children(program):
    tasks = Path(f"/proc/{program.process.pid}/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def test_a_body_above_the_file_size_limit_delays_no_other_job(world):
    world.js.publish("orders.new", "x" * 100_000)
    publish(world, 2)
    limited = "sh", "-c", 'ulimit -f 64; exec "$@"', "sh"
    worker = work(world, sh("true"), "-j", "1", "--until-empty", "--backoff", "100ms", under=limited)
    assert worker.wait() == OK, worker.text
    [letter] = dead_letters(world)
    assert letter.headers["Natsq-Reason"] == "not started" and "File too large" in letter.headers["Natsq-Error"]
    assert len(letter.body) == 100_000
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "the acknowledgements have taken effect")


@each_kind
def test_a_stop_returns_the_job_that_cannot_be_started(world, kind):
    worker, handler, spy = start_broken(world, kind, "-j", "1", "--backoff", "1m", "--grace", "1m")
    worker.wait_for("WARNING: cannot start")
    assert worker.stop(within=10) == OK
    assert spy.next().startswith("-NAK") and worker.found("# 1 is returned to the queue: .*No such file")
    assert world.js.count(DLQ) == 0


@each_kind
def test_a_last_attempt_can_still_start_within_the_grace(world, kind):
    worker, handler, spy = start_broken(world, kind, "-j", "1", "--max-deliver", "1", "--backoff", LEASE, "--grace", "1m")
    worker.wait_for("WARNING: cannot start")
    worker.signal()
    wait_for_renewals(spy, 4)
    handler.fix()
    assert worker.wait() == OK
    assert handler.record.lines == ["1 1"] and world.js.count(ORIGIN) == world.js.count(DLQ) == 0


@each_kind
@pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])
def test_the_letter_says_that_the_handler_was_not_started(world, kind, counted):
    """A stop during the only attempt makes the job dead; the reason shows that the job is not to blame."""
    worker, handler, spy = start_broken(world, kind, "-j", "1", counted, "1", "--backoff", "1m", "--grace", "300ms")
    worker.wait_for("WARNING: cannot start")
    assert worker.stop() == OK
    [letter] = dead_letters(world)
    assert letter.headers["Natsq-Reason"] == "not started" and "No such file" in letter.headers["Natsq-Error"]
    assert world.js.count(ORIGIN) == 0


@each_kind
def test_dlq_keeps_a_letter_until_the_handler_starts(world, kind):
    publish(world, 1)
    dying = work(world, sh("exit 1"), "--count", "1", "--max-deliver", "1")
    assert dying.wait() == OK and len(dead_letters(world)) == 1
    text, keep = HANDLER_KINDS[kind]
    handler = Handler(world, text)
    dlq_letters = decide(world, handler.command, *keep, "-j", "2")
    world.eventually(lambda: world.js.count(DLQ) == 0, "the first is done")
    for pid in children(dlq_letters):
        os.kill(pid, 9)
    BROKEN["missing"][0](handler)
    publish(world, 1)
    dying = work(world, sh("exit 1"), "--count", "1")
    assert dying.wait() == OK
    dlq_letters.wait_for("WARNING: .*No such file")
    world.eventually(lambda: world.js.consumer(DLQ, "letter_handler")["num_ack_pending"] == 1, "it is in flight")
    handler.fix()
    world.eventually(lambda: world.js.count(DLQ) == 0, "it is done")
    assert handler.record.lines == ["1 1", "2 1"] and world.held() == []
    assert len(dlq_letters.found("WARNING: .*No such file")) == 1 and dlq_letters.stop() == OK
