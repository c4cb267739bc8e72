"""--checkpoint and a last line without a newline: if it is longer in the next run, it is another job."""

import pytest

from support.checkpoints import position, run
from support.exit_codes import CONFIG, OK
from support.publisher import bodies, summary
from support.world import ORIGIN


def grow(run, jobs, *texts, source="--lines"):
    for text in texts:
        jobs.write_text(text)
        publisher = run(jobs, "--id-prefix", "p", source=source)
        assert publisher.code == OK, publisher.text
    return publisher


def ids(world):
    return [message.headers["Nats-Msg-Id"] for message in world.js.messages(ORIGIN)]


@pytest.mark.parametrize(
    ["later", "expected"],
    [
        ("a\nhal\n", {}),
        ("a\nhal\nb", {"p-2": "b"}),
        ("a\nhalf", {"p-1.4": "half"}),
        ("a\nhalf\n", {"p-1.4": "half"}),
        ("a\nhalf\nb\n", {"p-1.4": "half", "p-2": "b"}),
    ],
    ids=repr,
)
def test_a_partial_line_that_has_grown_is_sent_as_another_job(run, world, tmp_path, later, expected):
    publisher = grow(run, tmp_path / "jobs", "a\nhal", later)
    assert summary(publisher) == (len(expected), 0, 0)
    assert dict(zip(ids(world), bodies(world))) == {"p-0": "a", "p-1": "hal", **expected}
    assert summary(grow(run, tmp_path / "jobs", later)) == (0, 0, 0)


def test_a_partial_line_may_grow_several_times(run, world, tmp_path):
    grow(run, tmp_path / "jobs", "hal", "half", "halfway", "halfway\n", "halfway\nb", "halfway\nbc\n")
    assert bodies(world) == ["hal", "half", "halfway", "b", "bc"]
    assert ids(world) == ["p-0", "p-0.4", "p-0.7", "p-1", "p-1.2"]


def test_a_partial_record_between_nul_bytes_may_grow(run, world, tmp_path):
    grow(run, tmp_path / "jobs", "a\0hal", "a\0half\nway\0b", source="--null")
    assert bodies(world) == ["a", "hal", "half\nway", "b"]


def test_a_partial_line_of_json_is_refused_and_sent_once_it_is_whole(run, world, tmp_path):
    jobs = tmp_path / "jobs"
    jobs.write_text('{"body":"a"}\n{"bod')
    assert summary(run(jobs, source="--jsonl")) == (1, 0, 1)
    jobs.write_text('{"body":"a"}\n{"body":"b"}\n')
    assert summary(run(jobs, source="--jsonl")) == (1, 0, 0)
    assert bodies(world) == ["a", "b"]


@pytest.mark.parametrize("later", ["a\nha", "a\nha\n", "a\nHalf\n", "A\nhalf\n", "a\n"], ids=repr)
def test_a_partial_line_that_has_changed_is_another_input(run, world, tmp_path, later):
    grow(run, tmp_path / "jobs", "a\nhal")
    (tmp_path / "jobs").write_text(later)
    publisher = run(tmp_path / "jobs", "--id-prefix", "p")
    assert publisher.code == CONFIG and "belongs to another input" in publisher.lines[-1], publisher.text
    assert bodies(world) == ["a", "hal"]


def test_a_whole_line_that_has_grown_is_another_input(run, world, tmp_path):
    grow(run, tmp_path / "jobs", "a\nhal\n")
    (tmp_path / "jobs").write_text("a\nhalf\n")
    assert run(tmp_path / "jobs", "--id-prefix", "p").code == CONFIG


def test_a_grown_line_that_is_not_confirmed_is_sent_again(world, tmp_path):
    """Whether or not a later job is stored."""
    full = {"subjects": ["small.*"], "storage": "file", "discard": "new", "max_msgs": 1, "max_msgs_per_subject": 1}
    world.js.create_stream({"name": "small", **full})
    jobs = tmp_path / "jobs"

    def run():
        return world.run("publisher", "small.new", "--lines", jobs, "--checkpoint", tmp_path / "c", "--retry-for", "0")

    try:
        jobs.write_text("hal")
        assert run().code == OK
        jobs.write_text("half\nb\n")
        world.js.api("STREAM.UPDATE.small", {"name": "small", **full, "discard_new_per_subject": True})
        assert summary(run()) == (0, 0, 2) and position(tmp_path / "c") == 1
        world.js.api("STREAM.UPDATE.small", {"name": "small", **full, "max_msgs": 10, "max_msgs_per_subject": 10})
        assert summary(run()) == (2, 0, 0) and position(tmp_path / "c") == 2
        assert bodies(world, "small") == ["hal", "half", "b"]
    finally:
        world.js.delete_stream("small")
