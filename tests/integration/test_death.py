"""What `dlq run` does with a dead job: it puts it back, holds it, or leaves another job with the same sequence alone."""

import json
import re

import pytest

from support.exit_codes import OK
from support.jetstream import nanoseconds
from support.world import ADVISORIES, DLQ, ORIGIN, World

# Its workers were killed and the server announced the death, or its last attempt failed.
however_it_died = pytest.mark.parametrize("die", [World.kill_jobs, World.fail_jobs], ids=["killed", "failed"])


@however_it_died
def test_a_dead_job_is_put_back_and_done(world, die):
    world.js.publish("orders.new", "order-0", Nats_Msg_Id="first", Colour="red")
    [dead] = die(world)
    dlq = world.dlq()
    dlq.wait_for("reprocessing order order-0$")
    [job] = world.eventually(lambda: world.js.messages(ORIGIN), "it is back")
    assert (job.subject, job.body) == ("orders.new", "order-0")
    assert job.headers["Nats-Msg-Id"] == f"retry:{ORIGIN}:{dead.seq}:{dead.ns}:1"
    assert job.headers["Natsq-Retries"] == "1"
    assert job.headers["Natsq-Origin-Seq"] == str(dead.seq)
    assert job.headers["Natsq-Job-Id"] == job.headers["Natsq-Was-Nats-Msg-Id"] == "first"
    assert job.headers["Colour"] == "red"
    world.consumer().wait_for(f"received order-0 from stream sequence # {job.seq}$")
    world.eventually(world.is_empty, "both streams are empty")
    assert dlq.stop() == OK


@however_it_died
def test_without_retries_a_dead_job_is_held_at_once(world, die):
    world.js.publish("orders.new", "order-0")
    [dead] = die(world)
    dlq = world.dlq("--retries", "0")
    [letter] = world.eventually(world.held, "it is held")
    assert letter.subject == f"natsq.held.{ORIGIN}.processor.{dead.seq}.{dead.ns}"
    assert letter.headers["Natsq-Retries"] == "0"
    world.eventually(lambda: world.js.count(ORIGIN) == 0 and world.settled(), "the original is retired")
    assert world.js.count(DLQ) == 1
    assert not dlq.found("reprocessing")


@however_it_died
def test_a_job_that_dies_again_is_held(world, die):
    world.js.publish("orders.new", "order-0", Nats_Msg_Id="first")
    die(world)
    world.dlq("--retries", "1")
    world.eventually(lambda: world.js.messages(ORIGIN, "orders.") and world.js.last_seq(ORIGIN) == 2, "it is back")
    die(world)
    [letter] = world.eventually(world.held, "it is held")
    assert letter.body == "order-0"
    assert letter.headers["Natsq-Retries"] == "1"
    assert letter.headers["Natsq-Job-Id"] == letter.headers["Natsq-Was-Nats-Msg-Id"] == "first"
    world.eventually(lambda: world.js.count(ORIGIN) == 0 and world.settled(), "the original is retired")
    assert world.js.count(DLQ) == 1


@however_it_died
def test_a_letter_holds_the_job_by_value(world, die):
    body = "caf\u00e9\r\n\0 \u2013 " + "x" * 5000
    headers_of_the_job = {"Nats-Msg-Id": "id-1", "Nats-Expected-Stream": ORIGIN, "Traceparent": "00-1-2-01", "Colour": "red"}
    world.js.publish_all([("orders.new", body, headers_of_the_job)])
    [dead] = die(world)
    world.dlq("--retries", "0")
    [letter] = world.eventually(world.held, "it is held")
    headers = letter.headers
    assert (letter.body, dead.body) == (body, body)
    assert (headers["Traceparent"], headers["Colour"]) == ("00-1-2-01", "red")
    assert "Nats-Msg-Id" not in headers and "Nats-Expected-Stream" not in headers
    assert nanoseconds(headers["Natsq-Origin-Time"]) == dead.ns
    assert dead.ns < nanoseconds(headers["Natsq-Died-At"]) < letter.ns
    assert headers["Natsq-Reason"] in ("max deliveries", "failed")
    wanted = {
        "Natsq-Origin-Stream": ORIGIN,
        "Natsq-Origin-Seq": str(dead.seq),
        "Natsq-Origin-Subject": "orders.new",
        "Natsq-Consumer": "processor",
        "Natsq-Deliveries": "2",
        "Natsq-Retries": "0",
        "Natsq-Job-Id": "id-1",
        "Natsq-Was-Nats-Msg-Id": "id-1",
        "Natsq-Was-Nats-Expected-Stream": ORIGIN,
    }
    assert {name: headers.get(name) for name in wanted} == wanted


@however_it_died
def test_a_body_that_fits_no_letter_stays_in_the_origin(world, die):
    """The letter's headers would make it larger than the server's maximum payload, and such a message closes the connection."""
    world.js.publish("orders.new", "x" * (2**20 - 100))
    [dead] = die(world)
    world.dlq("--retries", "0")
    [letter] = world.eventually(world.held, "it is held")
    assert (letter.headers["Natsq-Body"], letter.body) == ("origin", "")
    assert letter.headers["Natsq-Reason"] in ("max deliveries", "failed")
    world.eventually(world.settled, "it is decided")
    assert world.js.messages(ORIGIN) == [dead]


@pytest.mark.parametrize("retries", [0, 1])
@however_it_died
def test_headers_that_fit_no_letter_stay_in_the_origin(world, die, retries):
    """The server accepts 64 KiB of headers; a letter and a job that is put back add some."""
    world.js.publish("orders.new", "order-0", Large="x" * 65_400)
    [dead] = die(world)
    dlq = world.dlq("--retries", retries)
    [letter] = world.eventually(world.held, "it is held")
    assert (letter.headers["Natsq-Body"], letter.body) == ("origin", "") and "Large" not in letter.headers
    world.eventually(lambda: world.js.count(DLQ) == 1 and world.settled(), "it is decided")
    assert world.js.messages(ORIGIN) == [dead] and dlq.stop() == OK


def test_list_shows_waiting_and_held_letters(world):
    world.js.publish("orders.new", "order-0")
    [dead] = world.kill_jobs()
    dlq = world.dlq("--retries", "0")
    [held] = world.eventually(world.held, "it is held")
    world.eventually(world.settled, "its letter is decided")
    assert dlq.stop() == OK
    waiting = {**held.headers, "Natsq-Origin-Seq": "77"}
    world.js.publish_all([(f"natsq.dead.{ORIGIN}.processor.77.{dead.ns}", "order-77", waiting)])
    listed = world.run("dlq", DLQ, ORIGIN, "list")
    assert (listed.code, listed.lines) == (OK, [])
    header, *rows = listed.out
    assert header.split()[:7] == ["SEQ", "STATE", "AGE", "SUBJECT", "TRIES", "RETRIES", "REASON"]
    result = {row.split()[0]: row.split(None, 6)[1:2] + row.split(None, 6)[3:] for row in rows}
    assert {seq: [word.strip() for word in words] for seq, words in result.items()} == {
        "77": ["waiting", "orders.new", "2", "0", "max deliveries"],
        str(dead.seq): ["held", "orders.new", "2", "0", "max deliveries"],
    }
    result = [json.loads(line) for line in world.run("dlq", DLQ, ORIGIN, "list", "--json").out]
    assert {(row["seq"], row["state"]) for row in result} == {(77, "waiting"), (dead.seq, "held")}
    assert world.js.count(DLQ) == 2  # list removes nothing


def test_many_deaths_at_once_are_all_put_back(world):
    bodies = {f"order-{i}" for i in range(600)}
    world.js.publish_all(("orders.new", body) for body in bodies)
    world.kill_jobs()
    world.dlq()
    consumer = world.consumer()
    world.eventually(world.is_empty, "both streams are empty")
    assert consumer.stop() == OK
    done = consumer.found(r"received (\S+) from")
    assert set(done) == bodies and len(done) == len(bodies)


def test_two_dlqs_put_a_job_back_once(world):
    bodies = [f"order-{i}" for i in range(100)]
    world.js.publish_all(("orders.new", body) for body in bodies)
    world.kill_jobs()
    both = world.dlq(), world.dlq()
    world.eventually(lambda: world.js.last_seq(ORIGIN) == 200, "all are back")
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the letters are decided")
    assert sorted(job.body for job in world.js.messages(ORIGIN)) == sorted(bodies)
    assert all(dlq.stop() == OK for dlq in both)


def test_a_stale_advisory_leaves_the_new_job_with_that_sequence_alone(world):
    """The origin is recreated between a death and the handling of its advisory."""
    world.js.publish("orders.new", "old")
    world.kill_jobs()
    config = world.js.stream(ORIGIN)["config"]
    world.js.delete_stream(ORIGIN)
    world.js.create_stream(config)
    world.js.publish("orders.new", "new")
    dlq = world.dlq()
    world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisory is settled")
    [job] = world.js.messages(ORIGIN)
    assert (job.seq, job.body, job.headers) == (1, "new", {})
    consumer = world.consumer()
    consumer.wait_for("received new from stream sequence # 1$")
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is done")
    assert consumer.stop() == dlq.stop() == OK
    assert len(consumer.found("received")) == 1
    assert world.js.last_seq(ORIGIN) == 1 and world.js.count(DLQ) == 0


def test_a_stale_letter_leaves_the_new_job_with_that_sequence_alone(world):
    """The origin is recreated before a letter is decided: the letter is the only copy of the old job."""
    world.js.publish("orders.new", "old")
    [dead] = world.kill_jobs()
    dlq = world.dlq("--retries", "0")
    [held] = world.eventually(world.held, "it is held")
    assert dlq.stop() == OK
    config = world.js.stream(ORIGIN)["config"]
    world.js.delete_stream(ORIGIN)
    world.js.create_stream(config)
    world.js.publish("orders.new", "new")
    assert world.consumer("--fail-rate", "1", "--count", "1").wait() == OK  # delivered: an ack would remove it
    letter = f"natsq.dead.{ORIGIN}.processor.{dead.seq}.{dead.ns}"
    headers = {name: value for name, value in held.headers.items() if not name.startswith("Nats-")}
    world.js.publish_all([(letter, "old", headers)])
    world.dlq().wait_for("reprocessing order old$")
    world.eventually(lambda: world.settled(), "the letter is decided")
    assert [job.body for job in world.js.messages(ORIGIN)] == ["new", "old"]
    assert len(world.held()) == world.js.count(DLQ) == 1


class TestWalkThroughStream:
    """A DLQ stream with the one subject of the walk-through, which stores advisories and no letters."""

    @staticmethod
    def narrow(world):
        config = {**world.js.stream(DLQ)["config"], "subjects": [f"{ADVISORIES}.*"]}
        world.js.api(f"STREAM.UPDATE.{DLQ}", config)

    @however_it_died
    def test_dead_jobs_are_put_back_and_the_missing_subjects_named(self, world, die):
        self.narrow(world)
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
        die(world)
        dlq = world.dlq()
        world.eventually(lambda: world.js.count(DLQ) == 0 and world.settled(), "the advisories are settled")
        jobs = world.js.messages(ORIGIN)
        assert sorted(job.body for job in jobs) == ["order-0", "order-1", "order-2"]
        assert {job.headers["Natsq-Retries"] for job in jobs} == {"1"}
        assert all(re.fullmatch(rf"retry:{ORIGIN}:[123]:\d+:1", job.headers["Nats-Msg-Id"]) for job in jobs)
        assert len(dlq.found("nats stream edit")) == 1
        [command] = dlq.found("(nats stream edit .*)")
        assert all(subject in command for subject in (DLQ, f"natsq.dead.{ORIGIN}.>", f"natsq.held.{ORIGIN}.>"))
        assert world.js.consumers(DLQ) == ["unprocessed_order_handler"]

    def test_the_advisory_stays_when_the_retries_are_used_up(self, world):
        self.narrow(world)
        world.js.publish("orders.new", "order-0")
        world.kill_jobs()
        dlq = world.dlq("--retries", "0")
        handler = "unprocessed_order_handler"
        world.eventually(lambda: handler in world.js.consumers(DLQ), "it collects")
        world.eventually(lambda: world.js.consumer(DLQ, handler)["num_ack_pending"] == 1, "it has the advisory")
        dlq.wait_for("order-0 .*retries")
        assert dlq.stop() == OK
        state = world.js.consumer(DLQ, handler)
        assert (state["num_ack_pending"], state["num_redelivered"]) == (1, 0)
        assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (1, 1)

    def test_a_job_without_retries_is_reported_once_per_advisory(self, world):
        self.narrow(world)
        world.js.publish("orders.new", "order-0")
        world.kill_jobs()
        dlq = world.dlq("--retries", "0")
        dlq.wait_for("order-0 .*retries")
        [result] = world.js.messages(DLQ)
        world.js.publish_all([(result.subject, result.body), (result.subject, "no advisory")])
        dlq.wait_for("advisory # 3 .*left where it is")
        handler = "unprocessed_order_handler"
        before = world.js.consumer(DLQ, handler)["delivered"]["consumer_seq"]
        assert before == 3
        for seq in 1, 3:  # has it redelivered immediately
            world.js.requests([(f"$JS.ACK.{DLQ}.{handler}.1.{seq}.{seq}.0.0", '-NAK {"delay": 1}')])
        world.eventually(lambda: world.js.consumer(DLQ, handler)["delivered"]["consumer_seq"] >= 5, "both are redelivered")
        assert dlq.stop() == OK
        assert len(dlq.found("# 1.* used up its retries")) == 2  # two advisories about it
        assert len(dlq.found("left where it is")) == 1

    def test_dead_jobs_without_an_advisory_are_counted(self, world):
        self.narrow(world)
        world.js.publish_all(("orders.new", f"order-{i}") for i in range(3))
        dead = world.kill_jobs()
        world.js.purge(DLQ)
        dlq = world.dlq("--sweep-every", "50ms", "--sweep-wait", "50ms", "--log-level", "debug")
        dlq.wait_for(f"3 dead jobs are left in {ORIGIN}")
        dlq.wait_for("3 jobs seem dead: looking again", times=4)
        assert dlq.stop() == OK
        assert world.js.messages(ORIGIN) == dead and world.js.last_seq(DLQ) == len(dead)
        assert len(dlq.found("3 dead jobs are left")) == 1
