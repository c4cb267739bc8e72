"""Letters whose fate cannot be carried out, or takes its time: each stays or is held, and none is lost."""

import json
import signal
from collections import Counter
from contextlib import contextmanager

import pytest

from support.build import needs_fault_points
from support.exit_codes import NOPERM, OK
from support.jetstream import Connection
from support.letters import DECIDES, letter, shorten_leases
from support.world import ADVISORIES, DLQ, ORIGIN, own_world


def waiting(world):
    return world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")


def delivered(world):
    return world.js.consumer(DLQ, DECIDES)["delivered"]["consumer_seq"]


class Ear:
    """Hears what is said of deliveries."""

    def __init__(self, world, durable):
        self.connection = Connection(world.js.url, 30)
        self.connection.send(f"SUB $JS.ACK.{DLQ}.{durable}.> 1\r\nPING\r\n".encode())
        while self.connection.file.readline() != b"PONG\r\n":
            pass

    def next(self):
        """What is said, of which delivery of which message."""
        said = self.connection.read_message()[1]
        delivery, seq = self.connection.subject.split(".")[4:6]
        return said, int(delivery), int(seq)


def test_a_batch_that_takes_longer_than_its_lease_stays_ours(world):
    """Nobody listens on the subjects, which may be an election: that is waited for, and the letters are kept. The origin
    has them when dlq looks at it; else the letters would be held at once."""
    shorten_leases(world, 0.6)
    config = world.js.stream(ORIGIN)["config"]
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**config, "subjects": [*config["subjects"], "no.stream.has.it"]})
    dlq = world.dlq()
    world.eventually(lambda: world.js.consumer(DLQ, DECIDES)["num_waiting"], "it asks for letters")
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", config)
    ear = Ear(world, DECIDES)
    world.js.publish_all(letter(seq, "lost", "no.stream.has.it") for seq in range(1, 21))
    dlq.wait_for("reprocessing order lost")
    signs = Counter()  # of those in the first batch: as many as were there when it was taken
    while not signs or min(signs.values()) < 6:  # three a lease: two leases of each letter
        said, delivery, seq = ear.next()
        signs[seq] += 1
        assert (said, delivery) == (b"+WPI", 1) or signs[seq] > 6
    dlq.kill()


@contextmanager
def forbidden(tmp_path, *subjects):
    """A world where dlq may not publish to these."""
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


def test_a_job_that_may_not_be_published_stays_and_is_held_at_last(tmp_path):
    with forbidden(tmp_path, "orders.>") as world:
        shorten_leases(world, 0.1)
        world.js.publish("orders.new", "order-0")
        [dead] = world.kill_jobs()
        dlq = world.dlq("--user", "dlq", "--password", "dlq")
        dlq.wait_for(f"# {dead.seq} is not taken by {ORIGIN} \\(not permitted")
        assert [message.body for message in waiting(world)] == ["order-0"] and world.js.count(ORIGIN) == 0
        for _ in range(10):  # it is delivered again without its delay
            ask_again(world)
        [held] = world.eventually(world.held, "it is held")
        assert held.body == "order-0"
        world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "the letter is decided")
        assert dlq.stop() == OK
        assert len(dlq.found("is not taken by")) == 1


def test_without_letters_a_job_that_cannot_be_removed_is_put_back_once(tmp_path):
    with forbidden(tmp_path, f"$JS.ACK.{ORIGIN}.>") as world:
        set_stream(world, DLQ, subjects=[f"{ADVISORIES}.*"])
        world.js.publish("orders.new", "order-0")
        [dead] = world.kill_jobs()
        dlq = world.dlq("--user", "dlq", "--password", "dlq", "--retries", "9")
        dlq.wait_for(f"# {dead.seq} is put back and cannot be removed from the origin")
        world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisory is settled")
        assert [job.body for job in world.js.messages(ORIGIN)] == ["order-0", "order-0"]
        assert len(dlq.found("reprocessing")) == 1
        assert dlq.wait() == NOPERM and f"publish to $JS.ACK.{ORIGIN}.processor.>" in dlq.lines[-1]


def ask_again(world):
    """Has the server deliver what was given back with a delay."""
    before = delivered(world)

    def has_come():
        [seq] = [message.seq for message in waiting(world)] or [0]
        if seq and delivered(world) == before:
            world.js.requests([(f"$JS.ACK.{DLQ}.{DECIDES}.1.{seq}.1.0.0", '-NAK {"delay": 1}')])
        return not seq or delivered(world) > before

    world.eventually(has_come, "it comes again")


def set_stream(world, name, **changes):
    world.js.api(f"STREAM.UPDATE.{name}", {**world.js.stream(name)["config"], **changes})


def test_a_job_that_has_become_too_large_is_held(world):
    """The origin takes less than it did; retired is the original already."""
    world.js.publish("orders.new", "x" * 3000)
    world.kill_jobs()
    set_stream(world, ORIGIN, max_msg_size=2000)
    dlq = world.dlq()
    [held] = world.eventually(world.held, "it is held")
    assert held.body == "x" * 3000
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "the letter is decided")
    assert world.js.count(ORIGIN) == 0
    assert dlq.stop() == OK and dlq.found("too large to be put back")


def test_a_full_origin_keeps_the_letter_until_there_is_room(world):
    set_stream(world, ORIGIN, max_msgs=1)
    world.js.publish("orders.new", "in the way")
    world.js.publish_all([letter(7, "order-7")])
    dlq = world.dlq()
    dlq.wait_for(rf"# 7 is not taken by {ORIGIN} \(full")
    assert [message.body for message in waiting(world)] == ["order-7"]
    world.js.purge(ORIGIN)
    world.eventually(lambda: [job.body for job in world.js.messages(ORIGIN)] == ["order-7"], "it is back")
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the letter is decided")
    assert dlq.stop() == OK


def test_a_letter_that_another_stream_took_is_not_held(world):
    """While dlq runs, the subject of the held letters is given to a stream of somebody else's."""
    dlq = world.dlq("--retries", "0")
    world.eventually(lambda: DECIDES in world.js.consumers(DLQ), "it decides")
    kept = [subject for subject in world.js.stream(DLQ)["config"]["subjects"] if "held" not in subject]
    set_stream(world, DLQ, subjects=kept)
    world.js.create_stream({"name": "other", "subjects": ["natsq.held.>"], "storage": "file"})
    try:
        world.js.publish_all([letter(7, "order-7")])
        dlq.wait_for(rf"# 7 is not taken by {DLQ} \(refused stream other took it\)")
        assert dlq.stop() == OK
        assert [message.body for message in waiting(world)] == ["order-7"]
    finally:
        world.js.delete_stream("other")


@needs_fault_points
def test_a_letter_that_takes_us_down_ten_times_is_held(world):
    """A handler may do that, or a body."""
    shorten_leases(world, 0.2)
    world.js.publish_all([letter(7, "order-7")])
    while delivered(world) < 10:  # on a slow machine one run may be given it twice
        assert world.run("dlq", DLQ, ORIGIN, NATSQ_FAULT_POINT="decide:taken").code == -signal.SIGKILL
        assert not world.held()
    dlq = world.dlq()
    [held] = world.eventually(world.held, "it is held")
    assert held.body == "order-7" and delivered(world) > 10
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "it is decided")
    assert world.js.count(ORIGIN) == 0 and dlq.stop() == OK


@pytest.mark.parametrize("times", [1, 60])
def test_a_letter_that_is_there_already_is_the_one(world, times):
    """As after a crash of collect: its letters are looked after, all in one round trip."""
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(times))
    jobs = world.kill_jobs()
    for job in jobs:
        subject, body, headers = letter(job.seq, job.body, **{"Origin-Time": job.time, "Reason": "first"})
        world.js.publish_all([(subject.rpartition(".")[0] + f".{job.ns}", body, headers)])
    dlq = world.dlq("--retries", "0")
    world.eventually(lambda: len(world.held()) == times and world.js.count(ORIGIN) == 0, "all are held")
    world.eventually(lambda: world.js.count(DLQ) == times and world.settled(), "all is settled")
    assert {message.headers["Natsq-Reason"] for message in world.held()} == {"first"}
    assert dlq.stop() == OK
