"""Sweeps at full speed alongside workers that fail at random, wait out backoffs and are killed, while leaders change.

No stream stores the server's advisories, so that only sweep can find the jobs that a killed worker leaves dead. The
handlers log each run. The log proves that no pending, running or delayed job was taken for dead: a swept job does not run
afterwards, none runs more often than its attempts allow, and none is lost.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass

import pytest

from support.exit_codes import OK
from support.handler_command import work
from support.jetstream import ApiError, nanoseconds
from support.world import DLQ, ORIGIN, own_world

ATTEMPTS = 2
FAILURES_IN_TEN = 4
COUNT = 250
LONG = 240  # under a sanitizer, or alongside other tests
PUT_BACK = "NATSQ_HEADER_NATSQ_"
HANDLER = f"""
read -r body
said="$body ${{{PUT_BACK}RETRIES:-0}} $NATSQ_SEQ $NATSQ_DELIVERY"
echo "begin $said ${{EPOCHREALTIME/./}} ${{{PUT_BACK}ORIGIN_SEQ:-0}} ${{{PUT_BACK}DIED_AT:--}} ${{{PUT_BACK}REASON:--}}" >>"$1"
sleep 0.0$((RANDOM % 6))
(( RANDOM % 10 < $2 )) && code=1 || code=0
echo "end $said ${{EPOCHREALTIME/./}} $code" >>"$1"
exit $code
"""


@dataclass
class Run:
    body: str
    retries: int
    seq: int
    delivery: int
    begin: int  # ns since 1970
    origin: int  # for a job that was put back: its former sequence, and when and why it died
    died_at: int
    reason: str
    end: int | None = None  # None: it was killed
    code: int | None = None


def read_runs(path):
    runs = []
    running = {}
    for line in path.read_text().splitlines():
        what, body, retries, seq, delivery, micros, *rest = line.split(" ", 8)
        if what == "begin":
            origin, died_at, reason = rest
            run = Run(body, int(retries), int(seq), int(delivery), int(micros) * 1000, int(origin), 0, reason)
            run.died_at = nanoseconds(died_at) if died_at != "-" else 0
            running[seq, delivery] = run
            runs.append(run)
        else:
            run = running[seq, delivery]
            run.end, run.code = int(micros) * 1000, int(rest[0])
    return runs


class Workload:
    def __init__(self, world, wait="1ms", backoff=1):
        """`wait`: the time between the two looks of a sweep."""
        self.world, self.log, self.backoff = world, world.home / "log", backoff
        self.log.touch()
        self.bodies = set()
        self.workers = [self.start_worker() for _ in range(4)]
        self.sweepers = [self.start_sweeper(wait) for _ in range(2)]

    def start_worker(self):
        handler = ["bash", "-c", HANDLER, "bash", self.log, FAILURES_IN_TEN]
        options = "--max-deliver", ATTEMPTS, "--backoff", f"{self.backoff}s", "-j", "2", "--wait"
        return work(self.world, list(map(str, handler)), *options)

    def start_sweeper(self, wait):
        """Sweeps without a pause, and puts dead jobs back."""
        return self.world.dlq("--retries", "1000", "--sweep-every", "1ms", "--sweep-wait", wait)

    def publish(self):
        bodies = [f"order-{len(self.bodies) + i}" for i in range(COUNT)]
        self.world.js.publish_all(("orders.new", body + "\n") for body in bodies)
        self.bodies |= set(bodies)

    def kill_workers(self, pause):
        """Repeated until one of them has left a dead job behind, which depends on chance."""
        for _ in range(5):
            self.publish()
            for _ in range(40):
                self.kill_a_worker()
                time.sleep(pause)
            self.drain()
            if self.swept():
                return

    def drain(self):
        self.world.eventually(lambda: is_empty(self.world), "both streams are empty", LONG)

    def kill_a_worker(self):
        which = random.randrange(len(self.workers))
        self.workers[which].kill()
        self.workers[which] = self.start_worker()

    def runs(self):
        return read_runs(self.log)

    def done(self):
        return {run.body for run in self.runs() if run.code == 0}

    def swept(self):
        return sum(len(sweeper.found("died unnoticed: swept")) for sweeper in self.sweepers)

    def finish(self):
        self.drain()
        assert [program.stop() for program in (*self.workers, *self.sweepers)] == [OK] * 6
        assert self.done() == self.bodies
        return self.runs()


def is_empty(world):
    try:
        return world.is_empty() and world.settled()
    except (ApiError, OSError):
        return False  # an election


def drop_advisories(world):
    subjects = [f"natsq.{state}.{ORIGIN}.>" for state in ("dead", "held")]
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**world.js.stream(DLQ)["config"], "subjects": subjects})


def assert_attempts_within_the_limit(runs):
    handled = Counter((run.body, run.retries, run.seq) for run in runs)
    assert max(handled.values()) <= ATTEMPTS, [what for what, times in handled.items() if times > ATTEMPTS]
    copies = defaultdict(set)
    for run in runs:
        copies[run.body, run.retries].add(run.seq)
    assert all(len(seqs) == 1 for seqs in copies.values()), "put back twice"


def assert_the_swept_were_dead(workload, runs):
    """None was running or waiting for its next attempt when it was taken for dead, and none ran after that. The backoff begins
    with the delivery, an unknown time before its handler, so only half of it is checked."""
    by_seq = defaultdict(list)
    for run in runs:
        by_seq[run.seq].append(run)
    for back in (run for run in runs if run.reason == "swept"):
        for run in by_seq[back.origin]:
            assert run.end is None or run.end < back.died_at, (run, back)
            least = run.begin if run.code == 0 else run.begin + workload.backoff * 10**9 // 2
            assert least < back.died_at, (run, back)


@pytest.fixture
def single(tmp_path):
    with own_world(tmp_path) as world:
        drop_advisories(world)
        yield world


@pytest.fixture
def cluster(tmp_path):
    with own_world(tmp_path, "--replicas", "3", nodes=3) as world:
        drop_advisories(world)
        yield world


def test_no_living_job_is_swept_while_workers_fail_and_delay(single):
    """No worker is killed: each job is done once."""
    workload = Workload(single)
    workload.publish()
    runs = workload.finish()
    assert workload.swept() == 0
    assert_attempts_within_the_limit(runs)
    assert Counter(run.body for run in runs if run.code == 0) == Counter(workload.bodies)


def test_only_dead_jobs_are_swept_while_workers_are_killed(single):
    workload = Workload(single)
    workload.kill_workers(0.2)
    runs = workload.finish()
    assert_attempts_within_the_limit(runs)
    assert_the_swept_were_dead(workload, runs)
    assert workload.swept() > 0


def change_leaders(world, stop, changed):
    """Of both streams and of the consumer, as `nats stream cluster step-down` does."""
    led = f"STREAM.LEADER.STEPDOWN.{ORIGIN}", f"STREAM.LEADER.STEPDOWN.{DLQ}", f"CONSUMER.LEADER.STEPDOWN.{ORIGIN}.processor"
    while not stop.wait(1):
        try:
            changed.append(world.js.api(random.choice(led)))
        except (ApiError, OSError):
            pass  # an election is under way


def test_only_dead_jobs_are_swept_while_workers_are_killed_and_leaders_change(cluster):
    workload = Workload(cluster, "4s", 6)  # a removal was seen to lag by 2.7 s
    stop, changed = threading.Event(), []
    changes = threading.Thread(target=change_leaders, args=(cluster, stop, changed))
    changes.start()
    workload.kill_workers(0.3)
    stop.set()
    changes.join()
    assert len(changed) >= 5
    runs = workload.finish()
    assert_attempts_within_the_limit(runs)
    assert_the_swept_were_dead(workload, runs)
    assert workload.swept() > 0
