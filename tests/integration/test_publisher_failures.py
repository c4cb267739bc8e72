"""publisher against streams that are full, missing or denied, and servers that start late."""

import subprocess

import pytest

from support.build import ROOT
from support.environment import environment
from support.exit_codes import NOPERM, OK, TEMPFAIL
from support.jetstream import JetStream
from support.local_server import LocalServer
from support.publisher import bodies, fifo, summary, write
from support.world import World


def full_stream(world, **config):
    world.js.create_stream(
        {"name": "small", "subjects": ["small.*"], "retention": "workqueue", "storage": "file", "discard": "new", **config}
    )


@pytest.fixture
def small(world):
    yield world
    world.js.delete_stream("small")


def test_publisher_waits_while_the_stream_is_full(small, tmp_path):
    full_stream(small, max_msgs=10)
    jobs = [f"job {i}" for i in range(25)]
    publisher = small.start("publisher", "small.new", "--lines", write(tmp_path / "jobs", jobs), "--window", "5")
    publisher.wait_for("the stream is full: waiting for room$")
    seen = bodies(small, "small")
    assert len(seen) == 10
    while publisher.running:
        small.js.purge("small")
        small.eventually(lambda: not publisher.running or small.js.count("small") > 0, "it goes on")
        seen += bodies(small, "small")
    assert publisher.wait() == OK, publisher.text
    assert set(seen) | set(bodies(small, "small")) <= set(jobs)
    assert summary(publisher)[::2] == (25, 0)


def test_a_job_is_not_logged_as_published_while_the_stream_is_full(small):
    full_stream(small, max_msgs=2)
    publisher = small.start("publisher", "small.new", "--count", "3", "--interval", "0")
    publisher.wait_for("the stream is full")
    assert publisher.found(r"published order no\. (\d+)$") == ["0", "1"]
    small.js.purge("small")
    assert publisher.wait() == OK
    assert publisher.found(r"published order no\. (\d+)$") == ["0", "1", "2"]
    assert bodies(small, "small") == ["order-2"]


def test_without_retries_a_full_stream_fails_the_jobs(small, tmp_path):
    full_stream(small, max_msgs=10)
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(25)])
    publisher = small.run("publisher", "small.new", "--lines", jobs, "--retry-for", "0")
    assert publisher.code == TEMPFAIL
    assert publisher.seconds < 5
    assert summary(publisher) == (10, 0, 15)
    assert publisher.found(r"failed 15 \(full 15\)")
    assert publisher.found(r"/jobs:11: not published: full: maximum messages exceeded$")
    assert len(publisher.found("not published")) == 5
    assert "15 of 25 jobs not confirmed: run it again with --id-prefix " in publisher.lines[-1]


def test_the_rest_of_the_input_is_left_when_the_stream_stays_full(small, tmp_path):
    """When no job was confirmed for --retry-for, the rest of a long input is not tried."""
    full_stream(small, max_msgs=10)
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(10_000)])
    options = "--retry-for", "1s", "--timeout", "1s", "--window", "10"
    publisher = small.run("publisher", "small.new", "--lines", jobs, *options)
    assert publisher.code == TEMPFAIL
    assert publisher.seconds < 10
    confirmed, duplicates, failed = summary(publisher)
    # One window, and jobs that took a place of it which expired just before --retry-for had passed.
    assert (confirmed, duplicates) == (10, 0) and 10 <= failed < 20
    assert publisher.found("no job gets through: the rest of the input is not published$")
    assert "and stopped before the end of the input" in publisher.lines[-1]


def test_retry_for_may_be_shorter_than_timeout(small, tmp_path):
    full_stream(small, max_msgs=10)
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(100)])
    publisher = small.run("publisher", "small.new", "--lines", jobs, "--retry-for", "500ms", "--timeout", "20s")
    assert publisher.code == TEMPFAIL and summary(publisher)[0] == 10
    assert publisher.seconds < 10


def test_a_stream_that_is_deleted_fails_the_next_job(small, fifo):
    full_stream(small)
    options = "--retry-for", "500ms", "--timeout", "500ms", "--log-level", "debug"
    publisher = small.start("publisher", "small.new", "--lines", fifo.path, *options)
    fifo.feed("a")
    publisher.wait_for(r"published \S+:1 as")
    small.js.delete_stream("small")
    fifo.feed("b")
    assert publisher.wait() == TEMPFAIL
    assert publisher.found(r"fifo:2: not published: no stream$")


def test_jobs_that_are_too_large_are_named_and_the_others_sent(small, tmp_path):
    """Too large for the stream or for the server: reported immediately, with the line."""
    full_stream(small, max_msg_size=1000)
    jobs = write(tmp_path / "jobs", ["small", "x" * 1000, "y" * (1 << 20), "small too"])
    publisher = small.run("publisher", "small.new", "--lines", jobs)
    assert publisher.code == 65
    assert publisher.lines[-1].endswith("2 of 4 jobs are refused for good")
    assert publisher.seconds < 5
    assert bodies(small, "small") == ["small", "small too"]
    assert publisher.found(r"jobs:2: not published: too large: message size exceeds maximum allowed$")
    assert publisher.found(r"jobs:3: not published: too large: ")
    assert summary(publisher) == (2, 0, 2)


DENY = 'authorization: {{users: [{{user: a, password: a, permissions: {{publish: {{deny: "{0}"}}}}}}]}}\n'


def test_a_subject_without_permission_ends_the_run(tmp_path):
    config = tmp_path / "deny.conf"
    config.write_text(DENY.format("orders.secret"))
    with LocalServer().start(fast=True, config=config) as server:
        world = World(server, tmp_path)
        user = {"NATS_USER": "a", "NATS_PASSWORD": "a"}
        create = [ROOT / "scripts" / "create-streams", "--server", server.url]
        subprocess.run(create, env=environment(tmp_path, **user), check=True, capture_output=True, timeout=60)
        publisher = world.run("publisher", "orders.secret", "--lines", write(tmp_path / "jobs", range(10_000)), **user)
        assert publisher.code == NOPERM
        assert publisher.seconds < 5
        assert publisher.found(r"jobs:1: not published: not permitted: publish to 'orders.secret'$")
        assert len(publisher.found("Permissions Violation")) == 1
        assert "may not publish to 'orders.secret'" in publisher.lines[-1]
        assert world.run("publisher", "orders.new", "--count", "1", **user).code == OK


# ---- before it starts


def test_wait_waits_for_the_server_and_then_for_the_stream(tmp_path):
    server = LocalServer().start(fast=True)
    try:
        server.kill()
        world = World(server, tmp_path)
        publisher = world.start("publisher", "orders.new", "--count", "1", "--wait")
        publisher.wait_for("waiting for a server at ")
        server.restart()
        publisher.wait_for("waiting: no stream has the subject 'orders.new'")
        world.js = JetStream(server.url, server=server)
        world.create_streams()
        assert publisher.wait() == OK, publisher.text
        assert bodies(world) == ["order-0"]
    finally:
        server.close()


def test_a_stop_ends_the_wait(world):
    publisher = world.start("publisher", "nowhere.new", "--wait")
    publisher.wait_for("waiting: no stream")
    assert publisher.stop() == TEMPFAIL
    assert publisher.lines[-1].endswith("ERROR: stopped before anything was published")


def test_a_subject_without_a_stream_is_named(world):
    publisher = world.run("publisher", "nowhere.new")
    assert publisher.code == 69
    [line] = publisher.lines
    assert "no stream has the subject 'nowhere.new'" in line
