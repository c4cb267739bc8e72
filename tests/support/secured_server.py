"""Servers that ask who is there, and what the programs say and keep to themselves."""

import json
import subprocess
import time

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import OK
from support.local_server import LocalServer
from support.natscli import natscli
from support.server_auth import Authority, Operator, PasswordUser

CONNECT_TIMEOUT = 5  # the default of --timeout


class Outcome:
    def __init__(self, done, seconds):
        self.code, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
        self.lines = done.stderr.splitlines()
        self.seconds = seconds


def start(home, program, *arguments, under=(), **variables):
    return subprocess.Popen(
        [*under, BIN / program, *map(str, arguments)],
        env=environment(home, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, within):
    begin = time.monotonic()
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"still running after {within} s\n{process.communicate()[1]}")
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    return Outcome(done, time.monotonic() - begin)


def publish(home, *arguments, count=2, **variables):
    count_options = "--count", count, "--interval", "1ms"
    return finish(start(home, "publisher", "orders.new", *arguments, *count_options, **variables), 30)


def assert_published(outcome, *secrets):
    assert outcome.code == OK, outcome.stderr
    assert "published order no. 1" in outcome.stderr + outcome.stdout
    assert_kept(outcome, *secrets)


def assert_refused(outcome, code, *secrets):
    """One line, in time, that tells no secret."""
    assert outcome.code == code, outcome.stderr
    assert len(outcome.lines) == 1, outcome.stderr
    assert outcome.stdout == ""
    assert outcome.seconds < CONNECT_TIMEOUT + 1
    assert_kept(outcome, *secrets)


def assert_kept(outcome, *secrets):
    """Neither a secret nor a good part of it is in what was said."""
    for secret in secrets:
        for at in range(len(secret) - 7):
            assert secret[at : at + 8] not in outcome.stdout + outcome.stderr


def make_stream(home, server, *who):
    options = "--subjects", "orders.*", "--retention", "work", "--storage", "file", "--discard", "new", "--defaults"
    natscli(home, "-s", server.url, *who, "stream", "add", "orders_stream", *options)


def messages(home, server, *who):
    told = json.loads(natscli(home, "-s", server.url, *who, "stream", "info", "orders_stream", "--json"))
    return told["state"]["messages"]


class World:
    """A server and the folder of those who may use it."""

    def __init__(self, home, server, keeper):
        self.home, self.server, self.keeper = home, server, keeper
        self.url = server.url


@pytest.fixture(scope="module")
def operated(tmp_path_factory):
    home = tmp_path_factory.mktemp("operator")
    operator = Operator(home)
    with LocalServer().start(fast=True, config=operator.config) as server:
        world = World(home, server, operator)
        world.creds = operator.user("alice")
        make_stream(home, server, "--creds", world.creds)
        yield world


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """User and password."""
    home = tmp_path_factory.mktemp("password")
    user = PasswordUser(home)
    with LocalServer().start(fast=True, config=user.config) as server:
        make_stream(home, server, "--user", user.name, "--password", user.password)
        yield World(home, server, user)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    home = tmp_path_factory.mktemp("tls")
    authority = Authority(home)
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(home, server, "--tlsca", authority.ca)
        yield World(home, server, authority)
