"""What holds for consumer and dlq alike: --help, --version, no server, signals, --wait."""

import re
import signal
import socket
import time

import pytest

from support.exit_codes import OK, UNAVAILABLE
from support.local_server import LocalServer
from support.world import DLQ, ORIGIN, World, assert_refused

ARGUMENTS = {"consumer": (ORIGIN, "orders.*"), "dlq": (DLQ, ORIGIN)}
NO_SERVER = "nats://127.0.0.1:1"
USAGE_LINES = {
    "consumer": ("Usage: consumer STREAM FILTER", "consumer orders_stream 'orders.*'"),
    "dlq": ("Usage: dlq DLQ_STREAM ORIGIN_STREAM", "dlq orders_unprocessed orders_stream"),
}
# Options that take a value have an example; the others are just there.
WITH_EXAMPLE = {
    "consumer": "--durable --max-deliver --backoff --max-ack-pending --count --fail-rate --server --creds --timeout",
    "dlq": "--retries --server --creds --timeout --log-level",
}
LISTED = {
    "consumer": "--until-empty --bind --wait --help --version --log-format --log-level --password",
    "dlq": "run list --json --wait --help --version --log-format --password",
}

each_program = pytest.mark.parametrize("program", ARGUMENTS)
each_signal = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


def start_at_work(world, program):
    """The program, once it is connected and has done something."""
    if program == "consumer":
        world.js.publish("orders.new", "order-0")
        consumer = world.consumer()
        consumer.wait_for("received order-0")
        return consumer
    dlq = world.dlq()
    world.wait_for_dlq()
    return dlq


@pytest.mark.parametrize("options", [["--help"], ["-h"], ["ARGUMENTS", "--help"]], ids=" ".join)
@each_program
def test_help_shows_the_usage_and_every_option_with_an_example(world, program, options):
    options = [*ARGUMENTS[program], "--help"] if options[0] == "ARGUMENTS" else options
    done = world.run(program, *options, server=False)
    assert (done.code, done.lines) == (OK, [])
    assert all(len(line) <= 80 for line in done.out)
    text = " ".join(" ".join(done.out).split())
    assert all(line in text for line in USAGE_LINES[program])
    for option in WITH_EXAMPLE[program].split():
        assert f"{option} " in text and f"e.g. {option} " in text, option
    for word in LISTED[program].split():
        assert word in text


@each_program
def test_version_is_printed(world, program):
    done = world.run(program, "--version", server=False)
    assert (done.code, done.lines) == (OK, [])
    assert re.fullmatch(rf"{program} .*\d+\.\d+\.\d+\S*", "\n".join(done.out))


@pytest.mark.parametrize("listens", [False, True], ids=["connection refused", "no answer"])
@pytest.mark.parametrize("command", [("consumer",), ("dlq", "run"), ("dlq", "list")], ids=" ".join)
def test_without_a_server_it_ends_within_the_timeout(world, command, listens):
    program, *verb = command
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        url = f"nats://127.0.0.1:{silent.getsockname()[1]}"
        done = world.run(program, *ARGUMENTS[program], *verb, "--server", url, "--timeout", "1s", server=False)
    assert_refused(world, done, UNAVAILABLE, url.removeprefix("nats://"))
    assert done.seconds < 3


@each_signal
@each_program
def test_a_signal_stops_it_within_the_grace(world, program, number):
    running = start_at_work(world, program)
    begin = time.monotonic()
    running.signal(number)
    assert running.wait() == OK
    assert time.monotonic() - begin < 10  # --grace
    assert program == "consumer" or running.events == []


@each_program
def test_a_signal_stops_it_while_it_waits_for_a_server(world, program):
    running = world.start(program, *ARGUMENTS[program], "--server", NO_SERVER, "--wait", server=False)
    running.wait_for("127.0.0.1:1")
    assert running.stop(within=10) == OK


@each_program
def test_a_second_signal_ends_it_at_once(world, program):
    """The first one waits for a server that does not answer."""
    running = start_at_work(world, program)
    try:
        world.server.signal(signal.SIGSTOP)
        for number in signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT:
            running.signal(number)
        assert running.wait(within=10) in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    finally:
        world.server.signal(signal.SIGCONT)


@each_program
def test_wait_waits_for_the_server_and_then_for_the_streams(tmp_path, program):
    with LocalServer().start(fast=True) as late:
        url = late.url
        late.stop()
        world = World(late, tmp_path)
        running = world.start(program, *ARGUMENTS[program], "--wait")
        running.wait_for(url.removeprefix("nats://"))
        late.restart()
        running.wait_for(f"'{ORIGIN}'")
        try:
            world.create_streams()
            if program == "consumer":
                world.js.publish("orders.new", "order-0")
                running.wait_for("received order-0")
            else:
                world.wait_for_dlq()
            assert running.stop() == OK
        finally:
            world.close()
