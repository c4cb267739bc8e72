"""`dlq doctor`: its findings about the permissions of a user."""

import json

import pytest

from support.doctor import CRITICAL, HANDLERS, doctor, make_handler, make_worker, not_good
from support.local_server import LocalServer
from support.world import DLQ, ORIGIN, World

USERS = """
accounts {
  APP { jetstream: enabled, users: [
    { user: app, password: app }
    { user: few, password: few, permissions: { publish: { deny: [%s] } } }
    { user: reader, password: reader, permissions: { publish: { allow: ["$JS.API.*.INFO.>", "$JS.API.CONSUMER.NAMES.>"] } } }
    { user: none, password: none, permissions: { publish: { deny: [">"] } } }
    { user: deaf, password: deaf, permissions: { subscribe: { deny: [">"] } } }
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
def restricted_server(tmp_path_factory):
    config = tmp_path_factory.mktemp("guarded") / "users.conf"
    config.write_text(USERS % ", ".join(json.dumps(subject) for subject in DENIED))
    with LocalServer().start(fast=True, config=config) as started:
        yield started


@pytest.fixture
def restricted(restricted_server, tmp_path):
    made = World(restricted_server, tmp_path)
    made.create_streams()
    make_worker(made)
    for name in HANDLERS:
        make_handler(made, name)
    yield made
    made.close()


def test_a_user_with_every_permission_is_good(restricted):
    assert not_good(doctor(restricted, "--user", "app", "--password", "app")) == set()


def test_every_missing_permission_is_critical(restricted):
    rows = doctor(restricted, "--user", "few", "--password", "few")
    missing = [row["text"] for row in rows if (row["check"], row["health"]) == ("permissions", "critical")]
    for subject, use in DENIED.items():
        prefix = subject.removesuffix(">")
        assert any(prefix in text and use in text for text in missing), (subject, missing)
    assert len(missing) == len(DENIED)


@pytest.mark.parametrize("user", ["few", "reader", "none", "deaf"])
def test_a_restricted_user_does_not_wait_for_answers(restricted, user):
    """Also where many queues are stalled, and letters wait."""
    restricted.js.delete_consumer(ORIGIN, "processor")
    for i in range(8):
        make_worker(restricted, durable_name=f"worker_{i}", filter_subject=f"orders.{i}")
        restricted.js.publish(f"orders.{i}", "x")
    restricted.js.publish(f"natsq.dead.{ORIGIN}.processor.1.1", "x")
    done = restricted.run("dlq", DLQ, ORIGIN, "doctor", "--user", user, "--password", user)
    assert done.code == CRITICAL and done.lines == [] and done.seconds < 5, done.text
    assert any("may not " in line for line in done.out)


def test_an_account_without_jetstream_is_critical(restricted):
    rows = doctor(restricted, "--user", "plain", "--password", "plain")
    assert {("jetstream", "critical"), ("origin", "critical"), ("dlq", "critical")} <= not_good(rows)
