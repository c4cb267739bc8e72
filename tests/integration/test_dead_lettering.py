"""Letters that a worker stores: what they contain, what happens if the DLQ stream refuses them, and how they are decided."""

import re
import signal
import socket
import time

import pytest

from support.build import needs_fault_points
from support.exit_codes import CONFIG, OK
from support.handler_command import Gate, NOTE, Record, dead_letters, decide, publish, sh, start_waiting, work
from support.jetstream import nanoseconds
from support.world import ADVISORIES, DLQ, ORIGIN, own_world

MIB = 2**20
LETTERS = [f"natsq.dead.{ORIGIN}.>", f"natsq.held.{ORIGIN}.>"]
either_way_of_counting = pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])


def change(world, stream, **config):
    world.js.api(f"STREAM.UPDATE.{stream}", {**world.js.stream(stream)["config"], **config})


def die(world, *options, counted="--max-deliver", command="exit 1"):
    """Lets all jobs die, each in its only attempt."""
    count = world.js.count(ORIGIN)
    worker = work(world, sh(command), counted, "1", "--count", count, "--backoff", "10s", *options)
    assert worker.wait() == OK, worker.text
    return worker


def durable(world):
    return world.js.consumer(ORIGIN, "processor")


def bodies(messages):
    return sorted(message.body.strip() for message in messages)


# ---------------------------------------------------------------- the letter


@either_way_of_counting
def test_a_letter_describes_the_job_and_its_death(world, counted):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers_of_the_job = {"Nats-Msg-Id": "id-1", "Nats-Expected-Stream": ORIGIN, "traceparent": trace, "Colour": "red"}
    world.js.publish_all([("orders.new", "order-0", headers_of_the_job)])
    [job] = world.js.messages(ORIGIN)
    worker = work(world, sh("echo no good >&2; exit 1"), counted, "2", "--backoff", "200ms", "--count", "2")
    assert worker.wait() == OK
    [letter] = dead_letters(world)
    assert letter.subject == f"natsq.dead.{ORIGIN}.processor.{job.seq}.{job.ns}"
    assert letter.body == "order-0"
    headers = dict(letter.headers)
    assert job.ns < nanoseconds(headers.pop("Natsq-Died-At")) < letter.ns
    assert nanoseconds(headers.pop("Natsq-Origin-Time")) == job.ns
    assert headers == {
        "Natsq-Origin-Stream": ORIGIN,
        "Natsq-Origin-Seq": "1",
        "Natsq-Origin-Subject": "orders.new",
        "Natsq-Consumer": "processor",
        "Natsq-Deliveries": "2",
        "Natsq-Retries": "0",
        "Natsq-Reason": "exit 1",
        "Natsq-Error": "no good",
        "Natsq-Host": socket.gethostname(),
        "Natsq-Job-Id": "id-1",
        "Natsq-Was-Nats-Msg-Id": "id-1",
        "Natsq-Was-Nats-Expected-Stream": ORIGIN,
        "Nats-Expected-Last-Subject-Sequence": "0",
        "traceparent": trace,
        "Colour": "red",
    }
    assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (0, 1)
    assert worker.found("# 1 .*will be processed via DLQ$")


@either_way_of_counting
def test_each_of_many_deaths_at_once_has_a_letter(world, counted):
    wanted = publish(world, 300)
    worker = die(world, "-j", "4", counted=counted)
    assert bodies(dead_letters(world)) == sorted(wanted), worker.text
    assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (0, 300)


@either_way_of_counting
@pytest.mark.parametrize("ending", ["exit 1", "exit 65"])
def test_a_job_that_does_not_fit_gets_a_letter_by_reference(world, counted, ending):
    body = "x" * (MIB - 100)
    world.js.publish("orders.new", body)
    worker = die(world, counted=counted, command=f"echo too large >&2; {ending}")
    [letter] = dead_letters(world)
    assert (letter.headers["Natsq-Body"], letter.body) == ("origin", "")
    assert letter.headers["Natsq-Reason"] == {"exit 1": "exit 1", "exit 65": "hopeless"}[ending]
    assert letter.headers["Natsq-Error"] == "too large"
    assert len(worker.found(r"WARNING: # 1 is too large for a letter")) == 1
    assert [job.body for job in world.js.messages(ORIGIN)] == [body]


@either_way_of_counting
def test_a_job_with_a_letter_by_reference_is_neither_run_nor_dead_lettered_again(world, counted):
    world.js.publish("orders.new", "x" * (MIB - 100))
    ran = Record(world)
    worker = work(world, sh("echo run >>$1; exit 65", ran), counted, "9", "--backoff", "200ms")
    [letter] = world.eventually(lambda: dead_letters(world), "there is a letter")
    time.sleep(2)
    assert dead_letters(world) == [letter] and ran.lines == ["run"]
    assert len(worker.found("WARNING")) == 1 and world.js.count(ORIGIN) == 1
    decide(world, sh("true"))  # the letter is held, because it is hopeless
    world.eventually(lambda: world.held() and world.settled(), "it is held")
    assert world.js.count(DLQ) == world.js.count(ORIGIN) == 1


@needs_fault_points
def test_a_held_letter_by_reference_is_not_decided_again_when_its_job_is_redelivered(world):
    world.js.publish("orders.new", "x" * (MIB - 100))
    options = "--attempts", "1", "--backoff", "2s"
    work(world, sh("exit 1"), *options, NATSQ_FAULT_POINT="dead_lettering:letter").wait()
    dlq = world.dlq("--retries", "0")
    world.eventually(lambda: world.held() and world.settled(), "it is held")
    work(world, sh("exit 1"), *options)
    world.eventually(lambda: durable(world)["delivered"]["consumer_seq"] > 1, "the job is redelivered")
    time.sleep(1)
    assert world.js.count(DLQ) == world.js.count(ORIGIN) == 1
    assert len(dlq.found("holding # 1 ")) == 1


# ---------------------------------------------------------------- a DLQ stream that refuses letters


@either_way_of_counting
@pytest.mark.parametrize("room", [100, 24_000], ids=["room for none", "room for some"])
def test_a_full_dlq_loses_nothing(world, counted, room):
    world.js.publish_all(("orders.new", f"order-{i} " + "x" * 4000) for i in range(20))
    wanted = bodies(world.js.messages(ORIGIN))
    change(world, DLQ, max_bytes=room)
    worker = work(world, sh("exit 1"), counted, "1", "--backoff", "300ms", "-j", "4")
    worker.wait_for(r"error processing # \d+", times=20)
    world.eventually(lambda: durable(world)["num_pending"] == 0, "all have been delivered")
    letters = dead_letters(world)
    assert 1 <= len(letters) < 10 if room > 4000 else letters == []
    assert bodies(letters + world.js.messages(ORIGIN)) == wanted
    warnings = worker.found("WARNING: no letter about .* such jobs stay in orders_stream")
    assert len(warnings) == 1 or len(warnings) <= 4 and letters  # one may have been stored in between, which begins a new episode
    assert not worker.found("dead-lettered")
    change(world, DLQ, max_bytes=256 * MIB)
    if counted == "--attempts":  # they are redelivered until there is a letter
        world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are dead-lettered")
        assert bodies(dead_letters(world)) == wanted and world.js.count(DLQ) == 20
    else:  # an advisory that found no room is lost: sweep finds the job
        world.dlq("--retries", "0")
        world.eventually(lambda: len(world.held()) >= len(letters) and world.settled(), "the letters are held")
        assert bodies(world.held() + world.js.messages(ORIGIN)) == wanted
    assert worker.stop() == OK


def test_a_dlq_without_letter_subjects_receives_advisories(world):
    change(world, DLQ, subjects=[f"{ADVISORIES}.*"])
    publish(world, 10)
    worker = work(world, sh("exit 1"), "--max-deliver", "1", "--backoff", "200ms", "-j", "4")
    world.eventually(lambda: world.js.count(DLQ) == 10, "the server announces all")
    assert len(worker.found("WARNING: no letter about")) == 1, worker.text
    assert world.js.count(ORIGIN) == 10
    assert {message.subject for message in world.js.messages(DLQ)} == {f"{ADVISORIES}.processor"}


def test_jobs_wait_in_the_origin_until_there_is_a_dlq(world):
    """With --attempts no advisory is needed, nor a stream that could store one."""
    config = world.js.stream(DLQ)["config"]
    world.js.delete_stream(DLQ)
    wanted, ran = publish(world, 5), Record(world)
    worker = work(world, sh(NOTE + "; exit 1", ran), "--attempts", "1", "--backoff", "200ms", "-j", "2")
    worker.wait_for("WARNING: no letter about .* no stream has .* such jobs stay in orders_stream until their letters can be stored")
    world.eventually(lambda: durable(world)["delivered"]["consumer_seq"] >= 15, "they are redelivered")
    assert (world.js.count(ORIGIN), len(ran.lines)) == (5, 5)
    world.js.create_stream({**config, "subjects": LETTERS})
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are dead-lettered")
    assert bodies(dead_letters(world)) == sorted(wanted) and len(ran.lines) == 5
    assert len(worker.found("WARNING: no letter about")) == 1, worker.text


def test_a_stop_without_a_connection_names_that_as_the_reason(tmp_path):
    """The warning gives no other reason."""
    with own_world(tmp_path) as disconnected:
        publish(disconnected, 1, "first")
        publish(disconnected, 1)
        gate = Gate(disconnected)
        script = f'[ "$NATSQ_SEQ" = 1 ] || {{ {Gate.WAIT}; }}; exit 1'
        worker = work(disconnected, sh(script, gate), "--max-deliver", "1", "--backoff", "1m", "-j", "1", "--grace", "1m")
        disconnected.eventually(lambda: gate.lines, "the first has its letter, and the second runs")
        disconnected.server.stop()
        gate.open()
        worker.wait_for("error processing # 2")
        worker.signal(signal.SIGTERM)
        worker.wait()
        assert worker.found("no letter about # 2: there is no connection to the server; such jobs stay in"), worker.text


# ---------------------------------------------------------------- counted by the workers


def test_a_job_whose_workers_are_killed_is_dead_lettered_after_its_attempts(world):
    """A job that is delivered more often than its attempts is dead-lettered without being run."""
    change(world, DLQ, subjects=LETTERS)
    publish(world, 1)
    gate = Gate(world)
    for _ in range(3):
        start_waiting(world, gate, "--attempts", "3", "--backoff", "200ms").kill()
    config = durable(world)["config"]
    assert (config["max_deliver"], config["metadata"]["natsq.attempts"]) == (-1, "3")
    last = work(world, sh(Gate.WAIT, gate))
    [letter] = world.eventually(lambda: dead_letters(world), "it is dead-lettered")
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "it is gone")
    assert (letter.headers["Natsq-Reason"], letter.headers["Natsq-Deliveries"]) == ("max deliveries", "4")
    assert gate.lines == ["1 1", "1 2", "1 3"]
    assert last.found("# 1 used up its attempts: dead-lettered$")


def test_the_way_of_counting_can_change_while_no_worker_runs(world):
    ended = work(world, sh("true"), "--max-deliver", "4", "--backoff", "1s", "--until-empty")
    assert ended.wait() == OK
    for options, logged, config in (
        (["--attempts", "5"], r"attempts none . 5, max_deliver 4 . unlimited$", (-1, "5")),
        (["--attempts", "6"], r"attempts 5 . 6$", (-1, "6")),
        ([], None, (-1, "6")),
        (["--max-deliver", "3"], r"attempts 6 . none, max_deliver unlimited . 3$", (3, None)),
    ):
        changing = work(world, sh("true"), *options, "--update", "--until-empty")
        assert changing.wait() == OK, changing.text
        assert len(changing.events) == (logged is not None)
        assert not logged or changing.found("updating consumer processor: " + logged)
        is_now = durable(world)["config"]
        assert (is_now["max_deliver"], is_now.get("metadata", {}).get("natsq.attempts")) == config


@pytest.mark.parametrize("theirs,ours", [("--max-deliver 4", "--attempts 4"), ("--attempts 4", "--max-deliver 4"), ("--attempts 4", "--attempts 5")])
def test_a_worker_that_counts_differently_is_refused(world, theirs, ours):
    first = work(world, sh("true"), *theirs.split())
    world.eventually(lambda: world.js.consumers(ORIGIN) and durable(world)["num_waiting"] > 0, "it asks for jobs")
    before = durable(world)["config"]
    refused = work(world, sh("true"), *ours.split(), "--update")
    assert refused.wait() == CONFIG
    assert re.search(f"other workers use consumer 'processor' .* with {theirs.split()[0]}", refused.text)
    assert durable(world)["config"] == before
    assert first.running


# ---------------------------------------------------------------- a command decides


def test_a_letter_is_handled_like_a_job(world):
    world.js.publish("orders.new", "order-0", Nats_Msg_Id="id-1", Colour="red")
    [job] = world.js.messages(ORIGIN)
    die(world, command="echo no good >&2; exit 3")
    record, body = Record(world, "environment"), Record(world, "body")
    dlq = decide(world, sh('env >"$1"; cat >"$2"', record, body), NATS_TOKEN="hush")
    dlq.wait_for(r"reprocessing # 1 \(id-1\)$")
    world.eventually(lambda: world.js.count(DLQ) == 0, "the letter is gone")
    found = dict(line.split("=", 1) for line in record.lines if "=" in line)
    wanted = {
        "NATSQ_SUBJECT": "orders.new",
        "NATSQ_STREAM": ORIGIN,
        "NATSQ_SEQ": "1",
        "NATSQ_DELIVERY": "1",
        "NATSQ_JOB_ID": "id-1",
        "NATSQ_REASON": "exit 3",
        "NATSQ_ERROR": "no good",
        "NATSQ_DELIVERIES": "1",
        "NATSQ_RETRIES": "0",
        "NATSQ_HEADER_COLOUR": "red",
    }
    assert {name: found.get(name) for name in wanted} == wanted
    assert nanoseconds(found["NATSQ_TIMESTAMP"]) == job.ns
    assert body.lines == ["order-0"] and "hush" not in record.path.read_text()
    assert dlq.stop() == OK


def test_a_letter_whose_handler_fails_is_held_after_its_attempts(world):
    publish(world, 1)
    die(world)
    seen = Record(world)
    decide(world, sh('echo $NATSQ_DELIVERY/$NATSQ_MAX_DELIVER >>"$1"; exit 1', seen), "--max-attempts", "2")
    [letter] = world.eventually(world.held, "it is held", 60)
    world.eventually(world.settled, "its letter is decided")
    assert seen.lines == ["1/2", "2/2"]
    assert (letter.body, letter.headers["Natsq-Reason"]) == ("order-0\n", "exit 1")
    assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (0, 1)


@pytest.mark.parametrize("first,second,runs", [("exit 65", "exit 0", 0), ("exit 1", "exit 65", 1)])
def test_a_hopeless_letter_is_held_at_once(world, first, second, runs):
    publish(world, 1)
    die(world, command=first)
    ran = Record(world)
    decide(world, sh(f"{NOTE}; {second}", ran), "--max-attempts", "9")
    world.eventually(world.held, "it is held")
    world.eventually(world.settled, "its letter is decided")
    assert len(ran.lines) == runs
    assert (world.js.count(ORIGIN), world.js.count(DLQ)) == (0, 1)


@either_way_of_counting
def test_a_letter_by_reference_gets_its_body_from_the_origin(world, counted):
    body = "x" * (MIB - 100)
    world.js.publish("orders.new", body)
    die(world, counted=counted)
    record = Record(world)
    decide(world, sh('cat >"$1"', record))
    world.eventually(lambda: world.js.count(DLQ) == world.js.count(ORIGIN) == 0, "both are gone")
    assert record.path.read_text() == body
