"""Each check of `dlq doctor`, seen good and bad, with what it advises and the exit code of a monitoring check."""

import json
import shlex
import subprocess

import pytest

from support.localserver import LocalServer
from support.natsq import ADVISORIES, DLQ, OK, ORIGIN, PROCESSOR, World, environment, server, world  # noqa: F401
from support.operator import DEPS_BIN
from support.tamper import Tamper

GOOD, WARNING, CRITICAL = 0, 1, 2
SECOND = 1_000_000_000
HANDLERS = {
    "unprocessed_order_handler": f"{ADVISORIES}.*",
    "letter_handler": f"natsq.dead.{ORIGIN}.>",
}
CHECKS = {
    "jetstream",
    "version",
    "disk",
    "permissions",
    "origin",
    "dlq",
    "subjects",
    "replicas",
    "room",
    "consumers",
    "filters",
    "handlers",
    "history",
    "stalled",
    "unnoticed",
    "waiting",
    "held",
}


@pytest.fixture
def healthy(world):
    """Everything is there, and nothing to do."""
    make_worker(world)
    for name in HANDLERS:
        make_handler(world, name)
    return world


def make_worker(world, **changes):
    return world.js.create_consumer(ORIGIN, **{**PROCESSOR, "backoff": [5 * SECOND], **changes})


def make_handler(world, name, **changes):
    config = {"durable_name": name, "filter_subject": HANDLERS[name], "max_deliver": -1, "backoff": [15 * SECOND], **changes}
    return world.js.create_consumer(DLQ, **config)


def update(world, stream, **changes):
    world.js.api(f"STREAM.UPDATE.{stream}", {**world.js.stream(stream)["config"], **changes})


def make_anew(world, stream, **changes):
    config = {**world.js.stream(stream)["config"], **changes}
    world.js.delete_stream(stream)
    world.js.create_stream(config)


def doctor(world, *options, **how):
    """What it finds, by check; its exit code is that of the worst."""
    done = world.run("dlq", DLQ, ORIGIN, "doctor", "--json", *options, **how)
    rows = [json.loads(line) for line in done.out]
    assert done.lines == [], done.text
    ranks = [["good", "warning", "critical"].index(row["health"]) for row in rows]
    assert done.code == max(ranks) == ranks[0] and ranks == sorted(ranks, reverse=True)
    return rows


def bad(rows):
    return {(row["check"], row["health"]) for row in rows if row["health"] != "good"}


def the(rows, check):
    """The worst row of a check."""
    return next(row for row in rows if row["check"] == check)


def found(world, check, health, *options):
    """Runs it; the check has this finding and every other one is good."""
    rows = doctor(world, *options)
    assert bad(rows) == {(check, health)}, rows
    return the(rows, check)


def test_all_is_well(healthy):
    rows = doctor(healthy)
    assert bad(rows) == set()
    assert {row["check"] for row in rows} == CHECKS
    assert {key for row in rows for key in row} == {"check", "health", "text", "advice"}


def test_as_text(healthy):
    healthy.js.publish("orders.new", "order-0")
    done = healthy.run("dlq", DLQ, ORIGIN, "doctor")
    assert done.code == CRITICAL and done.lines == []
    assert done.out[0].split()[:2] == ["critical", "stalled"]
    assert done.out[1].strip() == "→ start its workers"
    assert {line.split()[1] for line in done.out if not line.startswith(" ")} == CHECKS


def test_it_changes_nothing(healthy):
    healthy.js.publish("orders.new", "order-0")
    healthy.js.publish_all([(f"{ADVISORIES}.processor", "x"), (f"natsq.dead.{ORIGIN}.processor.1.2", "x")])
    streams = [healthy.js.messages(stream) for stream in (ORIGIN, DLQ)]
    doctor(healthy)
    assert [healthy.js.messages(stream) for stream in (ORIGIN, DLQ)] == streams
    for stream, names in (ORIGIN, ["processor"]), (DLQ, HANDLERS):
        assert set(healthy.js.consumers(stream)) == set(names)
        for name in names:
            state = healthy.js.consumer(stream, name)
            assert (state["delivered"]["consumer_seq"], state["num_ack_pending"], state["num_waiting"]) == (0, 0, 0)
    assert healthy.js.consumer(DLQ, "letter_handler")["config"]["max_deliver"] == -1


def test_what_is_there_after_consumer_and_dlq_ran_is_good(world):
    assert world.consumer("--until-empty").wait() == OK
    dlq = world.dlq()
    world.eventually(lambda: set(world.js.consumers(DLQ)) == set(HANDLERS), "it runs")
    assert dlq.stop() == OK
    assert bad(doctor(world)) == set()


def test_no_server(world):
    [row] = doctor(world, "--server", "nats://127.0.0.1:1", server=False)
    assert (row["check"], row["health"]) == ("server", "critical")


@pytest.mark.parametrize("stream, check", [(ORIGIN, "origin"), (DLQ, "dlq")])
def test_a_stream_is_missing(healthy, stream, check):
    healthy.js.delete_stream(stream)
    assert "no stream" in found(healthy, check, "critical")["text"]


def test_a_usage_error_is_none_of_its_findings(world):
    assert world.run("dlq", DLQ, ORIGIN, "doctor", "--retries", "3").code == 64


@pytest.mark.parametrize("stream, check", [(ORIGIN, "origin"), (DLQ, "dlq")])
@pytest.mark.parametrize(
    "changes, health, words",
    [
        ({"deny_delete": False}, "warning", "--deny-delete"),
        ({"deny_purge": True}, "warning", "create-streams"),
        ({"max_age": 3600 * SECOND}, "warning", "--max-age=0"),
        ({"storage": "memory"}, "warning", "create-streams"),
        ({"discard": "old"}, "critical", "--discard=new"),
        ({"allow_direct": False}, "critical", "--allow-direct"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_stream_of_another_kind(world, stream, check, changes, health, words):
    make_anew(world, stream, **changes)
    make_worker(world)
    for name in HANDLERS:
        make_handler(world, name)
    rows = doctor(world)
    row = the(rows, check)
    assert row["health"] == health and stream in row["text"] and words in row["advice"]
    assert {name for name, _ in bad(rows)} <= {check, "unnoticed", "permissions"}
    if row["advice"].startswith("nats stream edit"):
        natscli(world, row["advice"])
        assert bad(doctor(world)) == set()


def test_no_work_queue(healthy):
    make_anew(healthy, ORIGIN, retention="limits")
    make_worker(healthy)
    assert "no work queue" in found(healthy, "origin", "critical")["text"]


@pytest.mark.parametrize("missing", ["advisories", "dead", "held"])
def test_the_dlq_lacks_subjects_and_the_command_adds_them(healthy, missing):
    subjects = {"advisories": f"{ADVISORIES}.*", "dead": f"natsq.dead.{ORIGIN}.>", "held": f"natsq.held.{ORIGIN}.>"}
    lacking = subjects.pop(missing)
    healthy.js.delete_consumer(DLQ, "letter_handler" if missing == "dead" else "unprocessed_order_handler")
    if missing == "held":
        make_handler(healthy, "unprocessed_order_handler")
    update(healthy, DLQ, subjects=["more.of.it", *subjects.values()])
    row = found(healthy, "subjects", "warning")
    assert lacking in row["text"]
    natscli(healthy, row["advice"])
    assert set(healthy.js.stream(DLQ)["config"]["subjects"]) == {"more.of.it", lacking, *subjects.values()}
    assert the(doctor(healthy), "subjects")["health"] == "good"


def natscli(world, command):
    words = shlex.split(command)
    assert words[0] == "nats"
    done = subprocess.run(
        [DEPS_BIN / "nats", "--server", world.server.url, *words[1:]],
        env=environment(world.home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr


def test_the_dlq_has_none_of_the_subjects(healthy):
    make_anew(healthy, DLQ, subjects=["something.else"])
    assert the(doctor(healthy), "subjects")["health"] == "critical"


class TestReplicas:
    @staticmethod
    def found(world, health, **changes):
        changes = {f"STREAM.INFO.{stream}": change for stream, change in changes.items()}
        with Tamper(world.server.url, changes):
            return found(world, "replicas", health, "--js-api-prefix", Tamper.PREFIX)

    def test_the_dlq_has_fewer(self, healthy):
        row = self.found(healthy, "warning", orders_stream=lambda info: info["config"].update(num_replicas=3))
        assert row["advice"] == f"nats stream edit {DLQ} -f --replicas=3"

    def test_one_copy_in_a_cluster(self, healthy):
        cluster = {"name": "C1", "leader": "n1", "replicas": []}
        row = self.found(healthy, "warning", orders_stream=lambda info: info.update(cluster=cluster))
        assert "--replicas=3" in row["advice"]

    @pytest.mark.parametrize("trouble", ["offline", "behind"])
    def test_a_copy_is_away(self, healthy, trouble):
        peers = [{"name": "n2", "current": False, "offline": trouble == "offline", "active": 5}]

        def change(info):
            info.update(cluster={"name": "C1", "leader": "n1", "replicas": peers})
            info["config"]["num_replicas"] = 3

        row = self.found(healthy, "warning", orders_stream=change, orders_unprocessed=change)
        assert "n2" in row["text"] and trouble in row["text"]

    def test_no_leader(self, healthy):
        def change(info):
            info.update(cluster={"name": "C1", "replicas": []})
            info["config"]["num_replicas"] = 3

        row = self.found(healthy, "critical", orders_stream=change, orders_unprocessed=change)
        assert "no leader" in row["text"]


def test_what_no_client_can_see_of_the_disk(healthy):
    row = the(doctor(healthy), "disk")
    assert row["health"] == "good" and "cannot be seen" in row["text"] and "sync_interval: always" in row["advice"]


@pytest.mark.parametrize("version", ["2.11.9", "2.9.10", None])
def test_an_old_server(healthy, version):
    def change(info):
        info["config"]["metadata"] = {"_nats.ver": version} if version else {}

    with Tamper(healthy.server.url, {f"STREAM.INFO.{ORIGIN}": change}):
        row = found(healthy, "version", "critical", "--js-api-prefix", Tamper.PREFIX)
    assert "2.12" in row["text"] and (version or "older than 2.11") in row["text"]


def test_a_consumer_ahead_of_its_stream(healthy):
    """As after the restore of an older copy; 2.15 mends what 2.12 does not."""
    ahead = {f"CONSUMER.INFO.{ORIGIN}.processor": lambda info: info["delivered"].update(stream_seq=1000)}
    with Tamper(healthy.server.url, ahead):
        row = found(healthy, "history", "critical", "--js-api-prefix", Tamper.PREFIX)
    assert "# 1000" in row["text"] and f"nats consumer rm {ORIGIN} processor" in row["advice"]


@pytest.mark.parametrize("limit", ["max_msgs", "max_bytes"])
@pytest.mark.parametrize("stream", [ORIGIN, DLQ])
def test_little_room(healthy, stream, limit):
    subject = "orders.new" if stream == ORIGIN else f"natsq.held.{ORIGIN}.processor.{{}}.1"
    healthy.js.publish_all((subject.format(i), "x" * 1000) for i in range(1, 97))
    used = healthy.js.stream(stream)["state"]
    amount = used["messages"] if limit == "max_msgs" else used["bytes"]
    for share, health in (0.70, "good"), (0.85, "warning"), (0.96, "critical"):
        update(healthy, stream, **{limit: int(amount / share)})
        row = the(doctor(healthy), "room")
        assert row["health"] == health, row
        if health != "good":
            assert stream in row["text"] and f"nats stream edit {stream} -f --{limit.replace('_', '-')}" in row["advice"]


class TestConsumers:
    def test_none(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        assert found(healthy, "consumers", "warning")["advice"] == f"consumer {ORIGIN} 'orders.*'"

    def test_both_ways_of_counting(self, healthy):
        assert "2 attempts, counted by the server" in the(doctor(healthy), "consumers")["text"]
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "7"})
        assert "7 attempts, counted by the workers" in the(doctor(healthy), "consumers")["text"]

    def test_no_limit(self, healthy):
        make_worker(healthy, max_deliver=-1)
        assert "--attempts" in found(healthy, "consumers", "warning")["advice"]

    def test_no_backoff(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, backoff=None)
        assert "--backoff" in found(healthy, "consumers", "warning")["advice"]

    def test_few_places(self, healthy):
        make_worker(healthy, max_ack_pending=4)
        assert "4 places" in found(healthy, "consumers", "warning")["text"]

    def test_several(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        make_worker(healthy, durable_name="other", filter_subject="orders.old", max_deliver=-1)
        row = the(doctor(healthy), "consumers")
        assert "other" in row["text"] and row["health"] == "warning"


class TestFilters:
    def test_they_leave_some_out(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        assert "orders.*" in found(healthy, "filters", "warning")["text"]

    def test_jobs_that_nobody_gets(self, healthy):
        healthy.js.delete_consumer(ORIGIN, "processor")
        make_worker(healthy, filter_subject="orders.new")
        healthy.js.publish_all([("orders.odd", "x")] * 3)
        row = found(healthy, "filters", "critical")
        assert row["text"].startswith("3 jobs") and "orders.odd" in row["text"]

    def test_two_together_leave_nothing_out(self, healthy):
        update(healthy, ORIGIN, subjects=["orders.*", "returns.*"])
        assert the(doctor(healthy), "filters")["health"] == "warning"
        make_worker(healthy, durable_name="returns", filter_subject="returns.*")
        assert bad(doctor(healthy)) == set()


class TestHandlers:
    @pytest.mark.parametrize("name", HANDLERS)
    def test_not_there(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        assert found(healthy, "handlers", "warning")["advice"] == f"dlq {DLQ} {ORIGIN}"

    @pytest.mark.parametrize("name", HANDLERS)
    def test_a_limit(self, healthy, name):
        make_handler(healthy, name, max_deliver=2)
        assert "--max-deliver=-1" in found(healthy, "handlers", "critical")["advice"]

    @pytest.mark.parametrize("name", HANDLERS)
    def test_another_filter(self, healthy, name):
        healthy.js.delete_consumer(DLQ, name)
        make_handler(healthy, name, filter_subject=HANDLERS[name].replace(ORIGIN, "another_stream"))
        rows = doctor(healthy)
        assert the(rows, "handlers")["health"] == "warning" and "another_stream" in the(rows, "handlers")["text"]

    def test_a_stranger_takes_letters(self, healthy):
        healthy.js.delete_consumer(DLQ, "letter_handler")
        healthy.js.create_consumer(DLQ, durable_name="mine", filter_subject=f"natsq.dead.{ORIGIN}.*.*.*")
        rows = doctor(healthy)
        assert bad(rows) == {("handlers", "warning"), ("handlers", "critical")}
        assert the(rows, "handlers")["advice"] == f"nats consumer rm {DLQ} mine -f"


class TestStalled:
    def test_nobody_works(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        assert found(healthy, "stalled", "critical")["advice"] == "start its workers"

    def test_those_who_took_jobs_ask_for_no_more(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 2)
        healthy.js.pull(ORIGIN, "processor", 1)
        assert "1 jobs wait, 1 are in work" in found(healthy, "stalled", "warning")["text"]

    def test_somebody_works(self, healthy):
        healthy.js.publish("orders.new", "order-0")
        consumer = healthy.consumer("--fail-rate", "1", "--backoff", "1m")
        consumer.wait_for("error processing")
        assert the(doctor(healthy), "stalled")["health"] == "good"
        assert consumer.stop() == OK

    def test_all_places_are_taken(self, healthy):
        make_worker(healthy, max_ack_pending=100)
        healthy.js.publish_all([("orders.new", "x")] * 101)
        healthy.js.pull(ORIGIN, "processor", 100)
        rows = [row for row in doctor(healthy) if row["check"] == "stalled"]
        assert any("all its 100 places" in row["text"] for row in rows)

    def test_paused(self, healthy):
        healthy.js.api(f"CONSUMER.PAUSE.{ORIGIN}.processor", {"pause_until": "2099-01-01T00:00:00Z"})
        row = found(healthy, "stalled", "warning")
        assert "paused" in row["text"]
        natscli(healthy, row["advice"] + " -f")
        assert bad(doctor(healthy)) == set()


class TestUnnoticed:
    def test_dead_jobs_without_a_letter(self, healthy):
        healthy.js.publish_all([("orders.new", "x")] * 3)
        healthy.kill_jobs()
        healthy.js.purge(DLQ)
        row = found(healthy, "unnoticed", "warning")
        assert row["text"] == "3 dead jobs have no letter" and row["advice"].startswith(f"dlq {DLQ} {ORIGIN} sweep")
        assert healthy.run("dlq", DLQ, ORIGIN, "sweep", "--sweep-wait", "100ms").code == OK
        assert the(doctor(healthy), "unnoticed")["health"] == "good"

    def test_a_letter_by_reference_is_a_letter(self, healthy):
        healthy.js.publish("orders.new", "x" * (2**20 - 100))
        healthy.kill_jobs()
        dlq = healthy.dlq("--retries", "0")
        healthy.eventually(healthy.held, "it is held")
        assert dlq.stop() == OK
        assert bad(doctor(healthy)) == {("held", "warning")}

    def test_skipped_jobs(self, healthy):
        make_worker(healthy, filter_subject="orders.new", max_deliver=-1, metadata={"natsq.attempts": "5"})
        healthy.js.publish_all((f"orders.{kind}", kind) for kind in ("old", "new"))
        assert healthy.start("consumer", ORIGIN, "orders.new", "--until-empty").wait() == OK
        make_worker(healthy, max_deliver=-1, metadata={"natsq.attempts": "5"})
        assert "1 jobs will not be delivered again" in found(healthy, "unnoticed", "warning")["text"]


class TestWaiting:
    def test_letters_and_nobody_runs(self, healthy):
        healthy.js.publish_all((f"natsq.dead.{ORIGIN}.processor.{i}.1", "x") for i in range(3))
        row = found(healthy, "waiting", "warning")
        assert row["text"].startswith("3 ") and row["advice"] == f"dlq {DLQ} {ORIGIN}"

    def test_somebody_runs(self, healthy):
        dlq = healthy.dlq()
        healthy.eventually(lambda: healthy.js.consumer(DLQ, "letter_handler")["num_waiting"], "it runs")
        assert the(doctor(healthy), "waiting")["health"] == "good"
        assert dlq.stop() == OK


def test_held_letters(healthy):
    healthy.js.publish_all((f"natsq.held.{ORIGIN}.processor.{i}.1", "x") for i in range(1, 301))
    row = found(healthy, "held", "warning")
    assert row["text"].startswith("300 letters")


# ---- what a user may

USERS = """
accounts {
  APP { jetstream: enabled, users: [
    { user: app, password: app }
    { user: few, password: few, permissions: { publish: { deny: [%s] } } }
  ] }
  PLAIN { users: [ { user: plain, password: plain } ] }
}
no_auth_user: app
"""
DENIED = {
    "$JS.API.STREAM.MSG.GET.orders_stream": "collect",
    "$JS.API.DIRECT.GET.orders_stream": "sweep",
    "$JS.API.DIRECT.GET.orders_unprocessed": "list",
    "$JS.API.STREAM.PURGE.>": "retry and discard",
    "$JS.API.CONSUMER.CREATE.orders_unprocessed.>": "run",
    "$JS.API.CONSUMER.MSG.NEXT.>": "run",
    "$JS.ACK.orders_stream.>": "retire",
    "natsq.>": "letters",
}


@pytest.fixture(scope="module")
def guarded_server(tmp_path_factory):
    config = tmp_path_factory.mktemp("guarded") / "users.conf"
    config.write_text(USERS % ", ".join(json.dumps(subject) for subject in DENIED))
    with LocalServer().start(fast=True, config=config) as started:
        yield started


@pytest.fixture
def guarded(guarded_server, tmp_path):
    made = World(guarded_server, tmp_path)
    made.create_streams()
    make_worker(made)
    for name in HANDLERS:
        make_handler(made, name)
    yield made
    made.close()


def test_a_user_who_may_do_it_all(guarded):
    assert bad(doctor(guarded, "--user", "app", "--password", "app")) == set()


def test_a_user_who_may_do_little(guarded):
    rows = doctor(guarded, "--user", "few", "--password", "few", "--log-level", "error")
    told = [row["text"] for row in rows if (row["check"], row["health"]) == ("permissions", "critical")]
    for subject, use in DENIED.items():
        prefix = subject.removesuffix(">")
        assert any(prefix in text and use in text for text in told), (subject, told)
    assert len(told) == len(DENIED)


def test_an_account_without_jetstream(guarded):
    rows = doctor(guarded, "--user", "plain", "--password", "plain")
    assert {("jetstream", "critical"), ("origin", "critical"), ("dlq", "critical")} <= bad(rows)
