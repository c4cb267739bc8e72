"""Sources of jobs for publisher, their ids and headers, and --failed, the file of jobs that are not confirmed."""

import base64
import json
import os
import signal
import subprocess

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import CONFIG, DATAERR, OK, TEMPFAIL
from support.publisher import summary
from support.world import ORIGIN

def raw(message):
    return message.body.encode(errors="surrogateescape")


def bodies(world, stream=ORIGIN):
    return [raw(message) for message in world.js.messages(stream)]


def jsonl(path, *jobs):
    path.write_text("".join((job if isinstance(job, str) else json.dumps(job)) + "\n" for job in jobs))
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def small(world):
    yield world
    world.js.delete_stream("small")


def small_stream(world, **config):
    world.js.create_stream(
        {"name": "small", "subjects": ["small.*"], "retention": "workqueue", "storage": "file", "discard": "new", **config}
    )


# ---- kinds


@pytest.mark.parametrize("option", ["-0", "--null"])
def test_null_separates_jobs_by_nul_bytes(world, tmp_path, option):
    (tmp_path / "jobs").write_bytes(b"a\nb\0\0\xff\xfe\0last")
    assert world.run("publisher", "orders.new", option, tmp_path / "jobs").code == OK
    assert bodies(world) == [b"a\nb", b"", b"\xff\xfe", b"last"]


def test_each_file_is_a_job(world, tmp_path):
    contents = {"a": b"one\ntwo\n", "b": b"", "c": b"\0\xff", "d": b"x" * 300_000}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = [tmp_path / name for name in contents]
    publisher = world.run("publisher", "orders.new", "--each-file", *files, "--log-level", "debug")
    assert publisher.code == OK, publisher.text
    assert bodies(world) == list(contents.values())
    assert publisher.found(r"published \S+/(\w) as") == list(contents)


def test_each_file_takes_stdin_as_one_job(world):
    done = subprocess.run(
        [BIN / "publisher", "orders.new", "--each-file", "--id", "one", "--server", world.server.url],
        input=b"a\nb\n",
        env=environment(world.home),
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == OK, done.stderr
    [message] = world.js.messages(ORIGIN)
    assert raw(message) == b"a\nb\n" and message.headers["Nats-Msg-Id"] == "one"


@pytest.mark.parametrize("option", ["--lines", "--each-file", "--jsonl"])
def test_skip_empty_skips_empty_jobs(world, tmp_path, option):
    job = '{"body":"x"}' if option == "--jsonl" else "x"
    (tmp_path / "a").write_text(f"{job}" if option == "--each-file" else f"\n\n{job}\n\n")
    (tmp_path / "b").write_text("")
    publisher = world.run("publisher", "orders.new", option, "--skip-empty", tmp_path / "a", tmp_path / "b")
    assert publisher.code == OK, publisher.text
    assert bodies(world) == [b"x"]


def test_jsonl_sets_subject_id_headers_and_body(world, tmp_path):
    jobs = jsonl(
        tmp_path / "jobs",
        {"body": "plain"},
        {"subject": "orders.old", "id": "id-1", "headers": {"A": "1", "B": ["2", "3"]}, "body": "é\0\n"},
        {"body_base64": base64.b64encode(b"\xff\0").decode()},
        {},
    )
    publisher = world.run("publisher", "orders.new", "--jsonl", jobs, "--id-prefix", "p", "-H", "A: x", "-H", "C:y")
    assert publisher.code == OK, publisher.text
    messages = world.js.messages(ORIGIN)
    assert [raw(message) for message in messages] == [b"plain", "é\0\n".encode(), b"\xff\0", b""]
    assert [message.subject for message in messages] == ["orders.new", "orders.old", "orders.new", "orders.new"]
    assert [message.headers["Nats-Msg-Id"] for message in messages] == ["p-0", "id-1", "p-2", "p-3"]
    assert [message.headers["A"] for message in messages] == ["x", "1", "x", "x"]
    assert {message.headers["C"] for message in messages} == {"y"}
    assert messages[1].headers["B"] == "3"


def test_jsonl_without_any_subject_is_bad_input(world, tmp_path):
    jobs = jsonl(tmp_path / "jobs", {"subject": "orders.new", "body": "a"}, {"body": "b"})
    publisher = world.run("publisher", "--jsonl", jobs)
    assert publisher.code == DATAERR
    assert bodies(world) == [b"a"]
    assert publisher.found(r'jobs:2: not published: bad input: it has no "subject", and no SUBJECT is given$')


def test_bad_lines_are_reported_and_the_others_sent(world, tmp_path):
    bad = ["not json", {"bodi": "x"}, {"headers": {"A": "1\r\nNats-Rollup: all"}}, {"body": 3}]
    jobs = jsonl(tmp_path / "jobs", {"body": "a"}, *bad, {"body": "b"})
    publisher = world.run("publisher", "orders.new", "--jsonl", jobs, "--failed", tmp_path / "failed")
    assert publisher.code == DATAERR, publisher.text
    assert bodies(world) == [b"a", b"b"]
    assert publisher.found(r"jobs:(\d): not published: bad input: ") == ["2", "3", "4", "5"]
    assert publisher.found(r"unknown field 'bodi'") and publisher.found("header 'A' has a line break")
    assert publisher.found(r"failed 4 \(bad input 4\)")
    assert "4 of 6 jobs are bad input" in publisher.lines[-1]
    # As they are in the input, to be corrected.
    assert (tmp_path / "failed").read_text() == "".join(jobs.read_text().splitlines(keepends=True)[1:5])
    assert "run it again" not in publisher.text and "failed holds 4 to be corrected" in publisher.lines[-1]


def test_subjects_without_a_stream_fail_at_once_and_the_others_are_sent(world, tmp_path):
    """The streams are looked up once."""
    strays = [{"subject": f"nowhere.{i}", "body": f"stray {i}"} for i in range(3)]
    jobs = [{"subject": f"orders.{i}", "body": f"job {i}"} for i in range(2000)]
    file = jsonl(tmp_path / "jobs", *jobs[:1000], *strays, *jobs[1000:])
    publisher = world.run("publisher", "--jsonl", file, "--failed", tmp_path / "failed")
    assert publisher.code == TEMPFAIL and publisher.seconds < 15
    assert summary(publisher) == (2000, 0, 3)
    assert publisher.found(r"jobs:1001: not published: no stream: for the subject 'nowhere\.0'$")
    assert [job["body"] for job in read_jsonl(tmp_path / "failed")] == [f"stray {i}" for i in range(3)]


# ---- ids and headers


def test_id_sets_the_message_id(world):
    for expected in (1, 0, 0), (1, 1, 0):
        assert summary(world.run("publisher", "orders.new", "--id", "order-17", "--body", "x")) == expected
    [message] = world.js.messages(ORIGIN)
    assert message.headers["Nats-Msg-Id"] == "order-17"


def test_id_refuses_a_second_job(world, tmp_path):
    (tmp_path / "jobs").write_text("a\nb\n")
    publisher = world.run("publisher", "orders.new", "--lines", tmp_path / "jobs", "--id", "x")
    assert publisher.code == DATAERR
    assert publisher.found(r"jobs:2: not published: bad input: --id is for one job")
    assert bodies(world) == [b"a"]


def test_too_many_headers_are_refused_and_the_next_job_sent(world, tmp_path):
    """The server accepts 64 KiB of headers."""
    many = {f"H{i}": "v" for i in range(10_000)}
    jobs = jsonl(tmp_path / "jobs", {"headers": {f"H{i}": "v" for i in range(1000)}, "body": "a"}, {"headers": many}, {"body": "b"})
    publisher = world.run("publisher", "orders.new", "--jsonl", jobs, "--failed", tmp_path / "failed")
    assert publisher.code == DATAERR, publisher.text
    assert bodies(world) == [b"a", b"b"]
    assert len(world.js.messages(ORIGIN)[0].headers) == 1001
    [failed] = read_jsonl(tmp_path / "failed")
    assert len(failed["headers"]) == 10_000


# ---- sizes


def test_the_largest_body_fits_to_the_byte(world, tmp_path):
    """With its headers, a job may be as long as the server's maximum payload."""
    maximum = 1 << 20
    headers = len(b"NATS/1.0\r\nNats-Msg-Id: x\r\n\r\n")
    (tmp_path / "fits").write_bytes(b"\xff" * (maximum - headers))
    publisher = world.run("publisher", "orders.new", "--each-file", tmp_path / "fits", "--id", "x")
    assert publisher.code == OK, publisher.text
    (tmp_path / "over").write_bytes(b"\xff" * (maximum - headers + 1))
    failed = tmp_path / "failed"
    publisher = world.run("publisher", "orders.new", "--each-file", tmp_path / "over", "--id", "x", "--failed", failed)
    assert publisher.code == DATAERR
    assert publisher.found(r"over: not published: too large")
    assert not publisher.found("disconnected")
    [job] = read_jsonl(failed)
    assert base64.b64decode(job["body_base64"]) == b"\xff" * (maximum - headers + 1) and job["id"] == "x"


def test_large_bodies_are_bounded_in_bytes(world, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 1_000_000)
    files = [tmp_path / "big"] * 60
    assert world.run("publisher", "orders.new", "--each-file", *files).code == OK
    assert world.js.count(ORIGIN) == 60


# ---- --failed


def test_the_next_run_sends_the_failed_file(small, tmp_path):
    """It contains exactly the unconfirmed jobs with their subjects, ids and headers, and may be read and written in one run."""
    small_stream(small, max_msgs=10)
    lines = [b"job %d \xff" % i if i % 2 else b"job %d" % i for i in range(25)]
    (tmp_path / "jobs").write_bytes(b"\n".join(lines))
    failed, seen = tmp_path / "failed", []
    options = "--retry-for", "0", "--failed", failed, "-H", "A: 1"
    publisher = small.run("publisher", "small.new", "--lines", tmp_path / "jobs", "--id-prefix", "p", *options)
    for expected in (10, 0, 15), (10, 0, 5), (5, 0, 0):
        assert summary(publisher) == expected
        assert publisher.code == (TEMPFAIL if expected[2] else OK)
        seen += small.js.messages("small")
        assert len(read_jsonl(failed)) == expected[2]
        small.js.purge("small")
        if expected[2]:
            assert publisher.found(rf"publisher --jsonl \S+ sends the {expected[2]} jobs in it$")
            publisher = small.run("publisher", "--jsonl", failed, "--failed", failed, "--retry-for", "0")
    assert sorted(map(raw, seen)) == sorted(lines)
    assert {message.headers["Nats-Msg-Id"] for message in seen} == {f"p-{i}" for i in range(25)}
    assert {(message.subject, message.headers["A"]) for message in seen} == {("small.new", "1")}
    assert [path.name for path in tmp_path.glob("failed*")] == ["failed"]


def test_a_stop_writes_the_rest_to_the_failed_file(world, tmp_path):
    """The confirmed jobs and the file make up the input, each job once."""
    jobs = [b"job %d" % i for i in range(100_000)]
    (tmp_path / "jobs").write_bytes(b"\n".join(jobs))
    failed = tmp_path / "failed"
    publisher = world.start("publisher", "orders.new", "--lines", tmp_path / "jobs", "--failed", failed)
    world.eventually(lambda: world.js.count(ORIGIN) > 500, "it is under way")
    assert publisher.stop() == TEMPFAIL
    stored, rest = bodies(world), [job["body"].encode() for job in read_jsonl(failed)]
    assert sorted(stored + rest) == sorted(jobs)
    assert world.run("publisher", "--jsonl", failed).code == OK
    assert sorted(bodies(world)) == sorted(jobs)


def test_a_stop_counts_the_jobs_that_were_never_made(small, tmp_path):
    small_stream(small, max_msgs=10)
    options = "--count", "30", "--interval", "0", "--retry-for", "1s", "--failed", tmp_path / "failed"
    publisher = small.run("publisher", "small.new", *options)
    assert publisher.code == TEMPFAIL
    words = r"1 of 11 jobs not confirmed, and stopped before the end of the input \((?:1 not sent, )?(\d+) not generated\): "
    (unmade,) = publisher.found(words)
    (kept,) = publisher.found(r"publisher --jsonl \S+ sends the (\d+) jobs? in it$")
    assert 10 + int(kept) + int(unmade) == 30 and int(kept) == len(read_jsonl(tmp_path / "failed"))


def test_a_stop_at_full_speed_loses_nothing_that_was_read_from_a_pipe(world, tmp_path):
    """The confirmed jobs and the file are disjoint, and together whole jobs from the beginning of the input."""
    jobs = [b"job %d %s" % (i, b"x" * (i % 97)) for i in range(1_000_000)]
    (tmp_path / "jobs").write_bytes(b"\n".join(jobs))
    os.mkfifo(tmp_path / "pipe")
    failed = tmp_path / "failed"
    publisher = world.start("publisher", "orders.new", "--lines", tmp_path / "pipe", "--failed", failed)
    with (tmp_path / "pipe").open("wb") as pipe, subprocess.Popen(["cat", tmp_path / "jobs"], stdout=pipe) as cat:
        pipe.close()
        world.eventually(lambda: world.js.count(ORIGIN) > 5000, "it is under way")
        publisher.signal(signal.SIGINT)
        assert publisher.wait() == TEMPFAIL
        assert cat.wait() == -signal.SIGPIPE
    confirmed, _, lost = summary(publisher)
    stored, rest = bodies(world), [job["body"].encode() for job in read_jsonl(failed)]
    assert (len(stored), lost) == (confirmed, 0) and rest
    assert set(stored).isdisjoint(rest)
    assert sorted(stored + rest) == sorted(jobs[: len(stored) + len(rest)])


def test_a_line_without_its_end_is_not_sent_at_a_stop(world, tmp_path):
    """Nor is it written to the failed file."""
    os.mkfifo(tmp_path / "pipe")
    failed = tmp_path / "failed"
    publisher = world.start("publisher", "orders.new", "--lines", tmp_path / "pipe", "--failed", failed)
    with (tmp_path / "pipe").open("wb") as pipe:
        pipe.write(b"job 0\njob 1\nhalf a j")
        pipe.flush()
        world.eventually(lambda: world.js.count(ORIGIN) == 2, "the whole ones are in")
        assert publisher.stop() == TEMPFAIL
    assert bodies(world) == [b"job 0", b"job 1"]
    assert failed.read_bytes() == b""


def test_a_failed_file_that_cannot_be_written_is_refused(world, tmp_path):
    publisher = world.run("publisher", "orders.new", "--count", "1", "--failed", tmp_path / "no" / "file")
    assert publisher.code == CONFIG
    assert "cannot write" in publisher.lines[-1] and world.js.count(ORIGIN) == 0
    publisher = world.run("publisher", "orders.new", "--count", "1", "--failed", "/dev/full")
    assert publisher.code == OK, publisher.text


@pytest.mark.parametrize("target", ["jobs", "missing"])
def test_the_failed_file_follows_no_symbolic_link(world, tmp_path, target):
    """It might lead to the input, which would be emptied before it is read."""
    before = set(tmp_path.iterdir())
    jobs = jsonl(tmp_path / "jobs", {"subject": "orders.new", "body": "a"})
    link = tmp_path / "latest"
    link.symlink_to(target)
    publisher = world.run("publisher", "--jsonl", jobs, "--failed", link)
    assert publisher.code == CONFIG and "is a symbolic link" in publisher.lines[-1], publisher.text
    assert link.is_symlink() and read_jsonl(jobs) == [{"subject": "orders.new", "body": "a"}] and bodies(world) == []
    assert {path.name for path in set(tmp_path.iterdir()) - before} == {"jobs", "latest"}


def test_the_failed_file_may_be_stdout_by_name(world, tmp_path):
    """The link is like /dev/stdout: it stays, and so does the earlier content of the file on stdout."""
    jobs = jsonl(tmp_path / "jobs", {"subject": "no.stream", "body": "a"})
    link = tmp_path / "stdout"
    link.symlink_to("/proc/self/fd/1")
    with (tmp_path / "log").open("a") as log:
        log.write('{"body": "before"}\n')
        log.flush()
        publisher = world.run("publisher", "--jsonl", jobs, "--failed", link, "--retry-for", "0", stdout=log)
    assert publisher.code == TEMPFAIL, publisher.text
    assert [job["body"] for job in read_jsonl(tmp_path / "log")] == ["before", "a"] and link.is_symlink()


def test_a_failed_file_that_is_cut_short_is_kept_under_another_name(world, tmp_path):
    """As on a full disk."""
    jobs = jsonl(tmp_path / "jobs", *[{"subject": "no.stream", "body": f"{i:05}"} for i in range(1000)])
    limited = "sh", "-c", 'ulimit -f 8; exec "$@"', "sh"
    publisher = world.run("publisher", "--jsonl", jobs, "--failed", tmp_path / "failed", "--retry-for", "0", under=limited)
    [part] = publisher.found(r"cannot write '.*/failed': File too large; the jobs written so far are in '(.*)'$")
    assert publisher.code == CONFIG and not (tmp_path / "failed").exists()
    assert part.startswith(f"{tmp_path}/failed.") and '"body":"00000"' in open(part).readline()


def test_a_full_disk_is_named_with_the_failed_file(small, tmp_path):
    small_stream(small, max_msgs=1)
    publisher = small.run("publisher", "small.new", "--count", "3", "--interval", "0", "--retry-for", "0", "--failed", "/dev/full")
    assert publisher.code == CONFIG
    assert "cannot write '/dev/full': No space left" in publisher.lines[-1]
