"""What `dlq doctor` finds that a user may not do."""

import json

import pytest

from support.doctor import HANDLERS, bad, doctor, make_handler, make_worker
from support.local_server import LocalServer
from support.world import World

USERS = """
accounts {
  APP { jetstream: enabled, users: [
    { user: app, password: app }
    { user: few, password: few, permissions: { publish: { deny: [%s] } } }
  ] }
  PLAIN { users: [ { user: plain, password: plain } ] }
}
no_auth_user: app
"""
DENIED = {
    "$JS.API.STREAM.MSG.GET.orders_stream": "collect",
    "$JS.API.DIRECT.GET.orders_stream": "sweep",
    "$JS.API.DIRECT.GET.orders_unprocessed": "list",
    "$JS.API.STREAM.PURGE.>": "retry and discard",
    "$JS.API.CONSUMER.CREATE.orders_unprocessed.>": "run",
    "$JS.API.CONSUMER.MSG.NEXT.>": "run",
    "$JS.ACK.orders_stream.>": "retire",
    "natsq.>": "letters",
}


@pytest.fixture(scope="module")
def guarded_server(tmp_path_factory):
    config = tmp_path_factory.mktemp("guarded") / "users.conf"
    config.write_text(USERS % ", ".join(json.dumps(subject) for subject in DENIED))
    with LocalServer().start(fast=True, config=config) as started:
        yield started


@pytest.fixture
def guarded(guarded_server, tmp_path):
    made = World(guarded_server, tmp_path)
    made.create_streams()
    make_worker(made)
    for name in HANDLERS:
        make_handler(made, name)
    yield made
    made.close()


def test_a_user_who_may_do_it_all(guarded):
    assert bad(doctor(guarded, "--user", "app", "--password", "app")) == set()


def test_a_user_who_may_do_little(guarded):
    rows = doctor(guarded, "--user", "few", "--password", "few", "--log-level", "error")
    told = [row["text"] for row in rows if (row["check"], row["health"]) == ("permissions", "critical")]
    for subject, use in DENIED.items():
        prefix = subject.removesuffix(">")
        assert any(prefix in text and use in text for text in told), (subject, told)
    assert len(told) == len(DENIED)


def test_an_account_without_jetstream(guarded):
    rows = doctor(guarded, "--user", "plain", "--password", "plain")
    assert {("jetstream", "critical"), ("origin", "critical"), ("dlq", "critical")} <= bad(rows)
