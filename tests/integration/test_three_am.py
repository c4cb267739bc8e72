"""Three in the morning: something is wrong, and all that is known is `dlq … doctor`. It leads to the right command within one
step: its worst finding about the trouble has it, it is pasted into a shell, and doctor no longer finds the trouble."""

import json
import re
import shutil
import signal

import pytest

from support.clock_shift import clock_shift
from support.doctor import CRITICAL, HANDLERS, carry_out, doctor, healthy, make_handler, make_worker, not_good, paste, update, worst
from support.exit_codes import OK, TEMPFAIL
from support.handler_command import sh, work
from support.local_server import LocalServer
from support.world import DLQ, ORIGIN, World


def trouble(world, check, health, *options, **how):
    """The trouble is among doctor's worst findings."""
    rows = doctor(world, *options, **how)
    row = worst(rows, check)
    assert row["health"] == health, [row for row in rows if row["check"] == check]
    return row


def assert_gone(world, row, *options):
    assert row["text"] not in [other["text"] for other in doctor(world, *options)]
    assert worst(doctor(world, *options), row["check"])["health"] == "good"


def start_the_workers(world, row):
    """As doctor advises; they finish all jobs."""
    worker = paste(world, row, COMMAND="true")
    world.eventually(lambda: not world.js.messages(ORIGIN), "all are done")
    assert_gone(world, row)
    assert worker.stop() == OK


def test_the_workers_are_missing(healthy):
    healthy.js.publish_all([("orders.new", f"order-{i}") for i in range(10)])
    row = trouble(healthy, "stalled", "critical")
    assert "10 pending jobs, 0 in flight, and no worker requests jobs (never seen)" in row["text"]
    start_the_workers(healthy, row)


def test_the_workers_were_killed(healthy):
    """In the middle of their jobs, whose leases nobody renews."""
    make_worker(healthy, backoff=[100_000_000])
    healthy.js.publish_all([("orders.new", f"order-{i}") for i in range(10)])
    killed = work(healthy, sh("sleep 1000"), "--bind", "-j", "2")
    healthy.eventually(lambda: healthy.js.consumer(ORIGIN, "processor")["num_ack_pending"] == 2, "both slots are busy")
    killed.kill()
    healthy.eventually(lambda: worst(doctor(healthy), "stalled")["health"] != "good", "the leases are over")
    row = trouble(healthy, "stalled", "critical")
    assert "8 pending jobs, 2 in flight, and no worker requests jobs (last seen " in row["text"]
    start_the_workers(healthy, row)


def test_the_handlers_of_all_workers_hang(healthy):
    healthy.js.publish_all([("orders.new", f"order-{i}") for i in range(10)])
    hanging = work(healthy, sh("sleep 1000"), "-j", "2", "--grace", "1ms", "--kill-after", "1ms")
    healthy.eventually(lambda: healthy.js.consumer(ORIGIN, "processor")["num_ack_pending"] == 2, "both slots are busy")
    soon = "--warn", "quiet=1s"
    row = trouble(healthy, "stalled", "warning", *soon)
    assert "8 pending jobs, 2 in flight, and no worker has a free slot" in row["text"] and "handlers hang or take long" in row["text"]
    assert "--job-timeout" in row["command"] and "restart those that hang" in row["advice"]
    worker = paste(healthy, row, COMMAND="true")
    healthy.eventually(lambda: len(healthy.js.messages(ORIGIN)) == 2, "the others are done")
    assert_gone(healthy, row, *soon)
    hanging.stop()
    healthy.eventually(lambda: not healthy.js.messages(ORIGIN), "so are those that hung")
    assert worker.stop() == OK


def test_a_poison_job_is_held(healthy):
    """What doctor advises shows the job and why it dies; then the letters are discarded."""
    healthy.js.publish("orders.new", "poison")
    make_worker(healthy, backoff=[50_000_000])
    worker = work(healthy, sh("echo no such table >&2; exit 3"), "--bind")
    dlq = healthy.dlq("--retries", "0")
    healthy.eventually(healthy.held, "it is held")
    assert (worker.stop(), dlq.stop()) == (OK, OK)
    row = trouble(healthy, "held", "warning")
    assert row["text"].startswith("1 letter is held and waits for a person, the oldest died ")
    shown = "\n".join(carry_out(healthy, row).out)
    assert "exit 3" in shown and "no such table" in shown
    assert "discard" in row["advice"]
    assert healthy.run("dlq", DLQ, ORIGIN, "discard", "1", "--yes").code == OK
    assert_gone(healthy, row)


def test_a_poison_job_that_is_tried_forever(healthy):
    make_worker(healthy, max_deliver=-1, backoff=[50_000_000])
    healthy.js.publish("orders.new", "poison")
    worker = work(healthy, ["false"], "--bind")
    worker.wait_for("error processing", times=3)
    row = trouble(healthy, "consumers", "warning")
    assert "a job that always fails is tried forever" in row["text"]
    other = paste(healthy, row, COMMAND="false")
    healthy.eventually(lambda: healthy.js.messages(DLQ), "it is dead")
    assert_gone(healthy, row)
    assert (worker.stop(), other.stop()) == (OK, OK)


def test_the_dlq_stream_is_full(healthy):
    """More room, then sweep for the jobs whose deaths were lost."""
    healthy.js.publish(f"natsq.held.{ORIGIN}.processor.1.1", "x")
    update(healthy, DLQ, max_msgs=1)
    healthy.js.publish("orders.new", "order-0")
    make_worker(healthy, backoff=[50_000_000])
    worker = work(healthy, ["false"], "--bind")
    healthy.eventually(lambda: healthy.js.consumer(ORIGIN, "processor")["delivered"]["consumer_seq"] == 2, "its last attempt")
    worker.wait_for("no letter about # 1")
    full = trouble(healthy, "room", "critical")
    assert full["text"].startswith(f"stream {DLQ} is full: 1 of 1 messages")
    carry_out(healthy, full)
    assert_gone(healthy, full)
    healthy.eventually(lambda: not healthy.js.consumer(ORIGIN, "processor")["num_ack_pending"], "the server gives it up")
    assert worker.stop() == OK
    lost = trouble(healthy, "unnoticed", "warning")
    assert lost["text"] == "1 dead job has no letter"
    carry_out(healthy, lost)
    assert_gone(healthy, lost)


def test_the_origin_is_full(healthy):
    healthy.js.publish_all([("orders.new", "x")] * 5)
    update(healthy, ORIGIN, max_msgs=5)
    assert healthy.run("publisher", "orders.new", "--count", "1", "--body", "y", "--retry-for", "0s").code == TEMPFAIL
    row = trouble(healthy, "room", "critical")
    assert row["text"].startswith(f"stream {ORIGIN} is full: 5 of 5 messages")
    carry_out(healthy, row)
    assert_gone(healthy, row)
    assert healthy.run("publisher", "orders.new", "--count", "1", "--body", "y", "--retry-for", "0s").code == OK


@pytest.mark.parametrize("stream, durable, check", [(ORIGIN, "processor", "consumers"), (DLQ, "letter_handler", "handlers")])
def test_a_durable_is_paused(healthy, stream, durable, check):
    healthy.js.api(f"CONSUMER.PAUSE.{stream}.{durable}", {"pause_until": "2099-01-01T00:00:00Z"})
    healthy.js.publish("orders.new" if stream == ORIGIN else f"natsq.dead.{ORIGIN}.processor.1.1", "x")
    row = trouble(healthy, check, "critical")
    assert f"{durable} has pause_until" in row["text"]
    carry_out(healthy, row)
    assert_gone(healthy, row)


@pytest.mark.parametrize("names", [(ORIGIN, DLQ), (DLQ, "orders_steam"), ("orders_unprocesed", ORIGIN)], ids=" ".join)
def test_the_names_are_wrong(healthy, names):
    done = healthy.run("dlq", *names, "doctor", "--json")
    row = json.loads(done.out[0])
    assert done.code == CRITICAL and row["advice"].startswith("did you mean: ")
    assert f"dlq {DLQ} {ORIGIN} doctor " in row["command"]
    carry_out(healthy, row)


def test_a_permission_is_missing(tmp_path):
    """The advice names the subject that the server's configuration must permit."""
    config = tmp_path / "users.conf"

    def permit(*denied):
        rules = json.dumps({"publish": {"deny": denied}})
        config.write_text(
            f"accounts {{ APP {{ jetstream: enabled, users: [ {{ user: app, password: p }}, {{ user: ops, password: p, permissions: {rules} }} ] }} }}\n"
            "no_auth_user: app\n"
        )

    denied = f"$JS.API.DIRECT.GET.{DLQ}", f"$JS.API.STREAM.PURGE.{DLQ}"
    permit(*denied)
    with LocalServer().start(fast=True, config=config) as server:
        world = World(server, tmp_path)
        try:
            world.create_streams()
            make_worker(world)
            for name in HANDLERS:
                make_handler(world, name)
            ops = "--user", "ops", "--password", "p"
            rows = [row for row in doctor(world, *ops) if row["check"] == "permissions"]
            permitted = {re.fullmatch("allow it to publish to (.*)", row["advice"]).group(1) for row in rows}
            assert permitted == set(denied)
            permit(*set(denied) - permitted)
            server.signal(signal.SIGHUP)
            world.eventually(lambda: not not_good(doctor(world, *ops)), "the server has its new configuration")
        finally:
            world.close()


@pytest.mark.parametrize("seconds, health, words", [(10, "warning", "(9|10)s ahead of"), (-3600, "critical", "(59m|1h)[0-9s]* behind")])
def test_the_clock_is_wrong(healthy, seconds, health, words):
    """Set right here by not shifting it; the advice is a command of this machine, which a test must not run."""
    row = trouble(healthy, "clock", health, **clock_shift(seconds))
    assert re.match(f"this machine's clock is at least {words} the server's: ", row["text"]), row
    assert "NTP" in row["advice"]
    assert "command" not in row or shutil.which(row["command"].split()[1])
    assert_gone(healthy, row)
