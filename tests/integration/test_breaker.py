"""--breaker: a worker whose handler fails job after job stops taking jobs, tries one at a time, and goes on when one succeeds."""

from pathlib import Path

import pytest

from support.coprocess import keep  # noqa: F401
from support.exit_codes import OK
from support.handler_command import NOTE, Gate, Record, publish, sh, work
from support.world import ORIGIN, own_world

OPENED = r"of the last \d+ attempts failed, the last with '.*': taking no more jobs, except one at a time as a probe"
CLOSED = r"probe \d+ succeeded \S+ after the breaker opened: taking jobs again$"
FAILS_UNTIL = 'read -r body; echo "$body" >>"$1"; [ -e "$1.repaired" ]'
KEPT = """
import os
for job in jobs():
    answer(job) if os.path.exists(sys.argv[1] + ".repaired") else answer(job, verdict="retry")
"""


def repair(record):
    Path(f"{record}.repaired").touch()


def consumer(world):
    return world.js.consumer(ORIGIN, "processor")


def delivered(world):
    return consumer(world)["delivered"]["consumer_seq"]


def test_a_broken_handler_leaves_most_jobs_untouched(world):
    """The first ten, those that three other slots had begun, and one for each probe. A stop ends the wait at once."""
    publish(world, 200)
    ran = Record(world)
    worker = work(world, sh(NOTE + "; false", ran), "--max-deliver", "5", "--breaker", "10", "-j", "4", "--backoff", "1m")
    worker.wait_for(OPENED)
    began = len(worker.found("error processing"))
    assert 10 <= began <= 13
    worker.wait_for("error processing", times=began + 2)
    world.eventually(lambda: consumer(world)["num_waiting"] == 0, "no job is requested")
    assert worker.stop() == OK and len(worker.found(OPENED)) == 1 and not worker.found(CLOSED), worker.text
    assert worker.found("10 of the last 10 attempts failed, the last with 'exit 1'")
    assert delivered(world) == len(ran.lines) <= 20
    assert world.js.count(ORIGIN) == 200 and not worker.found("will be processed via DLQ")


@pytest.mark.parametrize("kept", [False, True], ids=["command", "keep"])
def test_it_goes_on_when_the_handler_recovers(world, keep, kept):  # noqa: F811
    publish(world, 200)
    ran = keep.record if kept else Record(world)
    options = "--max-deliver", "9", "--breaker", "50%", "-j", "4", "--backoff", "200ms", "--until-empty"
    worker = keep(KEPT, *options) if kept else work(world, sh(FAILS_UNTIL, ran), *options)
    worker.wait_for(OPENED)
    repair(ran)
    assert worker.wait() == OK, worker.text
    assert [len(worker.found(line)) for line in (OPENED, CLOSED)] == [1, 1], worker.text
    assert len(set(ran.lines)) == 200 and world.js.count(ORIGIN) == 0
    assert 20 <= len(worker.found("error processing")) <= 30
    assert worker.found(r"20 of the last 20 attempts failed, the last with '(exit 1|failed)'")


def test_idle_slots_withdraw_their_requests(world):
    """Otherwise jobs that arrive while the breaker is open would be delivered to the three that wait."""
    ran = Record(world)
    worker = work(world, sh(FAILS_UNTIL, ran), "--max-deliver", "9", "--breaker", "1", "-j", "4", "--backoff", "1m")
    world.eventually(lambda: world.js.consumers(ORIGIN) and consumer(world)["num_waiting"] == 4, "all slots ask")
    publish(world, 1)
    worker.wait_for(OPENED)
    world.eventually(lambda: consumer(world)["num_waiting"] == 0, "nothing is requested")
    publish(world, 50, "later")
    worker.wait_for("error processing", times=3)
    assert len(ran.lines) == delivered(world) <= 4, "only probes were delivered"
    repair(ran)
    world.eventually(lambda: world.js.count(ORIGIN) <= 4, "the others are done")
    world.eventually(lambda: consumer(world)["num_waiting"] == 4, "all slots ask again")
    assert worker.stop() == OK and len(worker.found(CLOSED)) == 1, worker.text
    assert len(ran.lines) == delivered(world)


def test_a_job_that_began_before_finishes_and_no_other_follows_it(world):
    """A success of an attempt that began before the breaker opened is acknowledged, without a request for the next job."""
    gate = Gate(world)
    command = sh(f'case $NATSQ_SEQ in 1) {Gate.WAIT};; *) echo "$NATSQ_SEQ" >>"$1"; exit 1;; esac', gate)
    publish(world, 30)
    worker = work(world, command, "--max-deliver", "9", "--breaker", "5", "-j", "2", "--backoff", "1m")
    worker.wait_for(OPENED)
    gate.open()
    world.eventually(lambda: world.js.count(ORIGIN) == 29, "the first job is done")
    worker.wait_for("error processing", times=7)  # two probes
    assert worker.stop() == OK and not worker.found(CLOSED)
    assert delivered(world) == len(gate.lines) <= 10


def test_count_and_rate_go_with_it(world):
    publish(world, 20)
    worker = work(world, ["false"], "--max-deliver", "9", "--breaker", "2", "-j", "4", "--rate", "100", "--count", "4", "--backoff", "1m")
    assert worker.wait() == OK, worker.text
    assert len(worker.found("error processing")) == delivered(world) == 4 and worker.seconds < 25


def test_until_empty_ends_when_others_have_emptied_the_queue(world):
    publish(world, 3)
    broken = work(world, ["false"], "--max-deliver", "9", "--breaker", "1", "-j", "1", "--backoff", "300ms", "--until-empty")
    broken.wait_for(OPENED)
    assert ["error processing" in line for line in broken.events[:2]] == [True, False], "the failure comes first"
    work(world, ["true"], "--until-empty").wait()
    assert broken.wait() == OK and world.js.count(ORIGIN) == 0, broken.text


def test_the_builtin_handler_can_have_one(world):
    """It takes a job at a time then, so that none is left that was delivered in advance."""
    publish(world, 200)
    worker = world.consumer("--fail-rate", "1", "--breaker", "5", "--backoff", "1m")
    worker.wait_for(OPENED)
    worker.wait_for("error processing", times=7)
    assert worker.stop() == OK and delivered(world) <= 9


def test_it_goes_on_after_a_restart_of_the_server(tmp_path):
    """Which ended the subscription while nothing was requested."""
    with own_world(tmp_path) as world:
        publish(world, 50)
        ran = Record(world)
        worker = work(world, sh(FAILS_UNTIL, ran), "--max-deliver", "9", "--breaker", "3", "-j", "2", "--backoff", "300ms", "--until-empty")
        worker.wait_for(OPENED)
        world.server.kill()
        world.server.restart()
        repair(ran)
        assert worker.wait() == OK, worker.text
        assert world.js.count(ORIGIN) == 0 and len(worker.found(CLOSED)) == 1
