"""The command line of consumer: what it refuses, with which exit code and message."""

import json

import pytest

from support.build import ROOT
from support.exit_codes import CONFIG, UNAVAILABLE, USAGE
from support.world import ADVISORIES, DLQ, ORIGIN, assert_refused

JOBS = ORIGIN, "orders.*"
HANDLER = str(ROOT / "examples/handler.py")


USAGE_ERRORS = [
    ([], ["STREAM"]),
    ([ORIGIN], ["FILTER"]),
    (["", "orders.*"], ["STREAM ''"]),
    (["orders stream", "orders.*"], ["STREAM 'orders stream'"]),
    (["orders.stream", "orders.*"], ["STREAM 'orders.stream'"]),
    (["orders*", "orders.*"], ["STREAM 'orders*'"]),
    ([ORIGIN, ""], ["FILTER ''"]),
    ([ORIGIN, "orders. new"], ["FILTER 'orders. new'"]),
    ([ORIGIN, "orders..new"], ["FILTER 'orders..new'"]),
    ([ORIGIN, ".orders"], ["FILTER '.orders'"]),
    ([ORIGIN, "orders.>.new"], ["FILTER 'orders.>.new'"]),
    ([ORIGIN, "orders.*", "orders.new"], ["orders.*", "orders.new", "overlap"]),
    ([*JOBS, "./resize.sh"], ["./resize.sh", "-- ./resize.sh"]),
    ([*JOBS, "sh", "-c", "cat"], ["--count", "-- sh"]),
    ([*JOBS, HANDLER, "--loud"], ["--loud", f"-- {HANDLER}"]),
    ([ORIGIN, "pics.new*"], ["FILTER 'pics.new*'", "whole token"]),
    ([*JOBS, "pics.>x"], ["FILTER 'pics.>x'", "whole token"]),
    ([*JOBS, "--job-timeout", "5s"], ["--job-timeout", "COMMAND"]),
    ([*JOBS, "--kill-after", "5s"], ["--kill-after", "COMMAND"]),
    ([*JOBS, "-j", "2"], ["--concurrency", "COMMAND"]),
    ([*JOBS, "--max-delivr", "3"], ["--max-delivr", "--max-deliver"]),
    ([*JOBS, "--until-emptyy"], ["--until-emptyy", "--until-empty"]),
    ([*JOBS, "--zzzzzzzzzz"], ["--zzzzzzzzzz"]),
    ([*JOBS, "-Z"], ["-Z"]),
    ([*JOBS, "--backoff", "5"], ["--backoff", "'5'", "5s"]),
    ([*JOBS, "--backoff", "1s,soon"], ["--backoff", "'soon'"]),
    ([*JOBS, "--backoff", "-1s"], ["--backoff"]),
    ([*JOBS, "--backoff", "0s"], ["--backoff"]),
    ([*JOBS, "--backoff", ""], ["--backoff"]),
    ([*JOBS, "--backoff", "1s,2s,3s"], ["--backoff", "--max-deliver"]),
    ([*JOBS, "--timeout", "1 s"], ["--timeout", "'1 s'"]),
    ([*JOBS, "--max-deliver", "0"], ["--max-deliver", "'0'"]),
    ([*JOBS, "--max-deliver", "2x"], ["--max-deliver", "'2x'"]),
    ([*JOBS, "--max-ack-pending", "99999999999999999999"], ["--max-ack-pending"]),
    ([*JOBS, "--count", "none"], ["--count", "'none'"]),
    ([*JOBS, "--fail-rate", "1.5"], ["--fail-rate", "'1.5'", "0", "1"]),
    ([*JOBS, "--fail-rate", "nan"], ["--fail-rate", "'nan'"]),
    ([*JOBS, "--durable", "a.b"], ["--durable", "'a.b'"]),
    ([*JOBS, "--durable", ""], ["--durable"]),
    ([*JOBS, "--durable"], ["--durable", "NAME"]),
    ([*JOBS, "--count", "1", "--count", "2"], ["--count", "twice"]),
    ([*JOBS, "--until-empty=yes"], ["--until-empty"]),
    ([*JOBS, "--log-format", "xml"], ["--log-format", "text", "json", "'xml'"]),
    ([*JOBS, "--bind", "--max-deliver", "3"], ["--bind", "--max-deliver"]),
    ([*JOBS, "--breaker", "0"], ["--breaker", "'0'", "50%"]),
    ([*JOBS, "--breaker", "101%"], ["--breaker", "'101%'"]),
    ([*JOBS, "--breaker", "ten"], ["--breaker", "'ten'"]),
    ([*JOBS, "--bind", "--update"], ["--bind", "--update"]),
    ([*JOBS, "--builtin", "--", "true"], ["--builtin", "COMMAND"]),
]


@pytest.mark.parametrize("arguments, words", USAGE_ERRORS, ids=[" ".join(arguments) or "nothing" for arguments, _ in USAGE_ERRORS])
def test_a_usage_error_names_what_is_wrong(world, arguments, words):
    """--server comes first, so that a missing value is that of the last option."""
    program = world.run("consumer", "--server", world.server.url, *arguments, server=False, within=10)
    assert_refused(world, program, USAGE, *words)


def test_a_usage_error_names_the_variable(world):
    program = world.run("consumer", *JOBS, NATS_TIMEOUT="soon")
    assert_refused(world, program, USAGE, "NATS_TIMEOUT", "'soon'")


def test_a_missing_stream_is_named_with_the_script_that_creates_it(world):
    program = world.run("consumer", "no_such_stream", "orders.*")
    assert_refused(world, program, UNAVAILABLE, "'no_such_stream'", "create-streams")


@pytest.mark.parametrize("name", [ORIGIN, "no_such_stream"])
def test_bind_needs_an_existing_stream_and_consumer(world, name):
    program = world.run("consumer", name, "orders.*", "--bind", "--durable", "mine")
    assert_refused(world, program, UNAVAILABLE, "'mine'" if name == ORIGIN else "'no_such_stream'")


@pytest.mark.parametrize("filters", [["invoices.*"], ["orders"], ["orders.new", "invoices.new"]], ids=" ".join)
def test_a_filter_that_the_stream_cannot_match_is_refused(world, filters):
    program = world.run("consumer", ORIGIN, *filters)
    assert_refused(world, program, CONFIG, f"'{filters[-1]}'", ORIGIN, "orders.*")


@pytest.mark.parametrize("command", ["cat", HANDLER])
def test_a_command_without_dashes_is_shown_with_them(world, command):
    program = world.run("consumer", *JOBS, command)
    assert_refused(world, program, CONFIG, f"FILTER '{command}'", f"consumer STREAM FILTER -- {command}")


LETTERS = f"natsq.dead.{ORIGIN}.>", f"natsq.held.{ORIGIN}.>", f"{ADVISORIES}.*"


@pytest.mark.parametrize("filter", [*LETTERS, f"natsq.dead.{ORIGIN}.processor.*.*", "*.dead.>", ">"])
def test_letters_and_advisories_are_left_to_dlq(world, filter):
    """With the streams swapped, the built-in handler would remove the letters."""
    world.js.publish_all((f"natsq.{state}.{ORIGIN}.processor.1.1", "x") for state in ("dead", "held"))
    program = world.run("consumer", DLQ, filter, "--durable", "letter_handler", "--until-empty")
    assert (program.code, len(program.lines)) == (CONFIG, 1), program.text
    assert f"FILTER '{filter}'" in program.text and f"dlq {DLQ} ORIGIN_STREAM" in program.text
    assert world.js.consumers(DLQ) == [] and len(world.js.messages(DLQ)) == 2


def test_a_durable_with_another_filter_is_not_changed(world):
    world.js.create_consumer(ORIGIN, durable_name="processor", filter_subject="orders.eu")
    before = world.js.consumer(ORIGIN, "processor")["config"]
    program = world.run("consumer", *JOBS, "--max-deliver", "7")
    assert (program.code, len(program.lines)) == (CONFIG, 1), program.text
    assert all(word in program.text for word in ("'processor'", "orders.eu", "--durable"))
    assert world.js.consumer(ORIGIN, "processor")["config"] == before


@pytest.mark.parametrize("theirs", [{"filter_subject": "orders.new"}, {"filter_subjects": ["orders.eu", "orders.us"]}, {}])
def test_a_durable_that_overlaps_another_is_refused(world, theirs):
    world.js.create_consumer(ORIGIN, durable_name="theirs", **theirs)
    program = world.run("consumer", *JOBS)
    assert (program.code, len(program.lines)) == (CONFIG, 1), program.text
    assert "orders.*" in program.text and "--durable" in program.text
    assert world.js.consumers(ORIGIN) == ["theirs"]


def test_the_log_can_be_json(world):
    world.js.publish("orders.new", 'order "0"')
    lines = world.run("consumer", *JOBS, "--until-empty", "--log-format", "json").lines
    result = next(event for event in map(json.loads, lines) if event.get("message", "").startswith("received"))
    assert result["level"] == "info" and result["time"].endswith("Z")
    assert result["message"].startswith("received order") and result["message"].endswith("from stream sequence # 1")
