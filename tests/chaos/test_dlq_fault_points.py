"""`dlq run` is killed between any two steps of collect and decide and started again: no job is lost or stuck, none is held
or put back twice. The server announced half of the deaths; the workers dead-lettered the other half."""

import signal
from functools import partial

import pytest

from support.build import needs_fault_points
from support.exit_codes import OK
from support.handler_command import NOTE, Record, decide, publish, sh
from support.letters import DECIDE_DURABLE, letter, put, shorten_leases
from support.world import ADVISORIES, DLQ, ORIGIN

COLLECT = ["collect:taken", "dead_jobs:judged", "dead_jobs:stored", "dead_jobs:retired", "collect:settled"]
DIRECT_REQUEUE = ["collect:taken", "requeue:sent", "dead_jobs:retired", "collect:settled"]
DECIDE = ["decide:taken", "decide:handled", "decide:room", "decide:sent", "decide:retired", "decide:settled"]
COUNT = 6  # jobs that die in each of the two ways
HANDLERS = {"done": f"{NOTE}", "failing": f"{NOTE}; exit 1", "hopeless": f"{NOTE}; exit 65"}

pytestmark = needs_fault_points
held_or_put_back = pytest.mark.parametrize("retries", [0, 1], ids=["held", "put back"])
but_for_room = pytest.mark.parametrize("fault_point", [fault_point for fault_point in DECIDE if fault_point != "decide:room"])


def die(world):
    """Jobs that the server announced as dead, and jobs that workers dead-lettered."""
    announced = publish(world, COUNT, "announced")
    world.kill_jobs()
    dead_lettered = publish(world, COUNT, "dead-lettered")
    consumer = world.consumer("--attempts", "2", "--update", "--fail-rate", "1", "--backoff", "50ms")
    consumer.wait_for("will be processed via DLQ$", times=COUNT)
    world.eventually(lambda: world.js.last_seq(DLQ) == 2 * COUNT, "all deaths are in the DLQ")
    assert consumer.stop() == OK
    shorten_leases(world, 0.5)
    return announced | dead_lettered


def die_by_reference(world):
    """Dead jobs whose letters have no room for the body, which stays in the origin."""
    dying = publish(world, COUNT, "large")
    dead = world.kill_jobs()
    world.js.purge(DLQ)
    put(world, *(letter(job.seq, "", state="dead", ns=job.ns, Natsq_Retries="0", Natsq_Body="origin") for job in dead))
    shorten_leases(world, 0.5)
    return dying


def bodies(messages):
    return sorted(message.body.strip() for message in messages)


def kill_and_rerun(world, start, fault_point, passes=(1,)):
    """`start` begins a dlq, which is killed on these of its passes through the fault point; returns the one that runs after
    that, connected: a stop finds it listening even where nothing was left to do."""
    for number in passes:
        killed = start(NATSQ_FAULT_POINT=f"{fault_point}:{number}")
        assert killed.wait() == -signal.SIGKILL, killed.text
    name = f"dlq_{ORIGIN}"
    world.eventually(lambda: name not in world.connection_names(), "the killed one is gone")
    dlq = start()
    world.eventually(lambda: name in world.connection_names(), "it is connected")
    return dlq


def is_settled(world):
    return world.js.count(DLQ) == len(world.held()) and world.settled()


@pytest.mark.parametrize("fault_point", COLLECT)
def test_a_killed_collect_holds_each_job_once(world, fault_point):
    dying = die(world)
    dlq = kill_and_rerun(world, partial(world.dlq, "--retries", "0"), fault_point)
    world.eventually(lambda: len(world.held()) >= 2 * COUNT and is_settled(world), "all are held")
    assert bodies(world.held()) == sorted(dying)
    assert world.js.count(ORIGIN) == 0 and dlq.stop() == OK


@pytest.mark.parametrize("beside_a_run", [False, True], ids=["alone", "beside a run"])
@pytest.mark.parametrize("fault_point", [*COLLECT, "hold:stored", "hold:settled"])
def test_a_killed_hold_holds_each_job_once(world, fault_point, beside_a_run):
    """The `run` decides as `hold` does, so that it makes no difference which of the two takes a letter."""
    dying = die(world)
    killed = world.dlq("hold", "--yes", NATSQ_FAULT_POINT=fault_point)
    assert killed.wait() == -signal.SIGKILL, killed.text
    run = beside_a_run and world.dlq("--retries", "0")
    world.eventually(lambda: world.run("dlq", DLQ, ORIGIN, "hold", "--yes").code == OK, "hold reports no letter that is left")
    world.eventually(lambda: is_settled(world), "all is settled")
    assert bodies(world.held()) == sorted(dying)
    assert world.js.count(ORIGIN) == 0 and (not run or run.stop() == OK)


@pytest.mark.parametrize("fault_point", DIRECT_REQUEUE)
def test_a_killed_direct_requeue_puts_each_job_back_once(world, fault_point):
    dying = publish(world, COUNT, "announced")
    world.kill_jobs()
    shorten_leases(world, 0.5)
    world.js.delete_consumer(DLQ, DECIDE_DURABLE)
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**world.js.stream(DLQ)["config"], "subjects": [f"{ADVISORIES}.*"]})
    dlq = kill_and_rerun(world, world.dlq, fault_point)
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisories are settled")
    assert bodies(world.js.messages(ORIGIN)) == sorted(dying)
    assert {job.headers.get("Natsq-Retries") for job in world.js.messages(ORIGIN)} == {"1"}
    assert dlq.stop() == OK


@pytest.mark.parametrize("fault_point", DECIDE)
@held_or_put_back
def test_a_killed_decide_without_a_handler_holds_or_puts_back_each_job_once(world, fault_point, retries):
    dying = die(world)
    dlq = kill_and_rerun(world, partial(world.dlq, "--retries", retries), fault_point)
    world.eventually(lambda: is_settled(world) and world.js.last_seq(DLQ) >= 2 * COUNT, "all is decided")
    assert bodies(world.held()) == (sorted(dying) if retries == 0 else [])
    assert bodies(world.js.messages(ORIGIN)) == (sorted(dying) if retries == 1 else [])
    assert dlq.stop() == OK


@but_for_room
@held_or_put_back
def test_a_killed_decide_without_a_handler_keeps_bodies_by_reference(world, fault_point, retries):
    """Held letters leave their bodies in the origin; a job that is put back is there once. A letter whose original was removed
    just before the kill is held without a body, because nothing shows who removed it."""
    dying = die_by_reference(world)
    dlq = kill_and_rerun(world, partial(world.dlq, "--retries", retries), fault_point)
    world.eventually(lambda: is_settled(world) and world.js.count(ORIGIN) == COUNT, "all is decided")
    without_body = len(dlq.found("gone from the origin with its body"))
    assert without_body == 0 or fault_point == "decide:retired"
    assert len(world.held()) == (COUNT if retries == 0 else without_body)
    assert all((each.body, each.headers["Natsq-Body"]) == ("", "origin") for each in world.held())
    jobs = world.js.messages(ORIGIN)
    assert bodies(jobs) == sorted(dying)
    assert {job.headers.get("Natsq-Retries") for job in jobs} == ({None} if retries == 0 else {"1"})
    assert dlq.stop() == OK


@but_for_room
@pytest.mark.parametrize("outcome", HANDLERS)
@pytest.mark.parametrize("by_reference", [False, True], ids=["by value", "by reference"])
def test_a_killed_decide_with_a_handler_decides_each_job_once(world, fault_point, outcome, by_reference):
    dying, record = die_by_reference(world) if by_reference else die(world), Record(world)
    start = partial(decide, world, sh(HANDLERS[outcome], record), "-j", "2", "--max-attempts", "2")
    dlq = kill_and_rerun(world, start, fault_point, passes=(1, 2))
    world.eventually(lambda: is_settled(world) and set(record.lines) == dying, "all are decided")
    if not by_reference:
        assert bodies(world.held()) == ([] if outcome == "done" else sorted(dying))
        assert world.js.count(ORIGIN) == 0
    elif outcome == "done":
        assert world.js.count(ORIGIN) == 0 and all(each.headers["Natsq-Body"] == "origin" for each in world.held())
    else:
        assert len(world.held()) == world.js.count(ORIGIN) == COUNT
    assert dlq.stop() == OK
