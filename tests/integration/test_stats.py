"""`dlq … stats`: the states of the letters, the jobs, the oldest ones, and the room in both streams."""

import re

import pytest

from support.dlq_verbs import dlq, objects
from support.exit_codes import OK, UNAVAILABLE
from support.letters import letter, put, rfc3339
from support.screen import Screen
from support.world import DLQ, ORIGIN, PROCESSOR


def line(program, name):
    """The lines of the part of the summary with this name, as one text."""
    assert program.code == OK, program.text
    found = re.search(rf"^{name} +(.*(?:\n         .*)*)", "\n".join(program.out), re.MULTILINE)
    assert found, program.out
    return found[1]


def test_a_queue_without_letters_and_jobs(world):
    shown = dlq(world, "stats")
    assert line(shown, "letters") == "0 announced, 0 waiting, 0 held: no dead jobs"
    assert line(shown, "jobs") == "0 pending, 0 in flight"
    assert len(shown.out) == 4, shown.out
    [result] = objects(dlq(world, "stats", "--json"))
    assert (result["announced"], result["waiting"], result["held"], result["oldest"]) == (0, 0, 0, None)
    assert result["jobs"] == {"pending": 0, "in_flight": 0, "oldest": None}


def test_nothing_is_selected(world):
    put(world, letter(1))
    assert line(dlq(world, "stats", "--subject", "none.*"), "letters") == "0 announced, 0 waiting, 0 held: none is selected"


def test_letters_and_their_oldest(world):
    put(world, letter(1, state="dead"), letter(2), letter(3, Natsq_Died_At="2025-01-02T03:04:05Z"))
    assert re.fullmatch("0 announced, 1 waiting, 2 held, the oldest died [0-9]+d ago", line(dlq(world, "stats"), "letters"))
    [result] = objects(dlq(world, "stats", "--json"))
    assert result["oldest"] == "2025-01-02T03:04:05.000Z"


def test_jobs_pending_and_in_flight(world):
    """The oldest job is the one in flight, and no job that is done."""
    world.js.publish_all(("orders.new", f"order-{n}") for n in range(5))
    assert line(dlq(world, "stats"), "jobs").startswith("5 pending, 0 in flight, the oldest published ")
    world.js.create_consumer(ORIGIN, **PROCESSOR)
    jobs = world.js.messages(ORIGIN)
    world.js.pull(ORIGIN, "processor", 2)
    world.js.requests([(f"$JS.ACK.{ORIGIN}.processor.1.1.1.0.0", "+ACK")])
    world.eventually(lambda: world.js.count(ORIGIN) == 4, "the first job is done")
    [result] = objects(dlq(world, "stats", "--json"))
    assert result["jobs"] == {"pending": 3, "in_flight": 1, "oldest": rfc3339(jobs[1].ns)[:-7] + "Z"}


def test_room_and_limits(world):
    world.js.api(f"STREAM.UPDATE.{ORIGIN}", {**world.js.stream(ORIGIN)["config"], "max_bytes": -1, "max_msgs": 1000})
    world.js.publish("orders.new", "order-0")
    origin = re.escape(ORIGIN)
    assert re.fullmatch(
        rf"{DLQ}  0 B of 256 MiB \(0 %\), 0 messages\n         {origin}  +[0-9]+ B, no limit, 1 of 1000 \(<1 %\) messages",
        line(dlq(world, "stats"), "room"),
    )


def test_a_stream_that_is_deleted(world):
    world.js.delete_stream(ORIGIN)
    assert dlq(world, "stats").code == UNAVAILABLE


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_each_width_of_a_terminal(world, columns):
    put(world, *(letter(seq, Natsq_Error=f"no connection to {seq} " + "e" * 300) for seq in (1, 2)))
    with Screen(world, "stats", columns=columns) as screen:
        assert screen.wait() == OK
        screen.wait_for(lambda: "e.g. # 1: no connection to 1 ee" in screen.text, "the last line")
        lines = [line.rstrip("\r") for line in screen.text.splitlines()]
        assert max(map(len, lines)) == columns
        summary = "letters  0 announced, 0 waiting, 2 held," + ("\n        " if columns == 60 else "") + " the oldest died "
        assert summary in "\n".join(lines)
