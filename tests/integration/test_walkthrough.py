"""The three calls of the walk-through as it shows them, and the options of consumer."""

import re
import time

from support.exit_codes import OK
from support.jetstream import SECOND
from support.world import DLQ, ORIGIN


def publish(world, count):
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(count))
    return {f"order-{i}" for i in range(count)}


def test_the_three_calls_of_the_walk_through_lose_no_job(world):
    dlq = world.dlq("--retries", "1000")
    workers = [world.consumer("--fail-rate", "0.5", "--backoff", "500ms") for _ in range(2)]
    publisher = world.start("publisher", "orders.new", "--interval", "60ms")
    names = {"publisher_orders.new", f"consumer_{ORIGIN}", f"dlq_{ORIGIN}"}
    seen = set()
    world.eventually(lambda: seen.update(world.connection_names()) or seen >= names, f"{names} are connected")
    assert publisher.wait() == OK
    assert publisher.found(r"published order no\. (\d+)$") == [str(i) for i in range(20)]
    world.eventually(world.is_empty, "all is done")
    assert all(program.stop() == OK for program in (*workers, dlq))
    log = [line for worker in workers for line in worker.lines]
    done = re.findall(r"received (order-\d+) from stream sequence # \d+$", "\n".join(log), re.M)
    assert sorted(done) == sorted(f"order-{i}" for i in range(20))
    died = re.findall(r"Z (order-\d+) will be processed via DLQ$", "\n".join(log), re.M)
    assert set(died) <= set(re.findall(r"error processing (order-\d+)$", "\n".join(log), re.M))
    assert sorted(dlq.found(r"reprocessing order (\S+)$")) == sorted(died)


def test_the_default_publishes_twenty_jobs_one_a_second(world):
    publisher = world.start("publisher", "orders.new")
    publisher.wait_for(r"published order no\. 1$")
    assert publisher.stop() == 75  # before the end of its jobs
    assert [job.body for job in world.js.messages(ORIGIN)][:2] == ["order-0", "order-1"]
    first, second = (job.ns for job in world.js.messages(ORIGIN)[:2])
    assert 0.9 * SECOND < second - first < 5 * SECOND


def test_the_default_durable_is_that_of_the_walk_through(world):
    world.consumer()
    world.eventually(lambda: world.js.consumers(ORIGIN) == ["processor"], "the durable exists")
    config = world.js.consumer(ORIGIN, "processor")["config"]
    wanted = {
        "durable_name": "processor",
        "description": "Orders processor",
        "filter_subject": "orders.*",
        "ack_policy": "explicit",
        "max_deliver": 2,
        "backoff": [5 * SECOND],
        "max_ack_pending": 10_000,
    }
    assert {name: config[name] for name in wanted} == wanted


def test_options_configure_the_durable(world):
    options = "--durable", "west", "--max-deliver", "4", "--backoff", "200ms,1s,2m", "--max-ack-pending", "7"
    assert world.run("consumer", ORIGIN, "orders.eu", "orders.us", *options, "--until-empty").code == OK
    config = world.js.consumer(ORIGIN, "west")["config"]
    assert (config["max_deliver"], config["max_ack_pending"]) == (4, 7)
    assert config["backoff"] == [SECOND // 5, SECOND, 120 * SECOND]
    assert sorted(config["filter_subjects"]) == ["orders.eu", "orders.us"]


def test_only_given_options_change_an_existing_durable(world):
    world.js.create_consumer(ORIGIN, durable_name="processor", filter_subject="orders.*", max_deliver=9, description="mine")
    before = world.js.consumer(ORIGIN, "processor")["config"]
    silent = world.run("consumer", ORIGIN, "orders.*", "--until-empty")
    assert (silent.code, silent.events) == (OK, [])
    assert world.js.consumer(ORIGIN, "processor")["config"] == before
    changing = world.run("consumer", ORIGIN, "orders.*", "--max-deliver", "3", "--update", "--until-empty")
    assert changing.found("updating consumer processor: max_deliver 9 → 3$")
    assert world.js.consumer(ORIGIN, "processor")["config"] == {**before, "max_deliver": 3}


def test_bind_does_not_change_the_durable(world):
    world.js.create_consumer(ORIGIN, durable_name="mine", filter_subject="orders.new", max_deliver=9)
    before = world.js.consumer(ORIGIN, "mine")["config"]
    bodies = publish(world, 3)
    bound = world.run("consumer", ORIGIN, "orders.new", "--durable", "mine", "--bind", "--until-empty")
    assert set(bound.found(r"received (\S+)")) == bodies
    assert world.js.consumer(ORIGIN, "mine")["config"] == before


def test_two_consumers_share_the_load(world):
    workers = [world.consumer(), world.consumer()]
    # Both pull before the first job is published.
    world.eventually(lambda: world.js.consumers(ORIGIN), "the durable exists")
    world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"] >= 2, "both pull")
    bodies = publish(world, 400)
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all is done")
    assert all(worker.stop() == OK for worker in workers)
    first, second = (worker.found(r"received (\S+)") for worker in workers)
    assert len(first) + len(second) == len(bodies) and set(first) | set(second) == bodies
    assert first and second


def test_a_failed_job_is_redelivered_after_the_backoff(world):
    world.js.publish("orders.new", "order-0")
    consumer = world.consumer("--fail-rate", "1", "--backoff", "300ms")
    begin = time.monotonic()
    consumer.wait_for("order-0 will be processed via DLQ$")
    assert 0.25 < time.monotonic() - begin < 10
    assert [line.split(" ", 1)[1] for line in consumer.events] == [
        "error processing order-0",
        "error processing order-0",
        "order-0 will be processed via DLQ",
    ]


def test_each_attempt_has_its_step_of_the_backoff(world):
    """The delay of the nak and the server's BackOff do not add up."""
    world.js.publish("orders.new", "order-0")
    consumer = world.consumer("--fail-rate", "1", "--max-deliver", "3", "--backoff", "200ms,1200ms")
    consumer.wait_for("will be processed via DLQ$")
    first, second, third = (float(time) for time in consumer.found(r"^\S+:\d\d:(\d\d\.\d+)Z error processing"))
    assert 0.15 < (second - first) % 60 < 1.1
    assert 1.1 < (third - second) % 60 < 5


def test_until_empty_waits_for_a_job_in_its_backoff(world):
    publish(world, 1)
    assert world.run("consumer", ORIGIN, "orders.*", "--fail-rate", "1", "--backoff", "1s", "--count", "1").code == OK
    last = world.run("consumer", ORIGIN, "orders.*", "--until-empty")
    assert last.code == OK
    assert last.found("received order-0 from stream sequence # 1$")
    assert world.js.count(ORIGIN) == 0


def test_until_empty_ends_when_only_dead_jobs_are_left(world):
    bodies = publish(world, 3)
    ended = world.run("consumer", ORIGIN, "orders.*", "--fail-rate", "1", "--backoff", "50ms", "--until-empty")
    assert ended.code == OK
    assert set(ended.found("Z (.*) will be processed via DLQ$")) == bodies
    left = world.js.messages(ORIGIN) + world.js.messages(DLQ, "natsq.dead.")
    assert {job.body for job in left} == bodies


def test_count_ends_the_consumer_and_costs_other_jobs_no_attempt(world):
    publish(world, 200)
    counted = world.run("consumer", ORIGIN, "orders.*", "--count", "3")
    assert counted.code == OK and len(counted.found("received")) == 3
    state = world.js.consumer(ORIGIN, "processor")
    assert (state["delivered"]["consumer_seq"], state["num_ack_pending"], state["num_pending"]) == (3, 0, 197)


def test_a_stop_leaves_no_delivered_job_behind(world):
    """Each delivered job is handled or returned; none waits for its ack-wait, none is dead."""
    bodies = publish(world, 2000)
    stopped = world.consumer("--backoff", "1m")
    stopped.wait_for("received", times=20)
    assert stopped.stop() == OK
    state = world.js.consumer(ORIGIN, "processor")
    assert state["delivered"]["consumer_seq"] == len(stopped.found("received"))
    assert state["num_ack_pending"] == 0
    rest = world.run("consumer", ORIGIN, "orders.*", "--until-empty")
    assert set(stopped.found(r"received (\S+)")) | set(rest.found(r"received (\S+)")) == bodies


def test_bodies_are_escaped_and_cut_in_the_log(world):
    world.js.publish("orders.new", "one\ntwo\x1b[31m")
    world.js.publish("orders.new", "x" * 5000)
    consumer = world.run("consumer", ORIGIN, "orders.*", "--until-empty")
    assert len(consumer.events) == 2 and "\x1b" not in consumer.text
    assert consumer.found(r"received one\\ntwo.* from stream sequence # 1$")
    assert consumer.found(r"received x{100,200}\S* from stream sequence # 2$")
