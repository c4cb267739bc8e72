"""Lines about jobs: their level, their fields as JSON, and whether they show bodies."""

import json
import re

import pytest

from support.exit_codes import OK
from support.handler_command import decide, publish, sh, work
from support.jetstream import Connection
from support.program import BUILTIN
from support.world import DLQ, ORIGIN, own_world

FAILING = "--max-deliver", "2", "--backoff", "100ms", "--until-empty"


def events(program):
    """The JSON objects of its stderr, each a line of its own, without the first ones and the last."""
    objects = [json.loads(line) for line in program.lines]
    assert all(set(each) >= {"time", "level", "program", "message"} for each in objects)
    return [each for each in objects[1:-1] if not re.search(BUILTIN, each["message"])]


def about(program, words):
    return [each for each in events(program) if words in each["message"]]


def test_a_failed_attempt_is_a_warning_and_a_death_an_error(world):
    world.js.publish("orders.new", "order-0", Nats_Msg_Id="id-0")
    worker = work(world, sh("echo oh no >&2; exit 3"), *FAILING, "--log-format", "json")
    assert worker.wait() == OK
    common = {"seq": 1, "subject": "orders.new", "durable": "processor", "job_id": "id-0"}
    failure = {**common, "verdict": "retry", "exit": 3, "reason": "exit 3", "error": "oh no"}
    first, last = about(worker, "error processing")
    for found, delivery, outcome in (first, 1, "retry"), (last, 2, "dead"):
        assert {name: found[name] for name in failure} == failure
        assert (found["level"], found["delivery"], found["outcome"]) == ("warn", delivery, outcome)
        assert isinstance(found["ms"], int) and found["ms"] >= 0
    [death] = about(worker, "will be processed via DLQ")
    assert death["level"] == "error" and {name: death[name] for name in failure} == failure


def test_a_job_that_is_done_has_its_fields(world):
    world.js.publish("orders.new", "order-0", Nats_Msg_Id="id-0")
    worker = world.consumer("--until-empty", "--log-format", "json")
    assert worker.wait() == OK
    received, settled = events(worker)
    common = {"level": "info", "seq": 1, "subject": "orders.new", "durable": "processor", "job_id": "id-0", "delivery": 1}
    assert received["message"] == "received order-0 from stream sequence # 1"
    assert {name: received[name] for name in common} == {name: settled[name] for name in common} == common
    assert (settled["verdict"], settled["outcome"], settled["attempt"]) == ("done", "done", 1)
    assert "reason" not in settled


def test_an_id_that_is_not_utf8_hides_no_other_field(world):
    headers, body = b"NATS/1.0\r\nNats-Msg-Id: \xff-0\r\n\r\n", b"order-0"
    connection = Connection(world.server.url, 30)
    connection.send(b"HPUB orders.new %d %d\r\n%s%s\r\nPING\r\n" % (len(headers), len(headers + body), headers, body))
    assert connection.file.readline() == b"PONG\r\n"
    connection.close()
    world.eventually(lambda: world.js.count(ORIGIN) == 1, "it is stored")
    worker = world.consumer("--until-empty", "--log-format", "json")
    assert worker.wait() == OK
    assert [(each["seq"], each["subject"], "job_id" in each) for each in events(worker)] == [(1, "orders.new", False)] * 2


@pytest.mark.parametrize(
    ("level", "failed", "died"), [("info", 2, 1), ("warn", 2, 1), ("error", 0, 1)], ids=["info", "warn", "error"]
)
def test_the_lowest_level_filters_the_lines_of_basic_usage(world, level, failed, died):
    world.js.publish("orders.new", "order-0")
    worker = world.consumer("--fail-rate", "1", "--backoff", "100ms", "--until-empty", "--log-level", level)
    assert worker.wait() == OK
    assert len(worker.found(r"Z error processing order-0$")) == failed
    assert len(worker.found(r"Z order-0 will be processed via DLQ$")) == died
    assert len(worker.found("connected to")) == (level == "info")


def test_a_reconnect_is_a_pair_of_warnings(tmp_path):
    with own_world(tmp_path) as world:
        worker = world.consumer("--log-level", "warn")
        world.eventually(lambda: world.js.consumers(ORIGIN), "it runs")
        world.server.kill()
        worker.wait_for("WARNING: disconnected from the server")
        world.server.restart()
        worker.wait_for(f"WARNING: reconnected to {world.server.url}$")


# ---------------------------------------------------------------- --log-body


def test_with_a_command_no_body_is_logged(world):
    world.js.publish("orders.new", "secret-0", Nats_Msg_Id="id-0")
    world.js.publish("orders.new", "secret-1")
    worker = work(world, sh("exit 1"), *FAILING)
    assert worker.wait() == OK
    assert worker.found(r"Z error processing # 1 \(id-0\): exit 1$") and worker.found("Z error processing # 2: exit 1$")
    assert worker.found(r"Z # 1 \(id-0\) will be processed via DLQ$")
    dlq = decide(world, sh("exit 1"), "--max-attempts", "1")
    world.eventually(lambda: len(world.held()) == 2, "both are held")
    assert dlq.stop() == OK and dlq.found(r"Z reprocessing # 1 \(id-0\)$")
    assert "secret" not in worker.text + dlq.text


def test_bodies_are_logged_with_a_command_on_request(world):
    world.js.publish("orders.new", "order-0")
    worker = work(world, sh("exit 1"), *FAILING, "--log-body", "yes")
    assert worker.wait() == OK
    assert worker.found(r"Z error processing order-0: exit 1 \(# 1\)$")
    assert worker.found(r"Z order-0 will be processed via DLQ \(# 1\)$")
    dlq = decide(world, sh("exit 1"), "--max-attempts", "1", "--log-body", "yes")
    dlq.wait_for(r"Z reprocessing order order-0 \(# 1\)$")


def test_without_a_command_bodies_can_be_left_out(world):
    world.js.publish("orders.new", "secret-0", Nats_Msg_Id="id-0")
    failing = world.consumer("--fail-rate", "1", "--backoff", "100ms", "--until-empty", "--log-body", "no")
    assert failing.wait() == OK
    assert failing.found(r"Z error processing # 1 \(id-0\)$") and failing.found(r"Z # 1 \(id-0\) will be processed via DLQ$")
    dlq = world.dlq("--log-body", "no")
    dlq.wait_for(r"Z reprocessing # 1 \(id-0\)$")
    world.eventually(lambda: world.js.count(ORIGIN) == 1, "it is put back")
    done = world.consumer("--until-empty", "--log-body", "no")
    assert done.wait() == OK and done.found(r"Z received # \d+ \(id-0\)$")
    assert "secret" not in failing.text + dlq.text + done.text


# ---------------------------------------------------------------- dlq run


def test_a_death_that_only_the_server_announced_is_an_error_of_dlq(world):
    publish(world, 1)
    world.kill_jobs()
    dlq = world.dlq("--log-format", "json")
    world.eventually(lambda: world.js.count(ORIGIN) == 1 and world.js.last_seq(ORIGIN) == 2, "it is put back")
    assert dlq.stop() == OK
    [death], [back] = about(dlq, "is dead"), about(dlq, "reprocessing")
    for found, level in (death, "error"), (back, "info"):
        assert (found["level"], found["seq"], found["subject"]) == (level, 1, "orders.new")
        assert (found["durable"], found["reason"], found["delivery"]) == ("processor", "max deliveries", 2)


def test_what_a_command_did_for_a_letter_has_its_fields(world):
    world.js.publish("orders.new", "order-0")
    world.js.publish("orders.new", "order-1")
    world.kill_jobs()
    command = sh('if [ "$NATSQ_SEQ" = 1 ]; then exit 0; fi; echo broken >&2; exit 4')
    dlq = decide(world, command, "--max-attempts", "1", "--log-format", "json")
    world.eventually(lambda: len(world.held()) == 1 and world.settled(), "one is done, one held")
    assert dlq.stop() == OK
    [done], [failed], [held] = about(dlq, "# 1 is done"), about(dlq, "failed again"), about(dlq, "holding")
    assert (done["level"], done["verdict"], done["outcome"]) == ("info", "done", "done") and done["ms"] >= 0
    assert (failed["level"], failed["reason"], failed["error"], failed["outcome"]) == ("warn", "exit 4", "broken", "held")
    assert (held["level"], held["seq"], held["reason"], held["error"]) == ("warn", 2, "exit 4", "broken")


@pytest.mark.parametrize(("says", "error"), [("echo second >&2; ", "second"), ("", None)], ids=["an error", "none"])
def test_a_held_letter_says_why_the_command_failed(world, says, error):
    """Not why the job died before."""
    world.js.publish("orders.new", "order-0")
    worker = work(world, sh("echo first >&2; exit 1"), *FAILING)
    assert worker.wait() == OK
    decide(world, sh(f"{says}exit 7"), "--max-attempts", "1")
    [letter] = world.eventually(world.held, "it is held")
    assert (letter.headers["Natsq-Reason"], letter.headers.get("Natsq-Error")) == ("exit 7", error)
    [row] = [json.loads(line) for line in world.run("dlq", DLQ, ORIGIN, "list", "--json").out]
    assert (row["reason"], row.get("error")) == ("exit 7", error)
