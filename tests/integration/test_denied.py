"""A permission that is missing ends a program at once, with 77 and the subject; a permission that is not needed may be
denied."""

import json
import signal

import pytest

from support.exit_codes import NOPERM, OK, UNAVAILABLE
from support.handler_command import Gate, PATIENT, sh, work
from support.local_server import LocalServer
from support.world import DLQ, ORIGIN, World, own_world

AT_ONCE_SECONDS = 3  # the default of --timeout is 5 s
API = "$JS.API."
WORKER, LIST, RUN = ("consumer", ORIGIN, "orders.*"), ("dlq", DLQ, ORIGIN, "list"), ("dlq", DLQ, ORIGIN)
NEEDED = [
    (WORKER, f"{API}STREAM.INFO.{ORIGIN}"),
    (WORKER, f"{API}CONSUMER.INFO.{ORIGIN}.processor"),
    (WORKER, f"{API}CONSUMER.CREATE.{ORIGIN}.processor"),
    (WORKER, f"{API}CONSUMER.MSG.NEXT.{ORIGIN}.processor"),
    (LIST, f"{API}STREAM.INFO.{ORIGIN}"),
    (LIST, f"{API}STREAM.INFO.{DLQ}"),
    (LIST, f"{API}DIRECT.GET.{DLQ}"),
    ((*LIST[:3], "stats"), f"{API}DIRECT.GET.{DLQ}"),
    ((*LIST[:3], "sweep"), f"{API}CONSUMER.NAMES.{ORIGIN}"),
    ((*LIST[:3], "discard", "--all", "--yes"), f"{API}STREAM.PURGE.{DLQ}"),
    ((*LIST[:3], "retry", "--all", "--yes"), "orders.new"),
    ((*LIST[:3], "hold", "--all", "--yes"), f"{API}CONSUMER.CREATE.{DLQ}.letter_handler"),
    (RUN, f"{API}CONSUMER.INFO.{DLQ}.letter_handler"),
    (RUN, f"{API}CONSUMER.MSG.NEXT.{DLQ}.letter_handler"),
    (RUN, f"{API}STREAM.MSG.GET.{ORIGIN}"),
    (RUN, "natsq.dead.orders_stream.>"),
]
PROGRAMS = [WORKER, LIST, RUN, ("publisher", "orders.new")]


def permissions(**rules):
    return "permissions: " + json.dumps(rules)


def make_config(path):
    users = [f"user: u{i}, password: p, " + permissions(publish={"deny": [subject]}) for i, (_, subject) in enumerate(NEEDED)]
    only = {"allow": ["orders.>", "jobs.>"]}
    users += [
        "user: app, password: p",
        "user: publishes, password: p, " + permissions(publish=only, subscribe={"allow": ["_INBOX.>"]}),
        "user: hears_nothing, password: p, " + permissions(subscribe={"deny": [">"]}),
        "user: looks, password: p, " + permissions(publish={"allow": [f"{API}STREAM.INFO.*"]}, subscribe={"allow": ["_INBOX.>"]}),
        "user: no_orders, password: p, " + permissions(publish={"deny": ["orders.>"]}),
    ]
    path.write_text("accounts { APP { jetstream: enabled, users: [%s] } }\nno_auth_user: app\n" % ", ".join("{%s}" % user for user in users))
    return path


@pytest.fixture(scope="module")
def denying(tmp_path_factory):
    config = make_config(tmp_path_factory.mktemp("denying") / "users.conf")
    with LocalServer().start(fast=True, config=config) as started:
        yield started


@pytest.fixture
def world(denying, tmp_path):
    made = World(denying, tmp_path)
    made.create_streams()
    yield made
    made.close()


def run_as(world, user, *program):
    return world.run(*program, "--user", user, "--password", "p")


def assert_denied(run, subject):
    assert run.code == NOPERM, run.text
    assert subject.removesuffix(">") in run.lines[-1], run.text
    assert run.seconds < AT_ONCE_SECONDS, run.text


@pytest.mark.parametrize("i", range(len(NEEDED)), ids=lambda i: f"{NEEDED[i][0][-1]}-{NEEDED[i][1].removeprefix(API)}")
def test_a_denied_request_ends_the_program_with_its_subject(world, i):
    program, subject = NEEDED[i]
    world.js.publish("orders.new", "order-0")
    world.kill_jobs()
    if "discard" in program or "retry" in program:
        letters = world.dlq("--retries", "0")
        world.eventually(world.held, "it is held")
        assert letters.stop() == OK
    world.js.delete_consumer(ORIGIN, "processor") if "CREATE.orders_stream" in subject else None
    for name in world.js.consumers(DLQ) if "CREATE" in subject else []:
        world.js.delete_consumer(DLQ, name)
    assert_denied(run_as(world, f"u{i}", *program), subject)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program[0] + program[-1])
def test_a_denied_inbox_ends_the_program(world, program):
    assert_denied(run_as(world, "hears_nothing", *program), "_INBOX.")


# ---- the publisher


def publish(world, *arguments, user="publishes", subject=("orders.new",)):
    return run_as(world, user, "publisher", *subject, *arguments)


def test_a_user_who_may_only_publish_can_publish(world, tmp_path):
    """It works without looking up streams, and without a warning."""
    many = tmp_path / "jobs.jsonl"
    many.write_text("".join(json.dumps({"subject": f"orders.{i % 7}", "body": f"{i}"}) + "\n" for i in range(500)))
    runs = [
        publish(world, "--count", "3", "--interval", "0s"),
        publish(world, "--jsonl", many, subject=()),
        publish(world, "--jsonl", many),
    ]
    for run in runs:
        assert run.code == OK and run.seconds < AT_ONCE_SECONDS, run.text
        assert not run.found("WARNING|Permissions"), run.text
    assert world.js.count(ORIGIN) == 1003


def test_a_user_who_may_only_publish_learns_that_no_stream_has_the_subject(world):
    run = publish(world, "--count", "1", "--retry-for", "1s", subject=("jobs.new",))
    assert run.code == UNAVAILABLE, run.text
    assert "no stream" in run.lines[-1]


def test_a_user_who_may_not_publish_learns_the_subject(world, tmp_path):
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps({"subject": "orders.a", "body": "x"}) + "\n")
    assert_denied(publish(world, "--count", "3", user="no_orders"), "'orders.new'")
    assert_denied(publish(world, "--jsonl", jobs, user="no_orders", subject=()), "'orders.a'")
    assert_denied(publish(world, "--count", "1", subject=("other.new",)), "'other.new'")
    assert world.js.count(ORIGIN) == 0


# ---- while it runs


def test_a_withdrawn_permission_ends_until_empty_after_the_running_handler(tmp_path):
    """Without it --until-empty could never see that the queue is empty. The running handler finishes first, however short the
    grace."""
    config = tmp_path / "users.conf"

    def configure(*denied):
        users = "{user: app, password: p}, {user: worker, password: p, %s}" % permissions(publish={"deny": denied})
        config.write_text("accounts { APP { jetstream: enabled, users: [%s] } }\nno_auth_user: app\n" % users)

    configure("none")
    with own_world(tmp_path, config=config) as world:
        world.js.publish("orders.new", "order-0")
        gate = Gate(world)
        who = "--user", "worker", "--password", "p"
        worker = work(world, sh(Gate.WAIT, gate), "--until-empty", "-j", "2", "--grace", "10ms", *PATIENT, *who)
        world.eventually(lambda: gate.lines, "it runs")
        configure(f"{API}CONSUMER.INFO.>")
        world.server.signal(signal.SIGHUP)
        worker.wait_for("Permissions Violation for Publish")
        gate.open()
        assert worker.wait() == NOPERM and f"{API}CONSUMER.INFO.{ORIGIN}.processor" in worker.lines[-1], worker.text
        assert gate.lines == ["1 1"] and world.js.count(ORIGIN) == 0


def test_watch_shows_what_may_be_read(world):
    """At the pace of --every: what is denied is known at once."""
    world.js.publish("orders.new", "order-0")
    watch = world.dlq("watch", "--every", "100ms", "--user", "looks", "--password", "p")
    world.eventually(lambda: len(watch.out) >= 10, "ten lines", within=AT_ONCE_SECONDS)
    line = dict(pair.split("=") for pair in watch.out[-1].split(" "))
    assert (line["origin_messages"], line["pending"], line["oldest_job"], line["waiting"]) == ("1", "-", "-", "-")
    assert watch.stop() == OK and watch.lines == []


def test_stats_without_permission_to_look_at_consumers(world):
    names = f"{API}CONSUMER.NAMES.{ORIGIN}"
    user = next(f"u{i}" for i, (_, subject) in enumerate(NEEDED) if subject == names)
    stats = run_as(world, user, *LIST[:3], "stats")
    assert stats.code == OK and stats.seconds < AT_ONCE_SECONDS, stats.text
    assert any(line.startswith("jobs     not known") for line in stats.out), stats.out
