"""TLS that was asked for or that the server demands: no password is sent in cleartext, and nothing waits for half a record."""

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

USER = "--user", "somebody", "--password", "sesame-4242"
PROGRAMS = {"publisher": ("orders.new",), "consumer": (ORIGIN, "orders.*"), "dlq": (DLQ, ORIGIN, "list")}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def context_of(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.server, key_of(authority.server))
    return context


def ways_to_ask_for_tls(authority):
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
def test_a_server_without_tls_gets_no_password(program, authority, tmp_path):
    for options, variables, scheme in ways_to_ask_for_tls(authority):
        with FakeServer() as plain:
            server = f"{scheme}://{plain.address}"
            run = Program(program, [*PROGRAMS[program], "-s", server, *USER, *options], tmp_path, **variables)
            assert run.wait() == UNAVAILABLE, (options, variables, run.text)
            assert len(run.lines) == 1 and "TLS" in run.text and plain.address in run.text
        assert plain.connections == 1
        assert b"CONNECT" not in plain.received and b"sesame" not in plain.received, (options, variables, scheme)


def test_one_tls_url_in_a_list_demands_tls_of_all(authority, tmp_path):
    with FakeServer() as plain:
        for servers in f"nats://{plain.address},tls://127.0.0.1:1", f"tls://127.0.0.1:1,{plain.address}":
            run = Program("publisher", ["orders.new", "-s", servers, *USER], tmp_path)
            assert run.wait() == UNAVAILABLE, run.text
        assert plain.connections >= 2 and plain.received == b""


def test_a_learnt_server_without_tls_gets_no_password(authority, tmp_path):
    """After the first server hung up, the only one left has no TLS."""
    with FakeServer() as plain, FakeServer(context=context_of(authority), tls_required=True, connect_urls=[plain.address]) as first:
        server = f"tls://{first.address}"
        run = Program("consumer", [*PROGRAMS["consumer"], "-s", server, "--tlsca", authority.ca, *USER], tmp_path)
        wait_until(lambda: plain.connections, "the learnt server is tried")
        wait_until(lambda: b"sesame-4242" in first.received, "the first one got the password")
        first.close()
        tried = plain.connections
        wait_until(lambda: plain.connections >= tried + 3, "it is tried again")
        run.kill()
        assert b"CONNECT" not in plain.received and b"sesame" not in plain.received


class TlsServer:
    """A server of its own, with TLS or without."""

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


def wait_for_pull(tls_server):
    """Until the consumer pulls jobs."""

    def pulls():
        with urllib.request.urlopen(tls_server.server.monitor_url + "/connz", timeout=5) as answer:
            connections = json.load(answer)["connections"]
        return any(one.get("name") == f"consumer_{ORIGIN}" and one["in_msgs"] >= 4 for one in connections)

    wait_until(pulls, "the consumer pulls")


@pytest.fixture
def tls_server(authority, tmp_path):
    made = TlsServer(tmp_path, authority)
    yield made
    made.server.close()


def test_tls_that_only_the_server_demands(tls_server):
    """Also for consumer, whose event loop reads the socket itself."""
    publisher = tls_server.start("publisher", "orders.new", "--count", "50", "--interval", "0s")
    assert publisher.wait() == OK, publisher.text
    consumer = tls_server.start("consumer", ORIGIN, "orders.*", "--until-empty")
    assert consumer.wait() == OK and len(consumer.found("received order-")) == 50, consumer.text
    assert tls_server.start("dlq", DLQ, ORIGIN, "list").wait() == OK


def test_a_stop_works_while_half_a_tls_record_is_pending(tls_server):
    """The server falls silent within the record."""
    proxy = StallingProxy(tls_server.port)
    consumer = tls_server.start("consumer", ORIGIN, "orders.*", url=f"nats://127.0.0.1:{proxy.port}")
    wait_for_pull(tls_server)
    proxy.stall()
    publisher = tls_server.start("publisher", "orders.new", "--count", "1", "--body", "x" * 1000)
    assert publisher.wait() == OK
    assert proxy.stalled.wait(30)
    consumer.stop(within=20)
    proxy.close()


def test_a_server_that_begins_to_demand_tls_ends_the_consumer(tls_server):
    """A connection that began without TLS ends with that reason, and the next one works."""
    tls_server.use_tls(False)
    consumer = tls_server.start("consumer", ORIGIN, "orders.*")
    wait_for_pull(tls_server)
    tls_server.use_tls(True)
    assert consumer.wait() == UNAVAILABLE, consumer.text
    assert "TLS" in consumer.lines[-1]
    publisher = tls_server.start("publisher", "orders.new", "--count", "1", "--body", "x")
    assert publisher.wait() == OK
    again = tls_server.start("consumer", ORIGIN, "orders.*", "--until-empty")
    assert again.wait() == OK and again.found("received x")


def test_a_tls_server_in_a_list_does_not_end_a_plain_connection(tls_server, authority, tmp_path):
    """The demand of one server in a list does not end the connection to another one without TLS."""
    with LocalServer().start(fast=True) as plain:
        done = subprocess.run([ROOT / "scripts/create-streams", "--server", plain.url], env=environment(tmp_path), capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        servers = f"{tls_server.plain_url},{plain.url}"
        for _ in range(4):  # the list is shuffled
            consumer = tls_server.start("consumer", ORIGIN, "orders.*", "--until-empty", url=servers)
            assert consumer.wait() == OK, consumer.text
        consumer = tls_server.start("consumer", ORIGIN, "orders.*", url=plain.url)
        publisher = tls_server.start("publisher", "orders.new", "--count", "1", "--body", "a", url=plain.url)
        assert publisher.wait() == OK
        consumer.wait_for("received a")
        plain.kill()
        plain.restart()
        consumer.wait_for("reconnected")
        assert tls_server.start("publisher", "orders.new", "--count", "1", "--body", "b", url=plain.url).wait() == OK
        consumer.wait_for("received b")
        assert consumer.stop() == OK
