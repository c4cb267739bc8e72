"""A worker with command handlers: its lease of a job, which jobs it takes, and its durable."""

import signal
import time

import pytest

from support.api_proxy import ApiProxy
from support.exit_codes import CONFIG, OK, UNAVAILABLE
from support.handler_command import Gate, NOTE, PATIENT, Record, dead_letters, publish, sh, start_waiting, work
from support.jetstream import Connection, SECOND
from support.program import PATIENCE
from support.world import ORIGIN


def state(world, durable="processor"):
    return world.js.consumer(ORIGIN, durable)


def is_empty(world):
    return world.js.count(ORIGIN) == 0


# ---------------------------------------------------------------- its lease of a job


def test_a_job_longer_than_the_backoff_is_delivered_once(world):
    publish(world, 1)
    seen = Record(world)
    script = 'echo $NATSQ_DELIVERY >>"$1"; sleep 2'
    for _ in range(2):
        work(world, sh(script, seen), "--backoff", "500ms", "--max-deliver", "5")
    world.eventually(lambda: is_empty(world), "it is done")
    assert seen.lines == ["1"]
    assert state(world)["delivered"]["consumer_seq"] == 1


def test_a_slow_worker_holds_no_job_that_an_idle_one_could_do(world):
    publish(world, 20)
    gate, done = Gate(world, "gate"), Record(world)
    start_waiting(world, gate, *PATIENT)
    work(world, sh(NOTE, done))
    world.eventually(lambda: len(done.lines) == 19, "the other worker has done the rest")
    world.eventually(lambda: state(world)["num_ack_pending"] == 1, "its acknowledgements have arrived")
    assert len(gate.lines) == 1
    gate.open()
    world.eventually(lambda: is_empty(world), "all is done")


def test_a_kill_costs_jobs_that_were_not_started_no_attempt(world):
    publish(world, 20)
    gate, seen = Gate(world, "gate"), Record(world)
    start_waiting(world, gate, "--backoff", "300ms", jobs=3).kill()
    assert state(world)["delivered"]["consumer_seq"] == 3
    work(world, sh('echo $NATSQ_SEQ $NATSQ_DELIVERY >>"$1"', seen))
    world.eventually(lambda: is_empty(world), "all is done")
    second = {line.split()[0] for line in gate.lines}
    assert set(seen.lines) == {f"{seq} {2 if str(seq) in second else 1}" for seq in range(1, 21)}


def test_concurrency_runs_several_jobs_at_once(world):
    publish(world, 4)
    gate = Gate(world)
    worker = start_waiting(world, gate, jobs=4)
    gate.open()
    world.eventually(lambda: is_empty(world), "all is done")
    assert worker.stop() == OK


def test_ack_sync_waits_for_the_confirmation(world):
    publish(world, 2)
    gate = Gate(world)
    worker = start_waiting(world, gate, "--ack", "sync", "--timeout", "500ms", "--backoff", "1s", "--max-deliver", "9")
    world.server.signal(signal.SIGSTOP)
    try:
        gate.open()
        worker.wait_for("did not confirm the settlement of # 1: ")
        assert len(gate.lines) == 1  # the next job is not taken
    finally:
        world.server.signal(signal.SIGCONT)
    world.eventually(lambda: is_empty(world), "all is done")
    assert worker.stop() == OK


def test_failing_jobs_in_backoff_do_not_delay_good_ones(world):
    publish(world, 20, "bad")
    good, done = publish(world, 20, "good"), Record(world)
    work(world, sh(NOTE + "; case $body in bad*) exit 1; esac", done), *PATIENT)
    world.eventually(lambda: good <= set(done.lines), "the good ones are done")
    world.eventually(lambda: world.js.count(ORIGIN) == state(world)["num_ack_pending"] == 20, "the bad ones are in backoff")
    assert len(done.lines) == 40


# ---------------------------------------------------------------- which jobs it takes


def test_count_limits_the_jobs(world):
    publish(world, 10)
    done = Record(world)
    assert work(world, sh(NOTE, done), "--count", "3", "-j", "4").wait() == OK
    assert len(done.lines) == 3 and world.js.count(ORIGIN) == 7
    assert (state(world)["delivered"]["consumer_seq"], state(world)["num_ack_pending"]) == (3, 0)


def test_until_empty_waits_for_a_job_that_another_worker_runs(world):
    publish(world, 5)
    gate = Gate(world)
    start_waiting(world, gate, "--count", "1")
    ending = work(world, sh("true"), "--until-empty")
    world.eventually(lambda: world.js.count(ORIGIN) == 1, "the others are done")
    time.sleep(1)
    assert ending.running
    gate.open()
    assert ending.wait() == OK and is_empty(world)


def test_until_empty_waits_for_a_job_in_backoff(world):
    publish(world, 1)
    done = Record(world)
    assert work(world, sh("exit 1"), "--count", "1", "--backoff", "1s").wait() == OK
    assert work(world, sh(NOTE, done), "--until-empty").wait() == OK
    assert done.lines == ["order-0"] and is_empty(world)


def test_the_rate_is_kept_evenly(world):
    publish(world, 11)
    times = Record(world)
    assert work(world, sh('date +%s.%N >>"$1"', times), "--rate", "10", "-j", "4", "--until-empty").wait() == OK
    times = sorted(map(float, times.lines))
    assert times[-1] - times[0] > 0.9
    assert times[5] - times[0] > 0.4  # evenly


def test_several_filters_select_jobs(world):
    wanted = {word for word in ("eu", "us") for _ in publish(world, 1, word, f"orders.{word}")}
    publish(world, 1, "asia", "orders.asia")
    done = Record(world)
    filters = "orders.eu", "orders.us"
    assert work(world, sh(NOTE, done), "--until-empty", "--durable", "west", filters=filters).wait() == OK
    assert set(done.lines) == {f"{word}-0" for word in wanted}
    assert [job.subject for job in world.js.messages(ORIGIN)] == ["orders.asia"]


# ---------------------------------------------------------------- the durable


def test_bind_uses_the_attempts_of_the_durable(world):
    publish(world, 1)
    backoff = [SECOND // 10] * 3
    world.js.create_consumer(ORIGIN, durable_name="mine", filter_subject="orders.*", max_deliver=3, backoff=backoff)
    before, seen = state(world, "mine")["config"], Record(world)
    worker = work(world, sh('echo $NATSQ_DELIVERY/$NATSQ_MAX_DELIVER >>"$1"; exit 1', seen), "--durable", "mine", "--bind")
    world.eventually(lambda: dead_letters(world) and is_empty(world), "it is dead")
    assert worker.stop() == OK
    assert seen.lines == ["1/3", "2/3", "3/3"]
    assert state(world, "mine")["config"] == before


def test_another_filter_is_refused(world):
    publish(world, 1)
    assert work(world, sh("true"), "--until-empty", filters=["orders.new"]).wait() == OK
    publish(world, 1)
    refused = work(world, sh("true"))
    assert refused.wait() == CONFIG
    assert "another --durable" in refused.text and world.js.count(ORIGIN) == 1


def test_two_workers_with_different_options_change_the_durable_only_once(world):
    first = work(world, sh("true"), "--max-deliver", "5", "--backoff", "1s,2s")
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    second = work(world, sh("true"), "--max-deliver", "6", "--update")
    second.wait_for(r"updating consumer processor: max_deliver 5 . 6$")
    third = work(world, sh("true"), "--count", "30")
    world.eventually(lambda: publish(world, 30) and not third.running, "the third has its share, whenever it started")
    world.eventually(lambda: is_empty(world), "all is done")
    assert third.wait() == first.stop() == second.stop() == OK
    assert len(second.events) == 1 and third.events == []
    assert (state(world)["config"]["max_deliver"], state(world)["config"]["backoff"]) == (6, [SECOND, 2 * SECOND])


@pytest.mark.parametrize("counted", [["--max-deliver", "7"], ["--attempts", "7"]], ids=["max-deliver", "attempts"])
def test_a_durable_that_vanishes_is_recreated(world, counted):
    worker = work(world, sh("true"), *counted, "--backoff", "1s,2s", "--max-ack-pending", "77")
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    before = state(world)["config"]
    for times in 1, 2:
        world.js.delete_consumer(ORIGIN, "processor")
        worker.wait_for("consumer processor of orders_stream is gone: recreating it$", times=times)
        publish(world, 20)
        world.eventually(lambda: is_empty(world), "it continues")
        assert state(world)["config"] == before
    assert worker.stop() == OK


def test_a_worker_waits_while_another_consumer_has_its_filter(world):
    """Only one line is logged, no matter how often it tries."""
    worker = work(world, sh("true"))
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    tries = Connection(world.server.url, PATIENCE)
    tries.send(b"SUB $JS.API.CONSUMER.CREATE.orders_stream.processor 1\r\nPING\r\n")
    assert tries.file.readline() == b"PONG\r\n"
    worker.signal(signal.SIGSTOP)  # otherwise it could recreate the durable first
    world.js.delete_consumer(ORIGIN, "processor")
    world.js.create_consumer(ORIGIN, durable_name="other", filter_subject="orders.*")
    worker.signal(signal.SIGCONT)
    for _ in range(3):
        tries.read_message()
    tries.close()
    world.js.delete_consumer(ORIGIN, "other")
    publish(world, 3)
    world.eventually(lambda: is_empty(world), "it continues")
    assert worker.stop() == OK
    assert [len(worker.found(words)) for words in ("is gone: recreating it$", "waiting: another consumer")] == [1, 1], worker.text


def test_a_worker_continues_with_a_recreated_stream(world):
    worker = work(world, sh("true"), "--max-deliver", "7")
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    config, before = world.js.stream(ORIGIN)["config"], state(world)["config"]
    world.js.delete_stream(ORIGIN)
    worker.wait_for("stream 'orders_stream' is gone")
    world.js.create_stream(config)
    publish(world, 20)
    world.eventually(lambda: is_empty(world), "it continues")
    assert state(world)["config"] == before
    assert worker.stop() == OK


def api_error(code):
    return {"error": {"code": 400, "err_code": code, "description": "injected by the test"}}


@pytest.mark.parametrize("stops", [False, True], ids=["alone", "stopped"])
def test_recreating_a_durable_that_keeps_vanishing_ends(world, stops):
    """It tries a few times, with pauses."""
    with ApiProxy(world.server.url, answers={"CONSUMER.INFO": api_error(10014), "CONSUMER.CREATE": api_error(10148)}) as api:
        worker = world.start("consumer", ORIGIN, "orders.*", "--js-api-prefix", api.PREFIX)
        world.eventually(lambda: any("CREATE" in operation for operation in api.asked), "it tries")
        if stops:
            worker.signal()
        assert worker.wait() == UNAVAILABLE, worker.text
        assert worker.seconds < 5 and "'processor'" in worker.lines[-1]
        assert len(api.asked) < 50
