"""`dlq run` is killed between any two steps of collect and of decide, and run again: no job is lost, none is stuck,
none is held or put back twice. Half of the jobs died under the server's count and were announced, half were buried."""

import signal

import pytest

from support.build import needs_fault_points
from support.dlq_verbs import rfc3339
from support.exit_codes import OK
from support.handler_command import NOTE, Record, decide, publish, sh
from support.letters import DECIDES, letter, shorten_leases
from support.world import ADVISORIES, DLQ, ORIGIN

COLLECT = ["collect:taken", "dead_jobs:judged", "dead_jobs:stored", "dead_jobs:retired", "collect:settled"]
STRAIGHT = ["collect:taken", "requeue:sent", "dead_jobs:retired", "collect:settled"]
DECIDE = ["decide:taken", "decide:handled", "decide:room", "decide:sent", "decide:retired", "decide:settled"]
COUNT = 6  # that die in either way
HANDLERS = {"done": f"{NOTE}", "failing": f"{NOTE}; exit 1", "hopeless": f"{NOTE}; exit 65"}

pytestmark = needs_fault_points


def die(world):
    """Killed by the server's count, and by the workers'."""
    announced = publish(world, COUNT, "announced")
    world.kill_jobs()
    buried = publish(world, COUNT, "buried")
    consumer = world.consumer("--attempts", "2", "--fail-rate", "1", "--backoff", "50ms")
    consumer.wait_for("will be processed via DLQ$", times=COUNT)
    world.eventually(lambda: world.js.last_seq(DLQ) == 2 * COUNT, "all deaths are in the DLQ")
    assert consumer.stop() == OK
    shorten_leases(world, 0.5)
    return announced | buried


def die_by_reference(world):
    """As where a letter has no room for the body, which stays in the origin."""
    dying = publish(world, COUNT, "large")
    dead = world.kill_jobs()
    world.js.purge(DLQ)
    world.js.publish_all(
        (
            f"natsq.dead.{ORIGIN}.processor.{job.seq}.{job.ns}",
            "",
            letter(job.seq, "", **{"Origin-Time": rfc3339(job.ns), "Body": "origin"})[2],
        )
        for job in dead
    )
    shorten_leases(world, 0.5)
    return dying


def bodies(messages):
    return sorted(message.body.strip() for message in messages)


def kill_at(start, fault_point, passes=(1, 2)):
    """On its first pass, and on its second when it comes to one."""
    for which in passes:
        killed = start(NATSQ_FAULT_POINT=f"{fault_point}:{which}")
        assert killed.wait() == -signal.SIGKILL, killed.text


def run_again(world, start):
    """Connected, so that a stop finds it listening even where nothing was left to do."""
    name = f"dlq_{ORIGIN}"
    world.eventually(lambda: name not in world.connection_names(), "the killed one is gone")
    dlq = start()
    world.eventually(lambda: name in world.connection_names(), "it is connected")
    return dlq


def is_settled(world):
    return world.js.count(DLQ) == len(world.held()) and world.settled()


@pytest.mark.parametrize("fault_point", COLLECT)
def test_collect_is_killed(world, fault_point):
    dying = die(world)
    kill_at(lambda **fault_points: world.start("dlq", DLQ, ORIGIN, "--retries", "0", **fault_points), fault_point, [1])
    dlq = run_again(world, lambda: world.dlq("--retries", "0"))
    world.eventually(lambda: len(world.held()) >= 2 * COUNT and is_settled(world), "all are held")
    assert bodies(world.held()) == sorted(dying)
    assert world.js.count(ORIGIN) == 0 and dlq.stop() == OK


@pytest.mark.parametrize("fault_point", STRAIGHT)
def test_collect_is_killed_where_there_are_no_letters(world, fault_point):
    dying = publish(world, COUNT, "announced")
    world.kill_jobs()
    shorten_leases(world, 0.5)
    world.js.delete_consumer(DLQ, DECIDES)
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**world.js.stream(DLQ)["config"], "subjects": [f"{ADVISORIES}.*"]})
    kill_at(lambda **fault_points: world.start("dlq", DLQ, ORIGIN, **fault_points), fault_point, [1])
    dlq = run_again(world, world.dlq)
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisories are settled")
    assert bodies(world.js.messages(ORIGIN)) == sorted(dying)
    assert {job.headers.get("Natsq-Retries") for job in world.js.messages(ORIGIN)} == {"1"}
    assert dlq.stop() == OK


@pytest.mark.parametrize("fault_point", DECIDE)
@pytest.mark.parametrize("retries", [0, 1], ids=["held", "put back"])
def test_decide_is_killed_without_a_handler(world, fault_point, retries):
    dying = die(world)
    kill_at(lambda **fault_points: world.start("dlq", DLQ, ORIGIN, "--retries", retries, **fault_points), fault_point, [1])
    dlq = run_again(world, lambda: world.dlq("--retries", retries))
    world.eventually(lambda: is_settled(world) and world.js.last_seq(DLQ) >= 2 * COUNT, "all is decided")
    assert bodies(world.held()) == (sorted(dying) if retries == 0 else [])
    assert bodies(world.js.messages(ORIGIN)) == (sorted(dying) if retries == 1 else [])
    assert dlq.stop() == OK


@pytest.mark.parametrize("fault_point", [fault_point for fault_point in DECIDE if fault_point != "decide:room"])
@pytest.mark.parametrize("outcome", HANDLERS)
def test_decide_is_killed_with_a_handler(world, fault_point, outcome):
    dying, record = die(world), Record(world)
    command, options = sh(HANDLERS[outcome], record), ("-j", "2", "--max-attempts", "2")
    kill_at(lambda **fault_points: decide(world, command, *options, **fault_points), fault_point)
    dlq = run_again(world, lambda: decide(world, command, *options))
    world.eventually(lambda: is_settled(world) and set(record.lines) == dying, "all are decided")
    assert bodies(world.held()) == ([] if outcome == "done" else sorted(dying))
    assert world.js.count(ORIGIN) == 0 and dlq.stop() == OK


@pytest.mark.parametrize("fault_point", [fault_point for fault_point in DECIDE if fault_point != "decide:room"])
@pytest.mark.parametrize("retries", [0, 1], ids=["held", "put back"])
def test_decide_is_killed_over_letters_by_reference(world, fault_point, retries):
    """Held ones leave their bodies where they are; what is put back is there once. One whose original went just before
    the kill is held without a body, for nobody knows who took that."""
    dying = die_by_reference(world)
    kill_at(lambda **fault_points: world.start("dlq", DLQ, ORIGIN, "--retries", retries, **fault_points), fault_point, [1])
    dlq = run_again(world, lambda: world.dlq("--retries", retries))
    world.eventually(lambda: is_settled(world) and world.js.count(ORIGIN) == COUNT, "all is decided")
    without_body = len(dlq.found("gone from the origin with its body"))
    assert without_body == 0 or fault_point == "decide:retired"
    assert len(world.held()) == (COUNT if retries == 0 else without_body)
    assert all((each.body, each.headers["Natsq-Body"]) == ("", "origin") for each in world.held())
    jobs = world.js.messages(ORIGIN)
    assert bodies(jobs) == sorted(dying)
    assert {job.headers.get("Natsq-Retries") for job in jobs} == ({None} if retries == 0 else {"1"})
    assert dlq.stop() == OK


@pytest.mark.parametrize("fault_point", [fault_point for fault_point in DECIDE if fault_point != "decide:room"])
@pytest.mark.parametrize("outcome", HANDLERS)
def test_decide_is_killed_with_a_handler_over_letters_by_reference(world, fault_point, outcome):
    dying, record = die_by_reference(world), Record(world)
    command, options = sh(HANDLERS[outcome], record), ("-j", "2", "--max-attempts", "2")
    kill_at(lambda **fault_points: decide(world, command, *options, **fault_points), fault_point)
    dlq = run_again(world, lambda: decide(world, command, *options))
    world.eventually(lambda: is_settled(world) and set(record.lines) == dying, "all are decided")
    if outcome == "done":
        assert world.js.count(ORIGIN) == 0 and all(each.headers["Natsq-Body"] == "origin" for each in world.held())
    else:
        assert len(world.held()) == world.js.count(ORIGIN) == COUNT
    assert dlq.stop() == OK
