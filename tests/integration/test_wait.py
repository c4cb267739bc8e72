"""--wait: a start that finds a consumer without a leader waits for the end of the election."""

import pytest

from support.api_proxy import ApiProxy
from support.exit_codes import OK, TEMPFAIL, UNAVAILABLE
from support.world import DLQ, ORIGIN

NO_LEADER = {"error": {"code": 503, "err_code": 10008, "description": "JetStream system temporarily unavailable"}}
PROGRAMS = {"consumer": (ORIGIN, "orders.*"), "dlq": (DLQ, ORIGIN)}


@pytest.fixture
def api(world):
    """An API on which no consumer has a leader until its answers are cleared."""
    with ApiProxy(world.server.url, answers={"CONSUMER.": NO_LEADER}) as api:
        yield api


@pytest.fixture(params=PROGRAMS)
def start(request, world, api):
    return lambda *options: world.start(request.param, *PROGRAMS[request.param], "--js-api-prefix", api.PREFIX, *options)


def test_wait_waits_for_the_end_of_an_election(world, api, start):
    program = start("--wait")
    program.wait_for("waiting: .*temporarily unavailable")
    api.answers.clear()
    created = ORIGIN if program.name == "consumer" else DLQ
    world.eventually(lambda: world.js.consumers(created), "its durable exists")
    assert program.stop() == OK, program.text


def test_a_stop_ends_the_wait(start):
    program = start("--wait")
    program.wait_for("waiting: ")
    assert program.stop() == OK, program.text


def test_without_wait_an_election_is_an_error(start):
    assert start().wait() == UNAVAILABLE


def test_a_verb_that_is_stopped_while_it_waits_says_so(world, api):
    hold = world.dlq("hold", "--yes", "--wait", "--js-api-prefix", api.PREFIX)
    hold.wait_for("waiting: ")
    hold.signal()
    assert hold.wait() == TEMPFAIL and "stopped before" in hold.lines[-1], hold.text
