"""A handler that the kernel kills for want of memory costs its own job an attempt, and no other job."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from support.exit_codes import OK
from support.handler_command import Gate, Record, publish, sh, work
from support.memory_group import memory_group
from support.world import ORIGIN

JOBS = 8
KEPT = """
import json, os, sys, time
gate, command = sys.argv[1], sys.argv[2:]
for line in sys.stdin:
    job = json.loads(line)
    with open(gate, "a") as record:
        record.write(f"{job['seq']} {job['delivery']} {os.getpid()}\\n")
    if job["seq"] == 4 and job["delivery"] == 1 and "hungry" in command:
        hoard = []
        while True:
            hoard.append(b"x" * 10_000_000)
    while not os.path.exists(gate + ".open"):
        time.sleep(0.02)
    print(json.dumps({"seq": job["seq"], "verdict": "done"}), flush=True)
"""
HOARD = "hoard = []\nwhile True: hoard.append(b'x' * 10_000_000)"
COMMAND = """
echo "$NATSQ_SEQ $NATSQ_DELIVERY $$" >>"$1"
[ "$2:$NATSQ_SEQ:$NATSQ_DELIVERY" = hungry:4:1 ] && exec "$3" -c "$4"
until [ -e "$1.open" ]; do sleep 0.02; done
"""


def command(gate, appetite):
    return ["--", *sh(COMMAND, gate, appetite, sys.executable, HOARD)]


def kept(gate, appetite):
    return ["--keep=jsonl", "--", sys.executable, "-c", KEPT, str(gate), appetite]


each_kind = pytest.mark.parametrize("kind", [command, kept])
# A job is delivered again when its handler failed, and not because a busy machine renews a lease too late.
PATIENT = "--backoff", "5s,1m", "--max-deliver", "3", "--job-timeout", "5m"


def start(world, handler, *options, **how):
    return world.start("consumer", ORIGIN, "orders.*", "-j", JOBS, *options, "--server", world.server.url, *handler, server=False, **how)


def deliveries(gate):
    """Of each job: how many times it was run."""
    return Counter(int(line.split()[0]) for line in gate.lines)


def assert_only_the_fourth_ran_twice(world, gate, worker):
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all jobs are done")
    assert deliveries(gate) == {seq: 2 if seq == 4 else 1 for seq in range(1, JOBS + 1)}
    assert [line.split()[1] for line in gate.lines if line.startswith("4 ")] == ["1", "2"]
    assert len(worker.found("signal 9")) == 1 and worker.stop() == OK


@each_kind
def test_a_handler_that_is_killed_costs_its_own_job_an_attempt(world, kind):
    publish(world, JOBS)
    gate = Gate(world)
    worker = start(world, kind(gate, "modest"), *PATIENT)
    world.eventually(lambda: len(gate.lines) == JOBS, "all handlers run")
    [victim] = [int(line.split()[2]) for line in gate.lines if line.startswith("4 ")]
    os.kill(victim, signal.SIGKILL)
    world.eventually(lambda: len(gate.lines) == JOBS + 1, "its job is delivered again")
    gate.open()
    assert_only_the_fourth_ran_twice(world, gate, worker)


@each_kind
def test_a_handler_that_takes_all_memory_is_killed_and_not_its_worker(world, kind):
    publish(world, JOBS)
    gate = Gate(world)
    with memory_group(512) as enter:
        worker = start(world, kind(gate, "hungry"), *PATIENT, under=enter)
        world.eventually(lambda: len(gate.lines) == JOBS + 1, "the fourth job is delivered again")
        gate.open()
        assert_only_the_fourth_ran_twice(world, gate, worker)


# ---- what the kernel compares

PRINT = 'cat /proc/self/oom_score_adj; sh -c "cat /proc/self/oom_score_adj"'


def scores(world, own, *options):
    """Those of a handler and of its child, where the worker's own is this."""
    set_own = ["sh", "-c", 'echo "$0" >/proc/self/oom_score_adj && exec "$@"', str(own)]
    worker = work(world, sh(PRINT), "--count", "1", *options, under=set_own)
    assert worker.wait() == OK, worker.text
    return [int(line) for line in worker.out]


@pytest.mark.parametrize("own, expected", [(0, 500), (17, 517), (700, 1000), (1000, 1000)])
def test_a_handler_and_its_children_have_a_higher_score_than_the_worker(world, own, expected):
    publish(world, 1)
    assert scores(world, own) == [expected, expected]


def may_lower_scores():
    command = ["sh", "-c", "echo -1 >/proc/self/oom_score_adj"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.skipif(not may_lower_scores(), reason="a negative score needs CAP_SYS_RESOURCE")
@pytest.mark.parametrize("own, expected", [(-1000, -500), (-500, 0), (-17, 483)])
def test_a_protected_worker_has_less_protected_handlers(world, own, expected):
    publish(world, 1)
    assert scores(world, own) == [expected, expected]


def test_the_workers_own_score_stays(world):
    """Also although its handler was started by vfork."""
    publish(world, 1)
    gate = Gate(world)
    worker = work(world, sh(Gate.WAIT, gate))
    world.eventually(lambda: gate.lines, "the handler runs")
    with open(f"/proc/{worker.process.pid}/oom_score_adj") as file, open("/proc/self/oom_score_adj") as ours:
        assert file.read() == ours.read()
    gate.open()
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is done")
    assert worker.stop() == OK


def test_a_kept_handler_has_a_higher_score_too(world):
    publish(world, 1)
    record = Record(world)
    script = 'cat /proc/self/oom_score_adj >"$1"; read -r job; echo "{\\"seq\\":1,\\"verdict\\":\\"done\\"}"'
    worker = world.start("consumer", ORIGIN, "orders.*", "--count", "1", "--server", world.server.url, "--keep=jsonl", "--", *sh(script, record), server=False)
    assert worker.wait() == OK, worker.text
    with open("/proc/self/oom_score_adj") as ours:
        assert record.lines == [str(min(1000, int(ours.read()) + 500))]
