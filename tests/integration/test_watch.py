"""`dlq … watch` on a pipe: a line each time, whatever happens to workers and server."""

import json
import os
import signal
import subprocess

import pytest

from support.api_proxy import ApiProxy
from support.build import BIN
from support.dlq_verbs import STREAMS, dlq
from support.environment import environment
from support.exit_codes import OK, UNAVAILABLE, USAGE
from support.letters import letter, put, put_many
from support.program import PATIENCE
from support.world import DLQ, ORIGIN, PROCESSOR, own_world


def start(world, *options, every="100ms"):
    return world.dlq("watch", "--every", every, *options)


def records(program):
    return [json.loads(line) for line in list(program.out)]


def eventually(world, program, condition, what):
    """Returns the first record, from now on, for which the condition is true."""
    seen = len(program.out)

    def found():
        assert program.running, program.text
        return next((record for record in records(program)[seen:] if condition(record)), None)

    return world.eventually(found, what)


def test_jobs_that_flow_and_die_and_a_worker_that_is_killed(world):
    watch = start(world, "--json")
    eventually(world, watch, lambda record: record["pending"] == 0 and record["consumers"] == [], "nothing is there")
    publisher = world.start("publisher", "orders.new", "--count", "100000", "--interval", "5ms")
    eventually(world, watch, lambda record: record["published"] and record["pending"] > 10, "jobs are pending")
    consumer = world.consumer("--fail-rate", "0.5", "--backoff", "100ms")
    moving = eventually(world, watch, lambda record: record["done"] and record["dead"] and record["errors"], "jobs are done and die")
    assert moving["errors"][0]["error"] == "failed at random (--fail-rate)" and moving["waiting"] > 0
    assert [each["name"] for each in moving["consumers"]] == ["processor"]
    eventually(world, watch, lambda record: record["pulls"] > 0, "the worker waits for jobs")
    consumer.kill()
    eventually(world, watch, lambda record: record["pulls"] == 0 and record["pending"] > 0, "no worker asks")
    publisher.kill()
    still = eventually(world, watch, lambda record: record["published"] == 0 and record["done"] == 0, "nothing moves")
    assert still["dead"] == 0 and still["oldest_job"] is not None
    assert watch.stop() == OK


def test_each_durable_is_shown(world):
    world.js.publish_all([("orders.new", "1"), ("orders.old", "2"), ("orders.old", "3")])
    for name in "new", "old":
        world.js.create_consumer(ORIGIN, **{**PROCESSOR, "durable_name": name, "filter_subject": f"orders.{name}"})
    world.js.pull(ORIGIN, "old", 1)
    watch = start(world, "--json")
    record = eventually(world, watch, lambda record: len(record["consumers"]) == 2, "both are there")
    assert [(each["name"], each["pending"], each["in_flight"]) for each in record["consumers"]] == [("new", 1, 0), ("old", 1, 1)]
    assert (record["pending"], record["in_flight"]) == (2, 1)
    world.js.delete_consumer(ORIGIN, "new")
    eventually(world, watch, lambda record: [each["name"] for each in record["consumers"]] == ["old"], "one is gone")


def test_numbers_in_text(world):
    put(world, letter(1, state="dead"), letter(2), letter(3))
    world.js.publish("orders.new", "order-0")
    watch = start(world)
    world.eventually(lambda: len(watch.out) >= 3, "three lines")
    first, later = (dict(pair.split("=") for pair in line.split(" ")) for line in (watch.out[0], watch.out[2]))
    assert first["time"] < later["time"] and first["published"] == "-" and later["published"] == "0.0"
    assert (first["waiting"], first["held"], first["announced"], first["pending"]) == ("1", "2", "0", "1")
    assert first["dlq_messages"] == "3" and int(first["oldest_letter"]) > 1000 and int(first["origin_bytes"]) > 0


def test_deaths_are_announced(world):
    for n in range(3):
        world.js.publish("orders.new", f"order-{n}")
    world.kill_jobs()
    watch = start(world, "--json")
    record = eventually(world, watch, lambda record: record["announced"], "the deaths are seen")
    assert (record["announced"], record["announced_exact"], record["waiting"]) == (3, True, 0)
    assert record["oldest_job"] is None


def test_letters_that_are_removed_no_longer_count(world):
    put(world, *(letter(seq, Natsq_Error="disk full") for seq in range(1, 6)), letter(7, Natsq_Error="no route"))
    watch = start(world, "--json")
    both = [{"error": "disk full", "letters": 5}, {"error": "no route", "letters": 1}]
    eventually(world, watch, lambda record: record["errors"] == both, "both errors are counted")
    put(world, letter(8, Natsq_Error="no route"))
    eventually(world, watch, lambda record: record["errors"] == [both[0], {"error": "no route", "letters": 2}], "a letter more")
    assert dlq(world, "discard", "1-5", "--yes").code == OK
    eventually(world, watch, lambda record: record["errors"] == [{"error": "no route", "letters": 2}], "five letters less")
    assert dlq(world, "discard", "--all", "--yes").code == OK
    eventually(world, watch, lambda record: record["errors"] == [] and record["held"] == 0, "none is left")


def test_many_letters_are_read_little_by_little(world):
    put_many(world, 20_000)
    watch = start(world, "--json")
    first = eventually(world, watch, lambda record: True, "the first line")
    assert first["held"] == 20_000
    eventually(world, watch, lambda record: record["errors"] == [{"error": "exit 1", "letters": 20_000}], "all are read")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_it_at_once(world, number):
    watch = start(world, every="1h")
    world.eventually(lambda: watch.out, "the first line")
    watch.signal(number)
    assert watch.wait(10) == OK and len(watch.out) == 1 and watch.lines == []


def test_it_ends_when_its_reader_is_gone(world):
    ours, theirs = os.pipe()
    command = [BIN / "dlq", *STREAMS, "watch", "--every", "1h", "--server", world.server.url]
    watch = subprocess.Popen(command, stdout=theirs, env=environment(world.home))
    os.close(theirs)
    assert os.read(ours, 65536).startswith(b"time=")
    os.close(ours)
    assert watch.wait(PATIENCE) == OK


def test_it_goes_on_when_the_server_is_back(tmp_path):
    with own_world(tmp_path) as world:
        world.js.publish("orders.new", "order-0")
        watch = start(world, "--json", "--timeout", "500ms")
        eventually(world, watch, lambda record: record.get("pending") == 1, "the job")
        world.server.kill()
        away = eventually(world, watch, lambda record: record.get("no_answer", 0) >= 1, "no server for a second")
        assert set(away) == {"time", "no_answer", "trouble"} and away["trouble"]
        world.server.restart()
        eventually(world, watch, lambda record: record.get("pending") == 1, "the job again")
        assert watch.stop() == OK


def test_a_server_that_hangs(tmp_path):
    with own_world(tmp_path) as world:
        watch = start(world, "--json", "--timeout", "500ms")
        eventually(world, watch, lambda record: "pending" in record, "an answer")
        world.server.signal(signal.SIGSTOP)
        eventually(world, watch, lambda record: record.get("no_answer", 0) >= 1, "no answer")
        assert watch.stop(10) == OK
        world.server.signal(signal.SIGCONT)


def test_a_stream_that_is_deleted_meanwhile(world):
    watch = start(world, "--json")
    eventually(world, watch, lambda record: "pending" in record, "an answer")
    world.js.delete_stream(ORIGIN)
    record = eventually(world, watch, lambda record: "trouble" in record, "no stream")
    assert f"stream {ORIGIN}" in record["trouble"]


def test_a_stream_that_is_deleted_before_the_first_look(world):
    """Its absence is trouble, not an empty queue."""
    answers = iter(range(10**9))

    def vanish(answer):
        if next(answers) >= 2:  # the program has looked it up, and its settings
            answer.clear()
            answer["error"] = {"code": 404, "err_code": 10059, "description": "stream not found"}

    with ApiProxy(world.server.url, {f"STREAM.INFO.{ORIGIN}": vanish}):
        watch = start(world, "--json", "--js-api-prefix", ApiProxy.PREFIX)
        record = eventually(world, watch, lambda record: True, "a first record")
        assert f"stream {ORIGIN}" in record.get("trouble", ""), record


def test_what_is_refused(world):
    for options in ["12"], ["--every", "99ms"], ["--every", "0"], ["--all"], ["--by", "error"]:
        assert dlq(world, "watch", *options).code == USAGE, options
    assert dlq(world, "list", "--every", "5s").code == USAGE
    world.js.delete_stream(DLQ)
    assert dlq(world, "watch").code == UNAVAILABLE
