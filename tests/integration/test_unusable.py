"""Servers that natsq cannot use: each program ends in time with 69 and one line that says why."""

import contextlib
import socket

import pytest

from support.exit_codes import UNAVAILABLE, USAGE
from support.fake_server import FakeServer
from support.jetstream import JetStream
from support.local_server import LocalServer
from support.program import Program
from support.world import DLQ, ORIGIN

PROGRAMS = {"publisher": ("orders.new", "--count", "1"), "consumer": (ORIGIN, "orders.*"), "dlq": (DLQ, ORIGIN)}
ACCOUNTS = """
accounts {
  APP { jetstream: enabled, users: [ { user: app, password: p } ] }
  PLAIN { users: [ { user: plain, password: p } ] }
}
no_auth_user: app
%s
"""

each_program = pytest.mark.parametrize("program", PROGRAMS)


def assert_unusable(folder, program, url, words, *options, arguments=None):
    run = Program(program, [*(arguments or PROGRAMS[program]), "-s", url, *options], folder)
    assert run.wait() == UNAVAILABLE, run.text
    assert len(run.lines) == 1 and words in run.text and run.out == [], run.text
    assert run.seconds < 3


def serve(folder, more=""):
    config = folder / "accounts.conf"
    config.write_text(ACCOUNTS % more)
    return LocalServer().start(fast=True, config=config)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("accounts")) as started:
        yield started


@each_program
def test_an_account_without_jetstream(server, tmp_path, program):
    assert_unusable(tmp_path, program, server.url, "JetStream is not enabled", "--user", "plain", "--password", "p")


@each_program
def test_an_api_prefix_without_a_server(server, tmp_path, program):
    assert_unusable(tmp_path, program, server.url, "JetStream is not enabled", "--js-api-prefix", "JS.elsewhere.API")


@each_program
def test_an_api_prefix_that_a_stream_answers(server, tmp_path, program):
    """The stream stores the API requests and confirms them."""
    js = JetStream(server.url, server=server)
    js.create_stream({"name": "eager", "subjects": ["eager.>"]})
    try:
        assert_unusable(tmp_path, program, server.url, "--js-api-prefix", "--js-api-prefix", "eager")
    finally:
        js.delete_stream("eager")


@each_program
def test_a_server_without_tls(server, tmp_path, program):
    assert_unusable(tmp_path, program, server.url.replace("nats:", "tls:"), "has no TLS")


@each_program
def test_a_server_with_too_many_connections(tmp_path, program):
    with serve(tmp_path, "max_connections: 1") as full:
        address = full.url.removeprefix("nats://").split(":")
        with contextlib.closing(socket.create_connection((address[0], int(address[1])))) as other:
            other.sendall(b"CONNECT {}\r\nPING\r\n")
            other.recv(4096)
            assert_unusable(tmp_path, program, full.url, "cannot connect to")


@each_program
def test_a_server_that_does_not_answer(tmp_path, program):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = "nats://127.0.0.1:%d" % silent.getsockname()[1]
        assert_unusable(tmp_path, program, url, "did not answer within 500ms", "--timeout", "500ms")


@each_program
def test_a_server_with_another_protocol(tmp_path, program):
    with FakeServer(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n") as other:
        assert_unusable(tmp_path, program, other.address, "HTTP/1.1")


@each_program
def test_a_timeout_that_is_too_long(tmp_path, program):
    run = Program(program, [*PROGRAMS[program], "--timeout", "100000h"], tmp_path)
    assert run.wait() == USAGE and "--timeout" in run.text
