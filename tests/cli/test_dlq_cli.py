"""How dlq is called: what it refuses, with which exit code and words, and how it ends."""

import pytest

from support.exit_codes import CONFIG, OK, UNAVAILABLE, USAGE
from support.world import ADVISORIES, DLQ, ORIGIN, assert_refused

STREAMS = DLQ, ORIGIN


MISUSED = [
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
    ([*STREAMS, "hold", "list"], ["unexpected argument 'list': hold takes no SEQ"]),
]


@pytest.mark.parametrize("arguments, words", MISUSED, ids=[" ".join(arguments) or "nothing" for arguments, _ in MISUSED])
def test_misuse(world, arguments, words):
    program = world.run("dlq", "--server", world.server.url, *arguments, server=False, within=10)
    assert_refused(world, program, USAGE, *words)


@pytest.mark.parametrize("verb", ["run", "list"])
@pytest.mark.parametrize("streams", [("missing", ORIGIN), (DLQ, "missing"), ("missing", "missing_too")], ids=" ".join)
def test_a_stream_that_is_not_there(world, streams, verb):
    program = world.run("dlq", *streams, verb)
    assert_refused(world, program, UNAVAILABLE, "'missing")


@pytest.mark.parametrize("verb", [["run"], ["list"], ["stats"], ["retry", "--all", "--yes"], ["sweep"]], ids=" ".join)
def test_a_stream_that_takes_no_advisories(world, verb):
    """The two streams in the wrong order: the server would accept the filter, and nothing would ever come."""
    program = world.run("dlq", ORIGIN, DLQ, *verb, within=10)
    assert_refused(world, program, CONFIG, f"'{ORIGIN}'", "swapped")


def test_an_empty_list(world):
    told = world.run("dlq", *STREAMS, "list")
    assert (told.code, told.lines) == (OK, [])
    assert len(told.out) == 1 and told.out[0].startswith("SEQ")
    told = world.run("dlq", *STREAMS, "list", "--json")
    assert (told.code, told.lines, told.out) == (OK, [], [])
    assert world.js.consumers(DLQ) == []


def test_its_consumers_never_give_up(world):
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


def test_one_with_another_filter_is_made_anew(world):
    """An update of the filter would skip what is stored already."""
    world.js.publish("orders.new", "order-0")
    world.js.create_consumer(DLQ, durable_name="letter_handler", filter_subject="natsq.held.orders_stream.>")
    world.kill_jobs()
    dlq = world.start("dlq", *STREAMS)
    dlq.wait_for("letter_handler has another filter")
    dlq.wait_for("reprocessing order order-0$")
    assert world.js.consumer(DLQ, "letter_handler")["config"]["filter_subject"] == "natsq.dead.orders_stream.>"
