"""Servers with authentication or TLS, and assertions that no secret leaks."""

import json

import pytest

from support.exit_codes import OK
from support.local_server import LocalServer
from support.natscli import natscli
from support.program import Program
from support.server_auth import Authority, Operator, PasswordUser

CONNECT_TIMEOUT = 5  # the default of --timeout


def start(home, program, *arguments, **how):
    return Program(program, arguments, home, **how)


def finish(program, within=30):
    """Waits for its end; what it returns has `code`."""
    program.code = program.wait(within)
    return program


def publish(home, *arguments, count=2, **variables):
    """publisher, to its end."""
    return finish(start(home, "publisher", "orders.new", *arguments, "--count", count, "--interval", "1ms", **variables))


def assert_published(publisher, *secrets):
    assert publisher.code == OK, publisher.text
    assert "published order no. 1" in publisher.text
    assert_no_leak(publisher, *secrets)


def assert_refused(program, code, *secrets):
    """One line, in time, that gives away no secret."""
    assert program.code == code, program.text
    assert len(program.lines) == 1 and program.out == [], program.text
    assert program.seconds < CONNECT_TIMEOUT + 1
    assert_no_leak(program, *secrets)


def assert_no_leak(program, *secrets):
    """No eight characters in a row of a secret were printed."""
    printed = "\n".join([*program.lines, *program.out])
    for secret in secrets:
        for at in range(len(secret) - 7):
            assert secret[at : at + 8] not in printed


def make_stream(home, server, *identity):
    options = "--subjects", "orders.*", "--retention", "work", "--storage", "file", "--discard", "new", "--defaults"
    natscli(home, "-s", server.url, *identity, "stream", "add", "orders_stream", *options)


def messages(home, server, *identity):
    info = json.loads(natscli(home, "-s", server.url, *identity, "stream", "info", "orders_stream", "--json"))
    return info["state"]["messages"]


class SecuredServer:
    """A server, what it demands (`auth`, see server_auth.py), and a home folder for its clients."""

    def __init__(self, home, server, auth):
        self.home, self.server, self.auth = home, server, auth
        self.url = server.url


@pytest.fixture(scope="module")
def operator_server(tmp_path_factory):
    home = tmp_path_factory.mktemp("operator")
    operator = Operator(home)
    with LocalServer().start(fast=True, config=operator.config) as server:
        secured = SecuredServer(home, server, operator)
        secured.creds = operator.user("alice")
        make_stream(home, server, "--creds", secured.creds)
        yield secured


@pytest.fixture(scope="module")
def password_server(tmp_path_factory):
    """User and password."""
    home = tmp_path_factory.mktemp("password")
    user = PasswordUser(home)
    with LocalServer().start(fast=True, config=user.config) as server:
        make_stream(home, server, "--user", user.name, "--password", user.password)
        yield SecuredServer(home, server, user)


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    home = tmp_path_factory.mktemp("tls")
    authority = Authority(home)
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(home, server, "--tlsca", authority.ca)
        yield SecuredServer(home, server, authority)
