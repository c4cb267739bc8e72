"""How a worker ends, what happens to its jobs in flight, and its job log."""

import json
import os
import re
import signal
import threading
import time

import pytest

from support.ack_spy import AckSpy
from support.api_proxy import ApiProxy
from support.exit_codes import OK
from support.handler_command import Gate, NOTE, PATIENT, Record, dead_letters, is_alive, publish, sh, start_waiting, work
from support.jetstream import SECOND
from support.world import DLQ, ORIGIN, own_world


def state(world):
    return world.js.consumer(ORIGIN, "processor")


def test_a_stop_lets_a_running_handler_finish(world):
    publish(world, 5)
    gate = Gate(world)
    worker = start_waiting(world, gate, "--grace", "1m")
    worker.signal()
    time.sleep(0.5)
    assert worker.running
    gate.open()
    assert worker.wait() == OK
    assert len(gate.lines) == 1
    assert (world.js.count(ORIGIN), state(world)["num_ack_pending"]) == (4, 0)


def test_answers_that_the_server_did_not_get_are_told(tmp_path):
    with own_world(tmp_path) as world:
        publish(world, 2)
        gate = Gate(world)
        worker = start_waiting(world, gate, jobs=2)
        world.server.kill()
        worker.wait_for("disconnected from the server")
        worker.signal()
        gate.open()
        assert worker.wait() == OK and worker.found("did not get the answers about 2 jobs, and hands them out again$"), worker.text
        world.server.restart()
        again = work(world, ["true"], "--until-empty")
        assert again.wait() == OK and again.found("done 2, ") and not again.found("answers"), again.text


def test_a_job_that_outlasts_the_grace_is_returned_with_a_delay(world):
    publish(world, 1)
    spy, record = AckSpy(world), Record(world)
    worker = work(world, sh('trap "echo stopped >>$1; exit 1" TERM; echo $$ >>"$1"; sleep 1000 & wait', record), *PATIENT, "--grace", "200ms")
    world.eventually(lambda: record.lines, "it runs")
    assert worker.stop() == OK
    assert record.lines[1:] == ["stopped"] and not is_alive(record.lines[0])
    verb, delay = spy.next().split(" ", 1)
    assert (verb, json.loads(delay)) == ("-NAK", {"delay": 60 * SECOND})
    assert worker.found("# 1 is cut off by the stop$")
    assert (state(world)["num_ack_pending"], world.js.count(DLQ)) == (1, 0)


def test_a_last_attempt_that_a_stop_cuts_off_is_not_dead_lettered(world):
    publish(world, 1)
    spy, gate, log = AckSpy(world), Gate(world), Record(world, "log")
    worker = start_waiting(world, gate, "--max-deliver", "1", "--backoff", "2s", "--grace", "100ms", "--joblog", log)
    assert worker.stop() == OK
    assert log.lines[-1].split("\t")[4] == "stopped"
    assert dead_letters(world) == [] and world.js.count(ORIGIN) == 1
    gate.open()
    world.dlq()
    work(world, sh(Gate.WAIT, gate))
    world.eventually(lambda: len(gate.lines) == 2 and world.js.count(ORIGIN) == 0, "it is put back and done")
    assert spy.next() != "-NAK"


def test_a_job_that_fails_for_good_within_the_grace_is_dead_lettered(world):
    """It is the first death of this worker, which has not looked up the stream for letters yet."""
    publish(world, 1)
    gate = Gate(world)
    worker = work(world, sh(Gate.WAIT + "; exit 1", gate), "-j", "1", "--max-deliver", "1", "--backoff", "1m", "--grace", "1m")
    world.eventually(lambda: gate.lines, "it runs")
    worker.signal()
    gate.open()
    assert worker.wait() == OK
    assert len(dead_letters(world)) == 1 and world.js.count(ORIGIN) == 0 and "no letter" not in worker.text


def test_a_stop_does_not_wait_for_an_answer_about_the_durable(world):
    """The end does not wait for --timeout."""
    ready, asked, over = threading.Event(), threading.Event(), threading.Event()

    def fall_silent(_):
        if ready.is_set():
            asked.set()
            over.wait(60)

    publish(world, 1)
    with ApiProxy(world.server.url, {f"CONSUMER.INFO.{ORIGIN}.processor": fall_silent}):
        worker = world.consumer("--js-api-prefix", ApiProxy.PREFIX, "--timeout", "1m")
        worker.wait_for("received order-0")
        ready.set()
        assert asked.wait(30), worker.text
        assert worker.stop(within=15) == OK
        over.set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(world, number):
    publish(world, 1)
    pid = Record(world)
    worker = work(world, sh('echo $$ >"$1"; exec sleep 1000', pid), "--grace", "10m", "-j", "1")
    world.eventually(lambda: pid.lines, "it runs")
    worker.signal(number)
    time.sleep(0.3)
    assert worker.running
    worker.signal(number)
    assert worker.wait() == 128 + number
    world.eventually(lambda: not is_alive(pid.lines[0]), "its handler died too")


def signal_twice(pid, number):
    """As timeout(1) does. False if the second signal was sent too late."""
    begin = time.monotonic()
    os.kill(pid, number)
    while time.monotonic() - begin < 0.001:  # so that the first signal is handled before the second
        pass
    os.kill(pid, number)
    return time.monotonic() - begin < 0.05


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_is_repeated_at_once_counts_once(world, number):
    publish(world, 1)
    gate, in_time = Gate(world), False
    while not in_time:
        worker = start_waiting(world, gate, "--backoff", "100ms", "--attempts", "1000")
        in_time = signal_twice(worker.process.pid, number)
        if not in_time:
            worker.kill()
    gate.open()
    assert worker.wait() == OK, worker.text
    assert world.js.count(ORIGIN) == 0


@pytest.mark.parametrize("counted", ["--max-deliver", "--attempts"])
def test_workers_stopped_in_turn_leave_no_job_dead_that_did_not_run(world, counted):
    bodies, ran = publish(world, 1000), Record(world)
    options = counted, "2", "--backoff", "200ms", "--grace", "20ms", "-j", "2"
    slow = sh(NOTE + "; sleep 0.1", ran)
    workers = [work(world, slow, *options) for _ in range(2)]
    for turn in range(10):
        before = len(ran.lines)
        world.eventually(lambda: len(ran.lines) >= before + 6, "they work")
        assert workers[turn % 2].stop() == OK
        workers[turn % 2] = work(world, slow, *options)
    assert all(worker.stop() == OK for worker in workers)
    workers = [work(world, sh(NOTE, ran), *options)]  # the rest, quickly
    world.eventually(lambda: state(world)["num_pending"] == state(world)["num_ack_pending"] == 0, "all is settled", 120)
    assert all(worker.stop() == OK for worker in workers)
    dead = {job.body.strip() for job in world.js.messages(ORIGIN) + dead_letters(world)}
    assert dead <= set(ran.lines) == bodies


# ---------------------------------------------------------------- its job log


def row_of(line):
    return dict(zip("time seq subject attempt verdict exit ms worker outcome".split(), line, strict=True))


def test_the_job_log_has_a_line_for_each_attempt(world, tmp_path):
    for word in "done", "fails", "dies", "hopeless":
        publish(world, 1, word, f"orders.{word}")
    ends = 'read -r b; case $b in fails*) exit 3;; dies*) kill -9 $$;; hopeless*) exit 65; esac'
    log = Record(world)
    first = work(world, sh(ends), "--joblog", log, "--count", "4", *PATIENT)
    assert first.wait() == OK
    publish(world, 1)
    second = work(world, sh("sleep 0.2"), "--joblog", log, "--count", "1")
    assert second.wait() == OK
    header, *rows = [line.split("\t") for line in log.lines]
    assert header == "time seq subject attempt verdict exit ms worker outcome".split()
    rows = [row_of(row) for row in rows]
    result = {tuple(row[name] for name in ("seq", "subject", "attempt", "verdict", "exit", "outcome")) for row in rows}
    assert result == {
        ("1", "orders.done", "1", "done", "0", "done"),
        ("2", "orders.fails", "1", "retry", "3", "retry"),
        ("3", "orders.dies", "1", "retry", "signal 9", "retry"),
        ("4", "orders.hopeless", "1", "hopeless", "65", "dead"),
        ("5", "orders.new", "1", "done", "0", "done"),
    }
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["time"]) for row in rows)
    assert 200 <= int(rows[-1]["ms"]) < 20_000
    assert [row["worker"].rsplit(":", 1)[1] for row in rows] == [str(first.process.pid)] * 4 + [str(second.process.pid)]


def test_the_job_log_says_that_a_failed_last_attempt_is_dead(world):
    publish(world, 1)
    log = Record(world)
    worker = work(world, sh("exit 3"), "--joblog", log, "--max-deliver", "2", "--backoff", "100ms", "--until-empty")
    assert worker.wait() == OK
    rows = [row_of(line.split("\t")) for line in log.lines[1:]]
    assert [(row["attempt"], row["verdict"], row["outcome"]) for row in rows] == [("1", "retry", "retry"), ("2", "retry", "dead")]


def test_a_job_log_that_cannot_be_written_stops_no_job(world, tmp_path):
    log = tmp_path / "joblog"
    os.mkfifo(log)
    reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    worker = work(world, ["true"], "--joblog", log)
    world.eventually(lambda: "processor" in world.js.consumers(ORIGIN), "it is ready")
    os.close(reader)
    publish(world, 3)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are done")
    assert worker.stop() == OK and worker.found("cannot write the job log: (.*)") == ["Broken pipe"]


def test_json_logs_have_the_outcome_as_fields(world):
    publish(world, 2)
    worker = work(world, sh("echo oh no >&2; exit 3"), "--log-format", "json", "--count", "2", "-j", "1", *PATIENT)
    assert worker.wait() == OK
    result = [json.loads(line) for line in worker.lines]  # includes what the handler printed
    assert any("oh no" in line["message"] for line in result)
    settled = [line for line in result if line["message"] == "settled"]
    assert [(line["seq"], line["subject"], line["attempt"], line["verdict"], line["exit"]) for line in settled] == [
        (1, "orders.new", 1, "retry", 3),
        (2, "orders.new", 1, "retry", 3),
    ]
    assert all(line["ms"] >= 0 and line["worker"].endswith(f":{worker.process.pid}") for line in settled)


def test_a_stop_while_a_bound_durable_is_missing_takes_no_job(world):
    """The durable exists again when the worker is stopped, and has jobs, but none is pulled."""
    worker = world.start("consumer", ORIGIN, "orders.*")
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    config = state(world)["config"]
    assert worker.stop() == OK
    bound = world.start("consumer", ORIGIN, "orders.*", "--bind")
    world.eventually(lambda: state(world)["num_waiting"] > 0, "it asks for jobs")
    world.js.delete_consumer(ORIGIN, "processor")
    bound.wait_for("waiting: consumer 'processor' is gone")
    bound.signal(signal.SIGSTOP)
    publish(world, 5)
    world.js.api(f"CONSUMER.CREATE.{ORIGIN}.processor", {"stream_name": ORIGIN, "config": config})
    bound.signal()
    bound.signal(signal.SIGCONT)
    assert bound.wait() == OK, bound.text
    assert state(world)["delivered"]["consumer_seq"] == 0
