"""publisher against a real server: every job that it reports as confirmed is stored, once."""

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from support.build import BIN
from support.environment import environment
from support.exit_codes import OK, TEMPFAIL
from support.publisher import bodies, fifo, own, summary, write
from support.world import ORIGIN


# ---- the walk-through


def test_the_default_publishes_twenty_numbered_orders(world):
    publisher = world.run("publisher", "orders.new", "--interval", "10ms")
    assert publisher.code == OK, publisher.text
    assert publisher.found(r"^\S+ published order no\. (\d+)$") == [str(i) for i in range(20)]
    messages = world.js.messages(ORIGIN)
    assert [message.body for message in messages] == [f"order-{i}" for i in range(20)]
    assert {message.subject for message in messages} == {"orders.new"}
    assert len({message.headers["Nats-Msg-Id"] for message in messages}) == 20
    assert summary(publisher) == (20, 0, 0)
    assert publisher.out == []


def test_two_runs_share_no_message_ids(world):
    for _ in range(2):
        assert world.run("publisher", "orders.new", "--count", "3", "--interval", "1ms").code == OK
    assert Counter(bodies(world)) == {"order-0": 2, "order-1": 2, "order-2": 2}


def test_a_rate_alone_sets_the_pace(world):
    """Without the walk-through's interval of a second between two jobs."""
    publisher = world.run("publisher", "orders.new", "--rate", "100")
    assert publisher.code == OK, publisher.text
    assert publisher.found(r"published order no\. (\d+)$") == [str(i) for i in range(20)]
    times = [message.ns for message in world.js.messages(ORIGIN)]
    assert 0.15 < (times[-1] - times[0]) / 1e9 < 10


def test_the_interval_does_not_drift(world):
    publisher = world.run("publisher", "orders.new", "--count", "11", "--interval", "100ms")
    assert publisher.code == OK
    times = [message.ns for message in world.js.messages(ORIGIN)]
    assert 0.95 < (times[-1] - times[0]) / 1e9 < 1.5


@pytest.mark.parametrize(
    ["template", "expected"],
    [
        ("job {n} of {n}", ["job 0 of 0", "job 1 of 1"]),
        ('{"order": 17}', ['{"order": 17}'] * 2),
        ("%s%n{}{n", ["%s%n{}{n"] * 2),
    ],
)
def test_the_body_template_numbers_its_jobs(world, template, expected):
    assert world.run("publisher", "orders.new", "--count", "2", "--interval", "0", "--body", template).code == OK
    assert bodies(world) == expected


def test_a_body_is_one_job(world):
    publisher = world.run("publisher", "orders.new", "--body", "hello {n}")
    assert publisher.code == OK and publisher.found(r"published order no\. (\d+)$") == ["0"]
    assert bodies(world) == ["hello 0"]


def test_the_default_connection_name_shows_the_subject(world):
    publisher = world.start("publisher", "orders.new")
    publisher.wait_for(r"published order no\. 0$")
    assert "publisher_orders.new" in world.connection_names()
    assert publisher.stop() == TEMPFAIL
    assert "stopped before the end of the input" in publisher.lines[-1]
    assert summary(publisher)[0] == world.js.count(ORIGIN)


def test_the_connection_name_can_be_chosen(world):
    publisher = world.start("publisher", "orders.new", "--connection-name", "nightly")
    publisher.wait_for(r"published order no\. 0$")
    assert "nightly" in world.connection_names()


# ---- --lines


def test_lines_come_from_stdin(world):
    jobs = [f"job {i}" for i in range(10_000)]
    done = subprocess.run(
        [BIN / "publisher", "orders.bulk", "--lines", "--server", world.server.url],
        input="\n".join(jobs),
        env=environment(world.home),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == OK, done.stderr
    assert Counter(bodies(world)) == Counter(jobs)
    _, line = done.stderr.splitlines()
    assert re.search(r"confirmed 10000, duplicates \d+, failed 0, \d+\.\d s, [\d.]+ jobs/s$", line)


def test_lines_keep_their_order_and_their_bytes(world, tmp_path):
    odd = tmp_path / "odd"
    odd.write_bytes(b"first\n\n  blanks \nnul\0nul\n\xff\xfe\r\nlast without newline")
    empty = write(tmp_path / "empty", [])
    more = write(tmp_path / "more", ["more-0", "x" * 200_000])
    publisher = world.run("publisher", "orders.new", "--lines", odd, empty, more, "--log-level", "debug")
    assert publisher.code == OK, publisher.text
    raw = [body.encode(errors="surrogateescape") for body in bodies(world)]
    expected = [b"first", b"", b"  blanks ", b"nul\0nul", b"\xff\xfe\r", b"last without newline", b"more-0"]
    assert raw == [*expected, b"x" * 200_000]
    assert publisher.found(r"published \S+/(\w+:\d+) as stream sequence # \d+$") == [
        *(f"odd:{i}" for i in range(1, 7)),
        "more:1",
        "more:2",
    ]


def test_jobs_are_confirmed_while_the_input_is_slow(own, fifo):
    """Also across a restart of the server."""
    options = "--lines", fifo.path, "--log-level", "debug", "--timeout", "500ms"
    publisher = own.start("publisher", "orders.new", *options)
    fifo.feed("a")
    publisher.wait_for(r"published \S+:1 as")
    own.server.kill()
    publisher.wait_for("disconnected")
    fifo.feed("b", "c")
    own.server.restart()
    publisher.wait_for(r"published \S+:3 as")
    publisher.stop()
    assert bodies(own) == ["a", "b", "c"]


def test_memory_does_not_grow_with_the_input(world, tmp_path, fifo):
    if b"__asan" in (BIN / "publisher").read_bytes() or b"__tsan" in (BIN / "publisher").read_bytes():
        pytest.skip("a sanitizer takes memory of its own")
    jobs = write(tmp_path / "jobs", (f"job {i}" for i in range(200_000)))
    publisher = world.start("publisher", "orders.new", "--lines", jobs, fifo.path)  # the FIFO keeps it alive
    world.eventually(lambda: world.js.count(ORIGIN) == 200_000, "all are in")
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{publisher.process.pid}/status").read_text())
    publisher.stop()
    assert int(peak) < 16 * 1024


# ---- stored once in any case


def test_each_job_is_stored_once_when_the_server_is_killed(own, tmp_path):
    jobs = [f"job {i}" for i in range(60_000)]
    publisher = own.start("publisher", "orders.bulk", "--lines", write(tmp_path / "jobs", jobs), "--timeout", "1s")
    own.eventually(lambda: own.js.count(ORIGIN) > 1000, "it is under way")
    own.server.kill()
    assert publisher.running, publisher.text
    own.server.restart()
    assert publisher.wait(60) == OK, publisher.text
    assert publisher.found("disconnected") and publisher.found("reconnected")
    assert own.js.count(ORIGIN) == len(jobs)
    assert set(bodies(own)) == set(jobs)
    assert summary(publisher)[::2] == (len(jobs), 0)


def test_numbered_orders_are_stored_once_when_the_server_is_killed(own):
    publisher = own.start("publisher", "orders.new", "--interval", "50ms", "--timeout", "500ms")
    publisher.wait_for(r"published order no\. 5$")
    own.server.kill()
    publisher.wait_for("disconnected")
    own.server.restart()
    assert publisher.wait() == OK, publisher.text
    assert publisher.found(r"published order no\. (\d+)$") == [str(i) for i in range(20)]
    assert bodies(own) == [f"order-{i}" for i in range(20)]


def test_a_second_run_with_the_same_ids_stores_nothing(world, tmp_path):
    jobs = write(tmp_path / "jobs", [f"job {i}" for i in range(100)])
    for duplicates in 0, 100:
        publisher = world.run("publisher", "orders.new", "--lines", jobs, "--id-prefix", "monday")
        assert publisher.code == OK, publisher.text
        assert summary(publisher) == (100, duplicates, 0)
    messages = world.js.messages(ORIGIN)
    assert [message.headers["Nats-Msg-Id"] for message in messages] == [f"monday-{i}" for i in range(100)]


# ---- stops


def test_a_stop_names_the_id_prefix_for_the_next_run(world, fifo):
    publisher = world.start("publisher", "orders.new", "--lines", fifo.path)
    fifo.feed(*(f"job {i}" for i in range(500)))
    world.eventually(lambda: world.js.count(ORIGIN) == 500, "all are in")
    assert publisher.stop() == TEMPFAIL
    assert summary(publisher) == (500, 0, 0)
    assert re.search(r"ERROR: stopped before the end of the input: run it again with --id-prefix \w+, so that nothing is stored twice$", publisher.lines[-1])


def test_a_stop_at_full_speed_waits_for_confirmations(world, tmp_path):
    jobs = [f"job {i}" for i in range(1_000_000)]
    publisher = world.start("publisher", "orders.new", "--lines", write(tmp_path / "jobs", jobs))
    world.eventually(lambda: world.js.count(ORIGIN) > 500, "it is under way")
    assert publisher.stop() == TEMPFAIL
    confirmed, _, failed = summary(publisher)
    assert failed == 0
    assert 500 < confirmed == world.js.count(ORIGIN) < len(jobs)


def test_a_stop_without_a_server_ends_after_the_grace(own):
    """The jobs in flight are reported as not confirmed."""
    publisher = own.start("publisher", "orders.new", "--interval", "0s", "--count", "10000000", "--grace", "300ms")
    publisher.wait_for(r"published order no\. 1$")
    own.server.kill()
    publisher.wait_for("disconnected")
    assert publisher.stop(within=10) == TEMPFAIL
    assert publisher.found(r"not published: not confirmed$")
    assert re.search(r"ERROR: 1 of \d+ jobs not confirmed, and stopped before the end", publisher.lines[-1])


def test_a_second_signal_ends_it_at_once(own):
    publisher = own.start("publisher", "orders.new", "--interval", "10ms", "--count", "1000", "--grace", "1m")
    publisher.wait_for(r"published order no\. 1$")
    own.server.kill()
    publisher.wait_for("disconnected")
    while publisher.running:  # two that arrive at the same time count as one
        publisher.signal()
    assert publisher.wait() == 128 + 15
