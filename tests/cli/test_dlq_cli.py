"""The command line of dlq: what it refuses, with which exit code and message, and the durables that it creates."""

import pytest

from support.exit_codes import CONFIG, OK, UNAVAILABLE, USAGE
from support.world import ADVISORIES, DLQ, ORIGIN, assert_refused

STREAMS = DLQ, ORIGIN


USAGE_ERRORS = [
    ([], ["DLQ_STREAM"]),
    ([DLQ], ["ORIGIN_STREAM"]),
    (["", ORIGIN], ["DLQ_STREAM ''"]),
    (["a b", ORIGIN], ["DLQ_STREAM 'a b'"]),
    ([DLQ, ""], ["ORIGIN_STREAM ''"]),
    ([DLQ, "orders.*"], ["ORIGIN_STREAM 'orders.*'"]),
    ([DLQ, DLQ], [DLQ]),
    ([*STREAMS, "lst"], ["'lst'", "list"]),
    ([*STREAMS, ""], ["run", "list"]),
    ([*STREAMS, "cat"], ["'cat'", "ORIGIN_STREAM -- cat"]),
    ([*STREAMS, "sh", "-Z"], ["-Z", "ORIGIN_STREAM -- sh"]),
    ([*STREAMS, "run", "cat"], ["'cat'", "ORIGIN_STREAM -- cat"]),
    ([*STREAMS, "list", "--subject", "pics.new*"], ["--subject 'pics.new*'", "whole token"]),
    ([*STREAMS, "retry", "1", "--to", f"{ADVISORIES}.x", "--yes"], ["--to", "advisories"]),
    ([*STREAMS, "--retrys", "3"], ["--retrys", "--retries"]),
    ([*STREAMS, "--zzzzzzzzzz"], ["--zzzzzzzzzz"]),
    ([*STREAMS, "--retries", "-1"], ["--retries", "'-1'"]),
    ([*STREAMS, "--retries", "many"], ["--retries", "'many'"]),
    ([*STREAMS, "--retries", ""], ["--retries"]),
    ([*STREAMS, "--retries"], ["--retries", "N"]),
    ([*STREAMS, "--retries", "1", "--retries", "2"], ["--retries", "twice"]),
    ([*STREAMS, "--timeout", "soon"], ["--timeout", "'soon'"]),
    ([*STREAMS, "--timeout", "0s"], ["--timeout"]),
    ([*STREAMS, "--timeout", "100us"], ["--timeout", "1ms"]),
    ([*STREAMS, "--js-api-prefix", "a." * 64 + "b"], ["--js-api-prefix", "127 bytes"]),
    ([*STREAMS, "--js-api-prefix", "JS.hub.API."], ["--js-api-prefix", "empty token"]),
    ([*STREAMS, "--js-domain", "hub.east"], ["--js-domain", "'hub.east'"]),
    ([*STREAMS, "--js-domain", "d" * 120], ["--js-domain", "119 bytes"]),
    ([*STREAMS, "list", "--consumer", "c" * 256], ["--consumer", "255 bytes"]),
    (["d" * 256, ORIGIN], ["DLQ_STREAM", "255 bytes"]),
    ([*STREAMS, "--log-level", "loud"], ["--log-level", "'loud'"]),
    ([*STREAMS, "--json=yes"], ["--json"]),
    ([*STREAMS, "--job-timeout", "1s"], ["--job-timeout needs a COMMAND"]),
    ([*STREAMS, "list", "--kill-after", "1s"], ["--kill-after needs a COMMAND"]),
    ([*STREAMS, "import", "--every", "3s"], ["import takes no --every, which is for watch"]),
    ([*STREAMS, "watch", "--replace"], ["watch takes no --replace, which is for import"]),
    ([*STREAMS, "lst"], ["unknown verb 'lst'; did you mean 'list'?"]),
    ([*STREAMS, "12"], ["unknown verb '12'; the verbs are run, list, "]),
    ([*STREAMS, "hold", "list"], ["unexpected argument 'list': hold takes no SEQ"]),
]


@pytest.mark.parametrize("arguments, words", USAGE_ERRORS, ids=[" ".join(arguments) or "nothing" for arguments, _ in USAGE_ERRORS])
def test_a_usage_error_names_what_is_wrong(world, arguments, words):
    program = world.run("dlq", "--server", world.server.url, *arguments, server=False, within=10)
    assert_refused(world, program, USAGE, *words)


@pytest.mark.parametrize("verb", ["run", "list"])
@pytest.mark.parametrize("streams", [("missing", ORIGIN), (DLQ, "missing"), ("missing", "missing_too")], ids=" ".join)
def test_a_missing_stream_is_named(world, streams, verb):
    program = world.run("dlq", *streams, verb)
    assert_refused(world, program, UNAVAILABLE, "'missing")


@pytest.mark.parametrize("verb", [["run"], ["list"], ["stats"], ["retry", "--all", "--yes"], ["sweep"]], ids=" ".join)
def test_swapped_streams_are_refused(world, verb):
    """The server would accept the filter, and no advisory would ever arrive."""
    program = world.run("dlq", ORIGIN, DLQ, *verb, within=10)
    assert_refused(world, program, CONFIG, f"'{ORIGIN}'", "swapped")


def test_an_empty_list_has_a_header_only(world):
    listed = world.run("dlq", *STREAMS, "list")
    assert (listed.code, listed.lines) == (OK, [])
    assert len(listed.out) == 1 and listed.out[0].startswith("SEQ")
    listed = world.run("dlq", *STREAMS, "list", "--json")
    assert (listed.code, listed.lines, listed.out) == (OK, [], [])
    assert world.js.consumers(DLQ) == []


def test_its_durables_have_no_delivery_limit(world):
    """With the walk-through's two deliveries, two crashes strand a letter for good."""
    filters = {"unprocessed_order_handler": f"{ADVISORIES}.*", "letter_handler": f"natsq.dead.{ORIGIN}.>"}
    world.js.create_consumer(
        DLQ, durable_name="unprocessed_order_handler", filter_subject=filters["unprocessed_order_handler"], max_deliver=2
    )
    world.start("dlq", *STREAMS)
    world.wait_for_dlq()
    for name, subject in filters.items():
        config = world.js.consumer(DLQ, name)["config"]
        assert (config["filter_subject"], config["max_deliver"]) == (subject, -1)


def test_a_durable_with_another_filter_is_recreated(world):
    """An update of the filter would skip messages that are stored already."""
    world.js.publish("orders.new", "order-0")
    world.js.create_consumer(DLQ, durable_name="letter_handler", filter_subject="natsq.held.orders_stream.>")
    world.kill_jobs()
    dlq = world.start("dlq", *STREAMS)
    dlq.wait_for("letter_handler has another filter")
    dlq.wait_for("reprocessing order order-0$")
    assert world.js.consumer(DLQ, "letter_handler")["config"]["filter_subject"] == "natsq.dead.orders_stream.>"
