"""--checkpoint: where a run of publisher continues after another one, and what counts as the same input."""

import json
import os
import re
import time
from functools import partial

import pytest

from support.checkpoints import position, refused, run
from support.exit_codes import CONFIG, DATAERR, OK, TEMPFAIL
from support.publisher import bodies, fifo, summary, write
from support.world import ORIGIN


def has_content(path):
    """A new checkpoint is empty while it is locked for the first time."""
    return path.exists() and path.stat().st_size > 0


def checkpoint_text(**change):
    fields = {
        "natsq_checkpoint": 2,
        "id_prefix": "p",
        "subject": "orders.new",
        "source": "lines",
        "confirmed": 0,
        "hash": "0" * 32,
        "partial": 0,
        "refused": [],
    }
    return json.dumps({name: value for name, value in {**fields, **change}.items() if value is not None})


def test_a_second_run_skips_what_is_confirmed(run, world, tmp_path):
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(1000)])
    assert summary(run(jobs, "--id-prefix", "p")) == (1000, 0, 0)
    assert position(tmp_path / "c") == 1000
    assert summary(run(jobs, "--id-prefix", "p")) == (0, 0, 0)
    with jobs.open("a") as file:
        file.write("one more\n")
    assert summary(run(jobs, "--id-prefix", "p")) == (1, 0, 0)
    assert bodies(world)[-1] == "one more" and world.js.count(ORIGIN) == 1001
    assert [path.name for path in tmp_path.glob("c*")] == ["c"]


def test_a_generated_id_prefix_is_kept(run, world, tmp_path):
    jobs = write(tmp_path / "jobs", ["a", "b"])
    assert run(jobs).code == OK
    jobs.write_text("a\nb\nc\n")
    assert run(jobs).code == OK
    ids = [message.headers["Nats-Msg-Id"] for message in world.js.messages(ORIGIN)]
    assert len({id.rsplit("-", 1)[0] for id in ids}) == 1 and [id.rsplit("-", 1)[1] for id in ids] == ["0", "1", "2"]


def test_it_survives_a_kill_at_any_moment(run, world, tmp_path):
    """Each run continues at the checkpoint; jobs that were stored after it are duplicates."""
    jobs = [f"job {i}" for i in range(50_000)]
    write(tmp_path / "jobs", jobs)
    kills = 0
    while True:
        publisher = run(tmp_path / "jobs", "--id-prefix", "p", "--rate", "12500", how=world.start)
        time.sleep(0.7 + 0.2 * kills)
        if kills == 4 or not publisher.running:
            break
        publisher.kill()
        kills += 1
    assert publisher.wait(60) == OK, publisher.text
    assert kills >= 2 and summary(publisher)[0] < len(jobs)
    assert world.js.count(ORIGIN) == len(jobs)
    assert set(bodies(world)) == set(jobs)


@pytest.mark.parametrize(
    ["change", "words"],
    [
        ({"prefix": "q"}, r"belongs to another --id-prefix: 'p', not 'q'"),
        ({"subject": "orders.old"}, r"belongs to another SUBJECT: 'orders.new', not 'orders.old'"),
        ({"source": "--null"}, r"belongs to another kind of input: 'lines', not 'null'"),
        ({"jobs": "a\nX\nc\n"}, r"belongs to another input: its first 3 jobs differ"),
        ({"jobs": "a\nb\n"}, r"belongs to another input"),
        ({"jobs": ""}, r"belongs to another input"),
    ],
)
def test_a_checkpoint_of_other_options_or_input_is_refused(world, tmp_path, change, words):
    def run(prefix="p", subject="orders.new", source="--lines", jobs="a\nb\nc\n"):
        (tmp_path / "jobs").write_text(jobs)
        return world.run("publisher", subject, source, tmp_path / "jobs", "--checkpoint", tmp_path / "c", "--id-prefix", prefix)

    assert run().code == OK
    refused = run(**change)
    assert refused.code == CONFIG, refused.text
    assert re.search(words, refused.lines[-1]), refused.text
    assert world.js.count(ORIGIN) == 3


def test_a_file_that_is_no_checkpoint_is_refused(run, world, tmp_path):
    pair = [0, "0" * 32]
    for text in (
        "{}",
        "junk",
        checkpoint_text(id_prefix="x" * 5000),
        checkpoint_text(id_prefix="a\r\nB: c"),
        checkpoint_text(natsq_checkpoint="2"),
        checkpoint_text(confirmed=-1),
        checkpoint_text(hash="00"),
        checkpoint_text(partial=None),
        checkpoint_text(partial=-1),
        checkpoint_text(confirmed=2, refused=[[2, "0" * 32]]),
        checkpoint_text(confirmed=2, refused=[[1, "0" * 32], pair]),
        checkpoint_text(confirmed=2, refused=[pair, pair]),
        checkpoint_text(confirmed=2, refused=[[1]]),
        checkpoint_text(confirmed=2, refused={}),
        checkpoint_text(confirmed=2000, refused=[[i, "0" * 32] for i in range(1001)]),
    ):
        (tmp_path / "c").write_text(text)
        publisher = run(write(tmp_path / "jobs", ["a"]))
        assert publisher.code == CONFIG and publisher.lines[-1].endswith("is not a checkpoint of publisher"), text
        assert (tmp_path / "c").read_text() == text
    (tmp_path / "c").write_text(checkpoint_text(natsq_checkpoint=1))
    assert "was written by another version of publisher" in run(tmp_path / "jobs").lines[-1]
    assert world.js.count(ORIGIN) == 0


@pytest.fixture
def short_window(world):
    """A world with a stream whose duplicate window is shorter than a run."""
    window = {"subjects": ["short.*"], "storage": "file", "duplicate_window": 100_000_000}
    world.js.create_stream({"name": "short", **window})
    yield world
    world.js.delete_stream("short")


def test_a_job_that_is_refused_for_good_does_not_hold_the_position(short_window, tmp_path):
    """Otherwise each run after the duplicate window would store all later jobs again."""
    too_large = json.dumps({"body": "x" * (1 << 20)})
    (tmp_path / "jobs").write_text('{"body":"a"}\nnot json\n{"body":"b"}\n' + too_large + '\n{"body":"c"}\n')
    files = "--checkpoint", tmp_path / "c", "--failed", tmp_path / "failed"
    for confirmed in 3, 0, 0:
        publisher = short_window.run("publisher", "short.new", "--jsonl", tmp_path / "jobs", *files)
        assert publisher.code == DATAERR and summary(publisher) == (confirmed, 0, 2), publisher.text
        assert "run it again" not in publisher.text and "failed holds 2 to be corrected" in publisher.lines[-1]
        assert position(tmp_path / "c") == 5 and refused(tmp_path / "c") == [1, 3]
        assert len((tmp_path / "failed").read_text().splitlines()) == 2
        short_window.eventually(lambda: time.monotonic() > publisher.begin + publisher.seconds + 0.3, "the window is over")
    assert bodies(short_window, "short") == ["a", "b", "c"]


def test_a_refused_job_that_is_corrected_is_sent(run, world, tmp_path):
    jobs, good = tmp_path / "jobs", '{"body":"%d"}\n'
    lines = [good % i for i in range(6)]
    for bad in 1, 2, 4, 5:
        lines[bad] = "no job\n"
    jobs.write_text("".join(lines))
    assert summary(run(jobs, source="--jsonl")) == (2, 0, 4)
    for corrected, left in (2, [1, 4, 5]), (1, [4, 5]), (5, [4]), (4, []):
        lines[corrected] = good % corrected
        jobs.write_text("".join(lines))
        publisher = run(jobs, source="--jsonl")
        assert summary(publisher) == (1, 0, len(left)) and publisher.code == (DATAERR if left else OK), publisher.text
        assert refused(tmp_path / "c") == left and position(tmp_path / "c") == 6
    jobs.write_text("".join([*lines, good % 6]))
    publisher = run(jobs, source="--jsonl")
    assert publisher.code == OK and summary(publisher) == (1, 0, 0)
    assert sorted(bodies(world)) == [str(i) for i in range(7)]


def test_several_refused_jobs_can_be_corrected_at_once(run, world, tmp_path):
    jobs = tmp_path / "jobs"
    jobs.write_text('{"body":"0"}\nno\n{"body":"2"}\nno\nno\n{"body":"5"}\n')
    assert summary(run(jobs, source="--jsonl")) == (3, 0, 3)
    jobs.write_text("".join(f'{{"body":"{i}"}}\n' for i in range(7)))
    for expected in (4, 0, 0), (0, 0, 0):
        publisher = run(jobs, source="--jsonl")
        assert publisher.code == OK and summary(publisher) == expected, publisher.text
    assert sorted(bodies(world)) == list("0123456") and refused(tmp_path / "c") == []


@pytest.mark.parametrize("changed", ["X\nno\nc\n", "no\na\nc\n", "a\nno\nX\n", "a\nc\n"], ids=repr)
def test_a_change_around_a_refused_job_is_another_input(run, world, tmp_path, changed):
    def text(lines):
        return "".join("no job\n" if line == "no" else json.dumps({"body": line}) + "\n" for line in lines.split())

    jobs = tmp_path / "jobs"
    jobs.write_text(text("a no c"))
    assert summary(run(jobs, source="--jsonl")) == (2, 0, 1)
    jobs.write_text(text(changed))
    publisher = run(jobs, source="--jsonl")
    assert publisher.code == CONFIG and "belongs to another input" in publisher.lines[-1], publisher.text
    assert bodies(world) == ["a", "c"]


def test_the_position_stays_when_too_many_jobs_are_refused(run, world, tmp_path):
    jobs = tmp_path / "jobs"
    jobs.write_text('{"body":"a"}\n' + "no job\n" * 1002 + '{"body":"b"}\n')
    for expected in (2, 0, 1002), (1, 1, 1002):
        publisher = run(jobs, source="--jsonl")
        assert publisher.code == DATAERR and summary(publisher) == expected
        assert position(tmp_path / "c") == 1001 and len(refused(tmp_path / "c")) == 1000
    assert bodies(world) == ["a", "b"]


def test_a_job_that_may_succeed_later_holds_the_position(run, world, tmp_path):
    jobs = tmp_path / "jobs"
    jobs.write_text('{"body":"a"}\n{"subject":"no.stream","body":"b"}\nno job\n{"body":"c"}\n')
    publisher = run(jobs, source="--jsonl")
    assert publisher.code == TEMPFAIL and summary(publisher) == (2, 0, 2)
    assert re.search(r"2 of 4 jobs not confirmed \(1 refused for good\): run it again with --id-prefix", publisher.lines[-1])
    assert position(tmp_path / "c") == 1 and refused(tmp_path / "c") == []


# ---- one publisher at a time


def test_a_checkpoint_in_use_is_refused_with_the_process_id(run, world, tmp_path, fifo):
    first = run(fifo.path, how=world.start)
    for i in range(3):  # each time the file is replaced by a rename, and the lock moves with it
        fifo.feed(f"job {i}")
        world.eventually(lambda: has_content(tmp_path / "c") and position(tmp_path / "c") == i + 1, "it is written")
        second = run(write(tmp_path / "jobs", ["x"]))
        assert second.code == TEMPFAIL
        assert second.lines[-1].endswith(f"c' is in use by the publisher with process id {first.process.pid}")
    assert bodies(world) == ["job 0", "job 1", "job 2"]
    first.kill()
    third = run(write(tmp_path / "jobs", ["job 0", "job 1", "job 2", "job 3"]))
    assert third.code == OK and summary(third) == (1, 0, 0), third.text


def test_an_empty_checkpoint_of_a_killed_run_is_reused(run, world, tmp_path):
    (tmp_path / "c").write_text("")
    (tmp_path / "c.part").write_text('{"half of')
    assert run(write(tmp_path / "jobs", ["a"])).code == OK
    assert position(tmp_path / "c") == 1 and not (tmp_path / "c.part").exists()


def test_a_checkpoint_that_is_no_file_is_refused(run, world, tmp_path):
    os.mkfifo(tmp_path / "c")
    assert run(write(tmp_path / "jobs", ["a"])).code == CONFIG
    assert (tmp_path / "c").is_fifo() and bodies(world) == []


@pytest.mark.parametrize("target", ["empty", "missing", "/proc/self/fd/1"])
def test_a_checkpoint_follows_no_symbolic_link(run, world, tmp_path, target):
    """The rename would replace the link with a file, which must not happen to /dev/stdout."""
    before = set(tmp_path.iterdir())
    (tmp_path / "empty").write_text("")
    (tmp_path / "c").symlink_to(target)
    with (tmp_path / "out").open("w") as out:
        publisher = run(write(tmp_path / "jobs", ["a"]), how=partial(world.run, stdout=out))
    assert publisher.code == CONFIG and "c' is a symbolic link" in publisher.lines[-1], publisher.text
    assert os.readlink(tmp_path / "c") == target and (tmp_path / "empty").read_text() == "" and bodies(world) == []
    assert {path.name for path in set(tmp_path.iterdir()) - before} == {"c", "empty", "jobs", "out"}


def test_a_symbolic_link_in_place_of_the_temporary_file_is_not_followed(run, tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "c.part").symlink_to("mine")
    assert run(write(tmp_path / "jobs", ["a"])).code == OK
    assert (tmp_path / "mine").read_text() == "mine" and not (tmp_path / "c").is_symlink() and position(tmp_path / "c") == 1


def test_skipped_records_count_in_the_position(run, world, tmp_path):
    """Even if there are more in a row than the checkpoint looks back."""
    jobs = tmp_path / "jobs"
    jobs.write_text("a\n" + "\n" * 200_000 + "b\n\n\n")
    for expected in (2, 0, 0), (0, 0, 0):
        assert summary(run(jobs, "--skip-empty")) == expected
    assert bodies(world) == ["a", "b"]


def test_a_run_after_a_stop_sends_the_rest(run, world, tmp_path):
    jobs = [f"job {i}" for i in range(50_000)]
    write(tmp_path / "jobs", jobs)
    publisher = run(tmp_path / "jobs", how=world.start)
    world.eventually(lambda: world.js.count(ORIGIN) > 500, "it is under way")
    assert publisher.stop() == TEMPFAIL
    confirmed = summary(publisher)[0]
    assert position(tmp_path / "c") == confirmed == world.js.count(ORIGIN)
    assert summary(run(tmp_path / "jobs")) == (len(jobs) - confirmed, 0, 0)
    assert sorted(bodies(world)) == sorted(jobs)


def test_a_checkpoint_that_cannot_be_written_is_refused(world, tmp_path):
    publisher = world.run("publisher", "orders.new", "--count", "1", "--checkpoint", tmp_path / "no" / "c")
    assert publisher.code == CONFIG and world.js.count(ORIGIN) == 0


