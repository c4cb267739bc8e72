"""TLS that was asked for, or that the server demands: no password goes out in clear, and nothing waits for half a record."""

import json
import ssl
import subprocess
import urllib.request

import pytest

from support.build import ROOT
from support.environment import environment
from support.exit_codes import OK, UNAVAILABLE
from support.fake_server import FakeServer
from support.local_server import LocalServer, wait_until
from support.program import Program
from support.server_auth import Authority, key_of
from support.stalling_proxy import StallingProxy
from support.world import DLQ, ORIGIN

WHO = "--user", "somebody", "--password", "sesame-4242"
PROGRAMS = {"publisher": ("orders.new",), "consumer": (ORIGIN, "orders.*"), "dlq": (DLQ, ORIGIN, "list")}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def context_of(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, key_of(authority.server))
    return context


def ways(authority):
    """Each way to ask for TLS: options, variables, and the URL's scheme."""
    ca, cert, key = str(authority.ca), str(authority.client), str(key_of(authority.client))
    yield ["--tlsca", ca], {}, "nats"
    yield ["--tlscert", cert, "--tlskey", key], {}, "nats"
    yield ["--tlsfirst"], {}, "nats"
    yield [], {"NATS_CA": ca}, "nats"
    yield [], {"NATS_CERT": cert, "NATS_KEY": key}, "nats"
    yield [], {}, "tls"
    yield [], {}, "TLS"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_server_without_tls(program, authority, tmp_path):
    for options, variables, scheme in ways(authority):
        with FakeServer() as plain:
            server = f"{scheme}://{plain.address}"
            run = Program(program, [*PROGRAMS[program], "-s", server, *WHO, *options], tmp_path, **variables)
            assert run.wait() == UNAVAILABLE, (options, variables, run.text)
            assert len(run.lines) == 1 and "TLS" in run.text and plain.address in run.text
        assert plain.connections == 1
        assert b"CONNECT" not in plain.heard and b"sesame" not in plain.heard, (options, variables, scheme)


def test_a_list_with_one_tls_url(authority, tmp_path):
    with FakeServer() as plain:
        for servers in f"nats://{plain.address},tls://127.0.0.1:1", f"tls://127.0.0.1:1,{plain.address}":
            run = Program("publisher", ["orders.new", "-s", servers, *WHO], tmp_path)
            assert run.wait() == UNAVAILABLE, run.text
        assert plain.connections >= 2 and plain.heard == b""


def test_a_server_that_is_learnt(authority, tmp_path):
    """The only one that is left after the first hung up has no TLS."""
    with FakeServer() as plain, FakeServer(context=context_of(authority), tls_required=True, connect_urls=[plain.address]) as first:
        server = f"tls://{first.address}"
        run = Program("consumer", [*PROGRAMS["consumer"], "-s", server, "--tlsca", authority.ca, *WHO], tmp_path)
        wait_until(lambda: plain.connections, "the learnt server is tried")
        wait_until(lambda: b"sesame-4242" in first.heard, "the first one got the password")
        first.close()
        tried = plain.connections
        wait_until(lambda: plain.connections >= tried + 3, "it is tried again")
        run.kill()
        assert b"CONNECT" not in plain.heard and b"sesame" not in plain.heard


class Secured:
    """A server of a test's own, with TLS or without."""

    def __init__(self, folder, authority):
        self.folder, self.authority, self.config = folder, authority, folder / "server.conf"
        self.config.write_text(authority.config.read_text())
        self.server = LocalServer().start(fast=True, config=self.config)
        self.trust = {"SSL_CERT_FILE": str(authority.ca)}
        self.create_streams()

    @property
    def plain_url(self):
        return self.server.url.replace("tls://", "nats://")

    @property
    def port(self):
        return int(self.server.url.rsplit(":", 1)[1])

    def create_streams(self):
        command = [ROOT / "scripts/create-streams", "--server", self.server.url]
        done = subprocess.run(command, env=environment(self.folder, **self.trust), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def use_tls(self, tls):
        self.server.kill()
        self.config.write_text(self.authority.config.read_text() if tls else "\n")
        self.server.restart()

    def start(self, program, *arguments, url=None):
        return Program(program, [*arguments, "-s", url or self.plain_url], self.folder, **self.trust)


def wait_for_pull(secured):
    """The consumer has looked around and asks for jobs."""

    def pulls():
        with urllib.request.urlopen(secured.server.monitor_url + "/connz", timeout=5) as answer:
            connections = json.load(answer)["connections"]
        return any(one.get("name") == f"consumer_{ORIGIN}" and one["in_msgs"] >= 4 for one in connections)

    wait_until(pulls, "the consumer pulls")


@pytest.fixture
def secured(authority, tmp_path):
    made = Secured(tmp_path, authority)
    yield made
    made.server.close()


def test_tls_that_only_the_server_demands(secured):
    """For the program that reads its socket by itself, too."""
    publisher = secured.start("publisher", "orders.new", "--count", "50", "--interval", "0s")
    assert publisher.wait() == OK, publisher.text
    consumer = secured.start("consumer", ORIGIN, "orders.*", "--until-empty")
    assert consumer.wait() == OK and len(consumer.found("received order-")) == 50, consumer.text
    assert secured.start("dlq", DLQ, ORIGIN, "list").wait() == OK


def test_half_a_tls_record(secured):
    """A server that falls silent within one: a stop is heeded nevertheless."""
    relay = StallingProxy(secured.port)
    consumer = secured.start("consumer", ORIGIN, "orders.*", url=f"nats://127.0.0.1:{relay.port}")
    wait_for_pull(secured)
    relay.stall()
    publisher = secured.start("publisher", "orders.new", "--count", "1", "--body", "x" * 1000)
    assert publisher.wait() == OK
    assert relay.stalled.wait(30)
    consumer.stop(within=20)
    relay.close()


def test_a_server_that_demands_tls_from_now_on(secured):
    """A connection that began without TLS ends by name, and the next one is good."""
    secured.use_tls(False)
    consumer = secured.start("consumer", ORIGIN, "orders.*")
    wait_for_pull(secured)
    secured.use_tls(True)
    assert consumer.wait() == UNAVAILABLE, consumer.text
    assert "TLS" in consumer.lines[-1]
    publisher = secured.start("publisher", "orders.new", "--count", "1", "--body", "x")
    assert publisher.wait() == OK
    again = secured.start("consumer", ORIGIN, "orders.*", "--until-empty")
    assert again.wait() == OK and again.found("received x")


def test_a_list_of_both_kinds(secured, authority, tmp_path):
    """What one server of a list demands does not end what another serves without TLS."""
    with LocalServer().start(fast=True) as plain:
        done = subprocess.run([ROOT / "scripts/create-streams", "--server", plain.url], env=environment(tmp_path), capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        servers = f"{secured.plain_url},{plain.url}"
        for _ in range(4):  # the list is shuffled
            consumer = secured.start("consumer", ORIGIN, "orders.*", "--until-empty", url=servers)
            assert consumer.wait() == OK, consumer.text
        consumer = secured.start("consumer", ORIGIN, "orders.*", url=plain.url)
        publisher = secured.start("publisher", "orders.new", "--count", "1", "--body", "a", url=plain.url)
        assert publisher.wait() == OK
        consumer.wait_for("received a")
        plain.kill()
        plain.restart()
        consumer.wait_for("reconnected")
        assert secured.start("publisher", "orders.new", "--count", "1", "--body", "b", url=plain.url).wait() == OK
        consumer.wait_for("received b")
        assert consumer.stop() == OK
