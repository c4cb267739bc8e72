"""publisher's run as a whole: where it goes on after a crash, how fast it goes, what it shows of it."""

import json
import os
import pty
import re
import subprocess
import time

import pytest

from support.natsq import BIN, OK, ORIGIN, environment, server, world  # noqa: F401: fixtures

DATAERR, TEMPFAIL, CONFIG = 65, 75, 78
SUMMARY = r"confirmed (\d+), duplicates (\d+), failed (\d+)"


def summary(publisher):
    return tuple(int(number) for number in re.findall(SUMMARY, publisher.text)[-1])


def bodies(world, stream=ORIGIN):
    return [message.body for message in world.js.messages(stream)]


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture
def run(world, tmp_path):
    """A run with the checkpoint file `c`."""

    def started(jobs, *options, source="--lines", how=world.run):
        return how("publisher", "orders.new", source, jobs, "--checkpoint", tmp_path / "c", *options)

    return started


def position(path):
    return json.loads(path.read_text())["confirmed"]


# ---- --checkpoint


def checkpoint_text(**change):
    fields = {"natsq_checkpoint": 1, "id_prefix": "p", "subject": "orders.new", "source": "lines", "confirmed": 0, "hash": "0" * 32}
    return json.dumps({**fields, **change})


def test_a_second_run_passes_over_what_is_confirmed(run, world, tmp_path):
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(1000)])
    assert summary(run(jobs, "--id-prefix", "p")) == (1000, 0, 0)
    assert position(tmp_path / "c") == 1000
    assert summary(run(jobs, "--id-prefix", "p")) == (0, 0, 0)
    with jobs.open("a") as file:
        file.write("one more\n")
    assert summary(run(jobs, "--id-prefix", "p")) == (1, 0, 0)
    assert bodies(world)[-1] == "one more" and world.js.count(ORIGIN) == 1001
    assert [path.name for path in tmp_path.glob("c*")] == ["c"]


def test_a_made_up_prefix_is_kept(run, world, tmp_path):
    jobs = write(tmp_path / "jobs", ["a", "b"])
    assert run(jobs).code == OK
    jobs.write_text("a\nb\nc\n")
    assert run(jobs).code == OK
    ids = [message.headers["Nats-Msg-Id"] for message in world.js.messages(ORIGIN)]
    assert len({id.rsplit("-", 1)[0] for id in ids}) == 1 and [id.rsplit("-", 1)[1] for id in ids] == ["0", "1", "2"]


def test_it_survives_a_kill_at_any_moment(run, world, tmp_path):
    """kill -9 again and again; each run goes on at the checkpoint, and what it did not know yet is a duplicate."""
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
        ({"prefix": "q"}, r"is of another --id-prefix: 'p', not 'q'"),
        ({"subject": "orders.old"}, r"is of another SUBJECT: 'orders.new', not 'orders.old'"),
        ({"source": "--null"}, r"is of another kind of input: 'lines', not 'null'"),
        ({"jobs": "a\nX\nc\n"}, r"is of another input: its first 3 jobs are not"),
        ({"jobs": "a\nb\n"}, r"is of another input"),
        ({"jobs": ""}, r"is of another input"),
        ({"checkpoint": "{}"}, r"is not a checkpoint of publisher"),
        ({"prefix": None, "checkpoint": checkpoint_text(id_prefix="x" * 5000)}, r"is not a checkpoint of publisher"),
        ({"prefix": None, "checkpoint": checkpoint_text(id_prefix="a\r\nB: c")}, r"is not a checkpoint of publisher"),
        ({"checkpoint": checkpoint_text(confirmed=-1)}, r"is not a checkpoint of publisher"),
        ({"checkpoint": checkpoint_text(hash="00")}, r"is not a checkpoint of publisher"),
        ({"checkpoint": "junk"}, r"is not a checkpoint of publisher"),
    ],
)
def test_another_checkpoint_is_refused(world, tmp_path, change, words):
    def run(prefix="p", subject="orders.new", source="--lines", jobs="a\nb\nc\n", checkpoint=None):
        (tmp_path / "jobs").write_text(jobs)
        if checkpoint:
            (tmp_path / "c").write_text(checkpoint)
        options = ["--id-prefix", prefix] if prefix else []
        return world.run("publisher", subject, source, tmp_path / "jobs", "--checkpoint", tmp_path / "c", *options)

    assert run().code == OK
    refused = run(**change)
    assert refused.code == CONFIG, refused.text
    assert re.search(words, refused.lines[-1]), refused.text
    assert world.js.count(ORIGIN) == 3


def test_a_job_that_fails_holds_the_position(run, world, tmp_path):
    jobs = tmp_path / "jobs"
    jobs.write_text('{"body":"a"}\nnot json\n{"body":"c"}\n')
    publisher = run(jobs, source="--jsonl")
    assert publisher.code == DATAERR and summary(publisher) == (2, 0, 1)
    assert position(tmp_path / "c") == 1
    jobs.write_text('{"body":"a"}\n{"body":"b"}\n{"body":"c"}\n')
    publisher = run(jobs, source="--jsonl")
    assert publisher.code == OK and summary(publisher) == (2, 1, 0)
    assert sorted(bodies(world)) == ["a", "b", "c"] and position(tmp_path / "c") == 3


def test_records_left_out(run, world, tmp_path):
    """More of them in a row than the checkpoint looks back."""
    jobs = tmp_path / "jobs"
    jobs.write_text("a\n" + "\n" * 200_000 + "b\n\n\n")
    for expected in (2, 0, 0), (0, 0, 0):
        assert summary(run(jobs, "--skip-empty")) == expected
    assert bodies(world) == ["a", "b"]


def test_a_stop_and_a_checkpoint(run, world, tmp_path):
    jobs = [f"job {i}" for i in range(50_000)]
    write(tmp_path / "jobs", jobs)
    publisher = run(tmp_path / "jobs", how=world.start)
    world.eventually(lambda: world.js.count(ORIGIN) > 500, "it is under way")
    assert publisher.stop() == TEMPFAIL
    confirmed = summary(publisher)[0]
    assert position(tmp_path / "c") == confirmed == world.js.count(ORIGIN)
    assert summary(run(tmp_path / "jobs")) == (len(jobs) - confirmed, 0, 0)
    assert sorted(bodies(world)) == sorted(jobs)


def test_a_checkpoint_that_cannot_be_written(world, tmp_path):
    publisher = world.run("publisher", "orders.new", "--count", "1", "--checkpoint", tmp_path / "no" / "c")
    assert publisher.code == CONFIG and world.js.count(ORIGIN) == 0


# ---- --rate


def test_rate_is_even(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(300))
    assert world.run("publisher", "orders.new", "--lines", jobs, "--rate", "200").code == OK
    times = [message.ns for message in world.js.messages(ORIGIN)]
    assert 1.4 < (times[-1] - times[0]) / 1e9 < 3
    tenths = [sum(1 for t in times if lo <= (t - times[0]) / 1e8 < lo + 1) for lo in range(14)]
    assert max(tenths) <= 30, tenths


def test_a_high_rate_is_reached(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(20_000))
    publisher = world.run("publisher", "orders.new", "--lines", jobs, "--rate", "10000")
    assert publisher.code == OK and 1.9 < publisher.seconds


# ---- --window 1


def test_window_1_keeps_the_order_across_a_full_stream(world, tmp_path):
    world.js.create_stream(
        {"name": "small", "subjects": ["small.*"], "storage": "file", "discard": "new", "max_msgs": 10, "retention": "workqueue"}
    )
    try:
        jobs = [f"job {i}" for i in range(30)]
        options = "--lines", write(tmp_path / "jobs", jobs), "--window", "1"
        publisher = world.start("publisher", "small.new", *options)
        publisher.wait_for("the stream is full: waiting for room$")
        seen = []
        while publisher.running or world.js.count("small"):
            for message in world.js.messages("small"):
                seen.append(message.body)
                world.js.purge("small", seq=message.seq + 1)
        assert publisher.wait() == OK
        assert seen == jobs
    finally:
        world.js.delete_stream("small")


# ---- --progress


def in_a_terminal(world, *arguments):
    """What a terminal gets."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [BIN / "publisher", "orders.new", *map(str, arguments), "--server", world.server.url],
        env=environment(world.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        shown += piece
        if not piece:
            break
    os.close(master)
    assert process.wait(30) == OK, shown
    return shown.decode()


def test_a_bar_on_a_terminal(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(1000))
    shown = in_a_terminal(world, "--lines", jobs, "--rate", "1000")
    assert re.search(r"\[#+ *\] \d+ confirmed, \d+ in flight, \d+ jobs/s, \d+ %(, \d+s left)?\x1b\[K", shown), shown
    assert re.search(r"\x1b\[K[-0-9T:.]+Z confirmed 1000, ", shown), shown


def test_no_bar(world, tmp_path):
    jobs = write(tmp_path / "jobs", range(500))
    for options in ("--progress", "never"), ("--log-format", "json"):
        assert "\x1b" not in in_a_terminal(world, "--lines", jobs, "--rate", "1000", *options)
    assert " in flight" not in in_a_terminal(world, "--count", "3", "--interval", "300ms")


def test_a_line_in_a_log(world):
    publisher = world.start("publisher", "orders.new", "--progress", "always", "--count", "100", "--interval", "500ms")
    publisher.wait_for(r"Z \d+ confirmed, \d in flight, \d\.\d jobs/s, \d+ %, \d+s left$")
    publisher.stop()
