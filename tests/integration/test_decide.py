"""Letters whose decision cannot be carried out, or takes long: each stays or is held, and none is lost."""

import json
import signal
from collections import Counter
from contextlib import contextmanager

import pytest

from support.ack_spy import AckSpy
from support.build import needs_fault_points
from support.exit_codes import NOPERM, OK
from support.letters import DECIDE_DURABLE, letter, put, shorten_leases
from support.world import ADVISORIES, DLQ, ORIGIN, own_world


def waiting_letter(seq, body, **how):
    return letter(seq, body, state="dead", Natsq_Retries="0", **how)


def waiting(world):
    return world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")


def delivered(world):
    return world.js.consumer(DLQ, DECIDE_DURABLE)["delivered"]["consumer_seq"]


def test_the_leases_of_a_slow_batch_are_renewed(world):
    """No stream has the subjects, which may be an election: dlq waits for it and keeps the letters. The origin still has the
    subjects when dlq starts; otherwise the letters would be held immediately."""
    shorten_leases(world, 0.6)
    config = world.js.stream(ORIGIN)["config"]
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**config, "subjects": [*config["subjects"], "no.stream.has.it"]})
    dlq = world.dlq()
    world.eventually(lambda: world.js.consumer(DLQ, DECIDE_DURABLE)["num_waiting"], "it asks for letters")
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", config)
    spy = AckSpy(world, f"$JS.ACK.{DLQ}.{DECIDE_DURABLE}.>")
    put(world, *(waiting_letter(seq, "lost", subject="no.stream.has.it") for seq in range(1, 21)))
    dlq.wait_for("reprocessing order lost")
    renewals = Counter()  # of each letter in the first batch, whose size varies
    while not renewals or min(renewals.values()) < 6:  # two leases, with three renewals each
        ack, delivery, seq = spy.next_delivery()
        renewals[seq] += 1
        assert (ack, delivery) == ("+WPI", 1) or renewals[seq] > 6
    dlq.kill()


@contextmanager
def world_denying(tmp_path, *subjects):
    """A world in which the user `dlq` may not publish to these subjects."""
    config = tmp_path / "auth.conf"
    config.write_text(f"""
        authorization {{ users: [
            {{ user: all, password: all }}
            {{ user: dlq, password: dlq, permissions: {{ publish: {{ deny: {json.dumps(subjects)} }} }} }}
        ] }}
        no_auth_user: all
    """)
    with own_world(tmp_path, config=config) as world:
        yield world


def test_a_letter_that_may_not_be_put_back_is_held_in_the_end(tmp_path):
    with world_denying(tmp_path, "orders.>") as world:
        shorten_leases(world, 0.1)
        world.js.publish("orders.new", "order-0")
        [dead] = world.kill_jobs()
        dlq = world.dlq("--user", "dlq", "--password", "dlq")
        dlq.wait_for(f"# {dead.seq} is not taken by {ORIGIN} \\(not permitted")
        assert [message.body for message in waiting(world)] == ["order-0"] and world.js.count(ORIGIN) == 0
        for _ in range(10):  # redelivered without the delay
            redeliver(world)
        [held] = world.eventually(world.held, "it is held")
        assert held.body == "order-0"
        world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "the letter is decided")
        assert dlq.stop() == OK
        assert len(dlq.found("is not taken by")) == 1


def test_direct_requeue_puts_a_job_that_cannot_be_removed_back_once(tmp_path):
    with world_denying(tmp_path, f"$JS.ACK.{ORIGIN}.>") as world:
        update_stream(world, DLQ, subjects=[f"{ADVISORIES}.*"])
        world.js.publish("orders.new", "order-0")
        [dead] = world.kill_jobs()
        dlq = world.dlq("--user", "dlq", "--password", "dlq", "--retries", "9")
        dlq.wait_for(f"# {dead.seq} is put back and cannot be removed from the origin")
        world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisory is settled")
        assert [job.body for job in world.js.messages(ORIGIN)] == ["order-0", "order-0"]
        assert len(dlq.found("reprocessing")) == 1
        assert dlq.wait() == NOPERM and f"publish to $JS.ACK.{ORIGIN}.processor.>" in dlq.lines[-1]


def redeliver(world):
    """Has the server redeliver the letter that was returned with a delay."""
    before = delivered(world)

    def is_redelivered():
        [seq] = [message.seq for message in waiting(world)] or [0]
        if seq and delivered(world) == before:
            world.js.requests([(f"$JS.ACK.{DLQ}.{DECIDE_DURABLE}.1.{seq}.1.0.0", '-NAK {"delay": 1}')])
        return not seq or delivered(world) > before

    world.eventually(is_redelivered, "it is redelivered")


def update_stream(world, name, **changes):
    world.js.api(f"STREAM.UPDATE.{name}", {**world.js.stream(name)["config"], **changes})


def test_a_letter_that_is_too_large_to_be_put_back_is_held(world):
    """The origin's limit was lowered, and the original is retired already."""
    world.js.publish("orders.new", "x" * 3000)
    world.kill_jobs()
    update_stream(world, ORIGIN, max_msg_size=2000)
    dlq = world.dlq()
    [held] = world.eventually(world.held, "it is held")
    assert held.body == "x" * 3000
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "the letter is decided")
    assert world.js.count(ORIGIN) == 0
    assert dlq.stop() == OK and dlq.found("too large to be put back")


def test_a_letter_waits_until_a_full_origin_has_room(world):
    update_stream(world, ORIGIN, max_msgs=1)
    world.js.publish("orders.new", "in the way")
    put(world, waiting_letter(7, "order-7"))
    dlq = world.dlq()
    dlq.wait_for(rf"# 7 is not taken by {ORIGIN} \(full")
    assert [message.body for message in waiting(world)] == ["order-7"]
    world.js.purge(ORIGIN)
    world.eventually(lambda: [job.body for job in world.js.messages(ORIGIN)] == ["order-7"], "it is back")
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the letter is decided")
    assert dlq.stop() == OK


def test_a_letter_that_another_stream_stored_is_not_held(world):
    """While dlq runs, the subject of held letters is moved to a stream of another owner."""
    dlq = world.dlq("--retries", "0")
    world.eventually(lambda: DECIDE_DURABLE in world.js.consumers(DLQ), "it decides")
    kept = [subject for subject in world.js.stream(DLQ)["config"]["subjects"] if "held" not in subject]
    update_stream(world, DLQ, subjects=kept)
    world.js.create_stream({"name": "other", "subjects": ["natsq.held.>"], "storage": "file"})
    try:
        put(world, waiting_letter(7, "order-7"))
        dlq.wait_for(rf"# 7 is not taken by {DLQ} \(refused: stream other took it\)")
        assert dlq.stop() == OK
        assert [message.body for message in waiting(world)] == ["order-7"]
    finally:
        world.js.delete_stream("other")


@needs_fault_points
def test_a_letter_whose_delivery_crashes_dlq_ten_times_is_held(world):
    """The handler or the body may be what crashes it."""
    shorten_leases(world, 0.2)
    put(world, waiting_letter(7, "order-7"))
    while delivered(world) < 10:  # on a slow machine it may be delivered twice to one run
        assert world.run("dlq", DLQ, ORIGIN, NATSQ_FAULT_POINT="decide:taken").code == -signal.SIGKILL
        assert not world.held()
    dlq = world.dlq()
    [held] = world.eventually(world.held, "it is held")
    assert held.body == "order-7" and delivered(world) > 10
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "it is decided")
    assert world.js.count(ORIGIN) == 0 and dlq.stop() == OK


@pytest.mark.parametrize("times", [1, 60])
def test_a_letter_that_exists_already_is_kept(world, times):
    """As after a crash of collect: its letters are looked up in one round trip."""
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(times))
    jobs = world.kill_jobs()
    put(world, *(waiting_letter(job.seq, job.body, ns=job.ns, reason="first") for job in jobs))
    dlq = world.dlq("--retries", "0")
    world.eventually(lambda: len(world.held()) == times and world.js.count(ORIGIN) == 0, "all are held")
    world.eventually(lambda: world.js.count(DLQ) == times and world.settled(), "all is settled")
    assert {message.headers["Natsq-Reason"] for message in world.held()} == {"first"}
    assert dlq.stop() == OK


def test_both_streams_full_is_logged_once_for_each_job(world):
    """The letter is redelivered until there is room; its job is put back then."""
    world.js.publish("orders.new", "order-0")
    worker = world.consumer("--fail-rate", "1", "--max-deliver", "1", "--until-empty")
    assert worker.wait() == OK and len(waiting(world)) == 1
    world.js.publish("orders.new", "full")
    update_stream(world, ORIGIN, max_msgs=1)
    update_stream(world, DLQ, max_msgs=1)
    shorten_leases(world, 0.1)
    dlq = world.dlq()
    dlq.wait_for(rf"# 1 is not taken by {ORIGIN} \(full: maximum messages exceeded\): trying again$")
    for _ in range(3):
        redeliver(world)
    assert len(dlq.found("reprocessing order order-0$")) == len(dlq.found("is not taken by")) == 1
    update_stream(world, ORIGIN, max_msgs=-1)
    world.eventually(lambda: world.js.count(ORIGIN) == 2 and world.settled(), "it is put back")
    assert dlq.stop() == OK and len(dlq.found("reprocessing")) == 1
