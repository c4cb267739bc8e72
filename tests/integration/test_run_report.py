"""The first and the last line of consumer, dlq run and publisher, and what a stop waits for."""

import json
import re
import signal

import pytest

from support.exit_codes import OK, TEMPFAIL
from support.handler_command import Gate, decide, publish, sh, start_waiting, work
from support.jetstream import SECOND
from support.world import DLQ, ORIGIN

STOPPING = r"stopping: %s, waiting for %s until \d\d:\d\d:\d\dZ \(--grace %s\); a second Ctrl-C or SIGTERM ends the program immediately$"


def said(line):
    """What a line says, without its time."""
    return line.split(" ", 1)[1]


def fields(line):
    return {name: value for name, value in json.loads(line).items() if name not in ("time", "program", "message", "ms")}


def test_a_worker_says_first_what_holds_and_last_what_it_did(world):
    world.js.publish("orders.new", "order-0")
    world.js.publish("orders.new", "order-1")
    worker = world.consumer("--until-empty")
    assert worker.wait() == OK
    assert said(worker.lines[0]) == (
        f"connected to {world.server.url}: stream {ORIGIN}, durable processor, 2 attempts (counted by the server), "
        "backoff 5s, 1 slot, built-in handler"
    )
    assert re.fullmatch(r"done 2, failed 0, dead 0, returned 0, \d+\.\d s", said(worker.lines[-1])) and worker.out == []


def test_the_first_line_shows_the_settings_in_force_and_the_command(world):
    world.js.create_consumer(
        ORIGIN, durable_name="mine", filter_subject="orders.*", max_deliver=7, backoff=[SECOND, 60 * SECOND]
    )
    command = "sh", "-c", "cat >/dev/null; exit 65", "two words", "x" * 500
    publish(world, 3)
    worker = work(world, command, "--durable", "mine", "-j", "3", "--until-empty")
    assert worker.wait() == OK
    first = said(worker.lines[0])
    assert "durable mine, 7 attempts (counted by the server), backoff 1s,1m, 3 slots, handler sh -c" in first
    assert "'cat >/dev/null; exit 65' 'two words' xxx" in first and first.endswith("x…") and len(first) < 400
    assert "done 0, failed 3 (hopeless 3), dead 3, returned 0" in worker.lines[-1]


def test_json_says_the_same_as_fields(world):
    publish(world, 1)
    worker = work(world, sh("exit 65"), "--attempts", "3", "--log-format", "json", "-j", "2", "--until-empty")
    assert worker.wait() == OK
    first, last = fields(worker.lines[0]), fields(worker.lines[-1])
    assert first.pop("command") == "sh -c 'exit 65' sh"
    assert first == {
        "level": "info",
        "server": world.server.url,
        "stream": ORIGIN,
        "filters": ["orders.*"],
        "durable": "processor",
        "handler": "command",
        "slots": 2,
        "attempts": 3,
        "counted_by": "workers",
        "backoff_ms": [5000],
        "ack_wait_ms": 5000,
    }
    assert last == {"level": "info", "done": 0, "failed": 1, "hopeless": 1, "dead": 1, "returned": 0}


def test_a_server_with_a_password_is_named_without_it(world):
    host = world.server.url.removeprefix("nats://")
    worker = world.start("consumer", ORIGIN, "orders.*", "--until-empty", "--server", f"nats://me:secret@{host}", server=False)
    assert worker.wait() == OK and "secret" not in worker.text
    assert said(worker.lines[0]).startswith(f"connected to nats://{host}: ")


def test_dlq_says_first_what_becomes_of_letters_and_last_what_became_of_them(world):
    publish(world, 2)
    world.kill_jobs()
    dlq = world.dlq("run", "--retries", "0")
    world.eventually(lambda: len(world.held()) == 2, "both are held")
    assert dlq.stop() == OK
    assert said(dlq.lines[0]) == (
        f"connected to {world.server.url}: DLQ stream {DLQ}, origin {ORIGIN}, sweep every 1m, "
        "dead jobs are put back 0 times, then held"
    )
    assert said(dlq.lines[-1]).startswith("collected 2, done 0, failed 0, put back 0, held 2, swept 0, ")


def test_dlq_counts_what_its_command_did(world):
    publish(world, 2)
    world.kill_jobs()
    dlq = decide(world, sh('read -r body; test "$body" = order-0'), "--max-attempts", "1", "--log-format", "json")
    world.eventually(lambda: len(world.held()) == 1 and world.settled(), "one is done, one held")
    assert dlq.stop() == OK
    first, last = fields(dlq.lines[0]), fields(dlq.lines[-1])
    assert (first["handler"], first["max_attempts"], first["dlq_stream"], first["origin"]) == ("command", 1, DLQ, ORIGIN)
    assert last == {"level": "info", "collected": 2, "done": 1, "failed": 1, "put_back": 0, "held": 1, "swept": 0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["orders.new", "--count", "2", "--interval", "10ms"], "subject orders.new, 2 jobs, one every 10ms"),
        (["orders.new", "--count", "1"], "subject orders.new, 1 job"),
        (["orders.new", "--lines", "one", "two"], "subject orders.new, --lines of one and 1 other file"),
        (["--jsonl", "jsonl"], "each job's own subject, --jsonl of jsonl"),
    ],
    ids=["several", "one", "files", "jsonl"],
)
def test_publisher_says_first_where_jobs_come_from_and_go(world, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    for name in "one", "two":
        (tmp_path / name).write_text("order-0\n")
    (tmp_path / "jsonl").write_text('{"subject": "orders.new", "body": "order-0"}\n')
    publisher = world.run("publisher", *options)
    assert publisher.code == OK, publisher.text
    assert said(publisher.lines[0]) == f"connected to {world.server.url}: {words}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_says_at_once_what_it_waits_for(world, number):
    publish(world, 5)
    gate = Gate(world)
    worker = start_waiting(world, gate, "--grace", "1m", jobs=3)
    worker.signal(number)
    worker.wait_for(STOPPING % ("3 jobs run", "them", "1m"))
    assert worker.running
    gate.open()
    assert worker.wait() == OK


def test_a_stop_with_nothing_to_wait_for_says_nothing(world):
    worker = work(world, sh("true"))
    worker.wait_for("connected")
    assert worker.stop() == OK and not worker.found("stopping")


def test_a_stop_of_dlq_says_what_it_waits_for(world):
    publish(world, 1)
    world.kill_jobs()
    gate = Gate(world)
    dlq = decide(world, sh(Gate.WAIT, gate), "--grace", "30s")
    world.eventually(lambda: gate.lines, "the handler runs")
    dlq.signal()
    dlq.wait_for(STOPPING % ("1 job runs", "it", "30s"))
    gate.open()
    assert dlq.wait() == OK


def test_a_stop_of_publisher_says_how_many_jobs_are_not_confirmed(world):
    """The origin is full: the server refuses the job, and it is sent again."""
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", world.js.stream(ORIGIN)["config"] | {"max_msgs": 1})
    publisher = world.start("publisher", "orders.new", "--count", "2", "--interval", "0", "--grace", "200ms")
    publisher.wait_for("published order no. 0$")
    publisher.signal()
    publisher.wait_for(STOPPING % ("1 job is not confirmed yet", "it", "200ms"))
    assert publisher.wait() == TEMPFAIL
