"""scripts/create-streams on a real server."""

import json
import re

import pytest

from support.build import DEPS_BIN
from support.exit_codes import CONFIG, OK, UNAVAILABLE, USAGE
from support.scripts import (
    ADVISORIES,
    CREATE_STREAMS,
    DLQ_SUBJECTS,
    NO_SERVER,
    WALK_THROUGH,
    configuration,
    create_streams,
    nats,
    run,
    server,
)


def test_streams_are_created_as_documented(create_streams, configuration):
    done = create_streams()
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout == "orders_stream created\norders_unprocessed created\n"
    common = {
        "retention": "workqueue",
        "storage": "file",
        "discard": "new",
        "max_bytes": 256 << 20,
        "duplicate_window": 120 * 10**9,
        "deny_delete": True,
        "deny_purge": False,
        "allow_direct": True,
        "num_replicas": 1,
        "max_msgs": -1,
        "max_age": 0,
    }
    of_each = {
        "orders_stream": {"subjects": ["orders.*"], "max_msg_size": 1 << 20},
        "orders_unprocessed": {"subjects": DLQ_SUBJECTS, "max_msg_size": -1},
    }
    for stream, own in of_each.items():
        wanted = common | own
        assert {key: value for key, value in configuration(stream).items() if key in wanted} == wanted


def test_a_second_run_changes_nothing_and_says_so(create_streams, nats):
    create_streams()
    nats("request", "orders.new", "one")
    before = json.loads(nats("stream", "info", "orders_stream", "--json"))
    done = create_streams()
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout.count("nothing to change") == 2
    after = json.loads(nats("stream", "info", "orders_stream", "--json"))
    assert after | {"ts": before["ts"]} == before


def test_a_second_run_creates_what_is_missing(create_streams, nats):
    create_streams()
    nats("stream", "rm", "--force", "orders_unprocessed")
    done = create_streams()
    assert done.returncode == OK
    assert done.stdout == "orders_stream exists already, nothing to change\norders_unprocessed created\n"


@pytest.mark.parametrize(
    "arguments, streams",
    [
        (("emails_stream",), {"emails_stream": ["emails.*"], "emails_unprocessed": None}),
        (("emails", "mail.>,bounce.*"), {"emails": ["bounce.*", "mail.>"], "emails_unprocessed": None}),
        (("emails", "mail.>", "dead"), {"emails": ["mail.>"], "dead": None}),
    ],
)
def test_streams_can_have_any_names(create_streams, configuration, arguments, streams):
    assert create_streams(*arguments).returncode == OK
    for name, subjects in streams.items():
        found = sorted(configuration(name)["subjects"])
        assert found == subjects if subjects else all(f".{arguments[0]}." in subject for subject in found)
    assert create_streams(*arguments).stdout.count("nothing to change") == 2


def test_a_stream_that_differs_is_reported_field_by_field_and_left_alone(create_streams, nats, configuration):
    nats("stream", "add", "orders_stream", "--subjects=orders.*,more.*", *WALK_THROUGH, "--max-age=1h", "--max-msgs=7")
    before = configuration("orders_stream")
    done = create_streams()
    assert done.returncode == CONFIG
    reported = dict(re.findall(r"^  (\w+): (.*)$", done.stderr, re.M))
    assert reported == {
        "max_age": "3600000000000; wanted: not set",
        "max_msgs": "7; wanted: not set",
        "max_msg_size": "not set; wanted: 1048576",
        "subjects": "more.*, orders.*; wanted: orders.*",
    }
    assert configuration("orders_stream") == before
    assert done.stdout == "orders_unprocessed created\n", "the other stream is still created"


def test_description_and_metadata_are_no_difference(create_streams, nats):
    create_streams()
    nats("stream", "edit", "orders_stream", "--force", "--description=jobs", "--metadata=team:red")
    assert create_streams().returncode == OK


@pytest.mark.parametrize("size", ["--max-msg-size=-1", "--max-msg-size=1MiB"])
def test_the_printed_command_upgrades_the_dlq_stream_of_the_walk_through(create_streams, run, server, nats, configuration, size):
    nats("stream", "add", "orders_unprocessed", f"--subjects={ADVISORIES}", *WALK_THROUGH, size)
    nats("stream", "edit", "orders_unprocessed", "--force", "--description=kept", "--metadata=team:red")
    nats("consumer", "add", "orders_unprocessed", "kept", "--pull", "--defaults")
    nats("request", ADVISORIES.replace("*", "processor"), "{}")
    before = configuration("orders_unprocessed")

    done = create_streams("--server", server.url)
    assert done.returncode == CONFIG
    assert "  subjects: " in done.stderr
    assert configuration("orders_unprocessed") == before, "left alone"
    command = done.stderr.splitlines()[-1]
    upgraded = run("sh", "-c", command)
    assert upgraded.returncode == OK, upgraded.stderr

    after = json.loads(nats("stream", "info", "orders_unprocessed", "--json"))
    assert after["config"] == before | {"subjects": DLQ_SUBJECTS, "max_msg_size": -1}
    assert after["state"]["messages"] == 1 and after["state"]["consumer_count"] == 1
    assert create_streams("--server", server.url).returncode == OK


def test_the_server_comes_from_the_context_or_the_option(create_streams, run, server):
    assert run(DEPS_BIN / "nats", "context", "add", "here", "--server", server.url, "--select").returncode == OK
    assert run(CREATE_STREAMS).returncode == OK
    unused = create_streams("--server", server.url, NATS_URL=NO_SERVER)
    assert (unused.returncode, unused.stdout.count("nothing to change")) == (OK, 2)


def test_a_password_in_the_url_is_not_printed(create_streams, nats, server):
    nats("stream", "add", "orders_unprocessed", f"--subjects={ADVISORIES}", *WALK_THROUGH)
    done = create_streams("--server", server.url.replace("//", "//someone:secret@"))
    assert done.returncode == CONFIG and "stream edit" in done.stderr and "secret" not in done.stdout + done.stderr


def test_a_missing_server_is_reported_in_one_line(run):
    done = run(CREATE_STREAMS, NATS_URL=NO_SERVER)
    assert (done.returncode, done.stdout) == (UNAVAILABLE, "")
    assert len(done.stderr.splitlines()) == 1 and "no servers available" in done.stderr


@pytest.mark.parametrize("arguments, why", [(("--replicas", 3), "non-clustered"), (("other", "orders.*"), "overlap")])
def test_the_reason_of_a_refusal_is_reported(create_streams, arguments, why):
    if why == "overlap":
        create_streams()
    done = create_streams(*arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (CONFIG, 1) and why in done.stderr


@pytest.mark.parametrize(
    "arguments, named",
    [
        (("a b",), "ORIGIN"),
        (("a.b",), "ORIGIN"),
        (("",), "ORIGIN"),
        (("a", ""), "SUBJECTS"),
        (("a", "a. b"), "SUBJECTS"),
        (("a", "a..b"), "SUBJECTS"),
        (("a", "a.*", "d>"), "DLQ"),
        (("a", "a.*", "a"), "ORIGIN and DLQ"),
        (("a", "a.*", "d", "e"), "'e'"),
        (("--replicas",), "--replicas"),
        (("--replicas", "0"), "--replicas"),
        (("--replicas=three",), "--replicas"),
        (("--server", "--replicas"), "--server"),
        (("--copies", "3"), "--copies"),
    ],
)
def test_a_usage_error_names_the_argument(run, arguments, named):
    done = run(CREATE_STREAMS, *arguments, NATS_URL=NO_SERVER)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert len(done.stderr.splitlines()) == 1 and named in done.stderr
