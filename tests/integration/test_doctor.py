"""`dlq doctor`: its findings about the server and the streams, good and bad, and its exit code."""

import json
import re

import pytest

from support.api_proxy import ApiProxy
from support.doctor import (
    CHECKS,
    CRITICAL,
    HANDLERS,
    carry_out,
    doctor,
    healthy,
    make_handler,
    make_worker,
    not_good,
    only_finding,
    recreate_stream,
    update,
    worst,
)
from support.exit_codes import OK
from support.jetstream import SECOND
from support.terminal import on_terminal
from support.world import ADVISORIES, DLQ, ORIGIN


def test_a_healthy_world_has_every_check_good(healthy):
    rows = doctor(healthy)
    assert not_good(rows) == set()
    assert {row["check"] for row in rows} == CHECKS
    assert {key for row in rows for key in row} == {"check", "health", "text", "advice"}


def test_the_text_lists_the_worst_first_with_its_advice(healthy):
    healthy.js.publish("orders.new", "order-0")
    done = healthy.run("dlq", DLQ, ORIGIN, "doctor")
    assert done.code == CRITICAL and done.lines == []
    assert done.out[0].split()[:2] == ["critical", "stalled"]
    assert done.out[1].strip().startswith("→ start its workers, or see in the log of those that run why jobs fail: ") and done.out[1].endswith(" -- COMMAND")
    assert {line.split()[1] for line in done.out if not line.startswith(" ")} == CHECKS


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_words_are_wrapped_at_the_width_of_a_terminal_and_commands_are_not(healthy, columns):
    healthy.js.publish("orders.new", "order-0")
    recreate_stream(healthy, DLQ, deny_delete=False)
    shown = on_terminal(healthy, columns, "dlq", DLQ, ORIGIN, "doctor", LC_ALL="C.UTF-8")
    rows = doctor(healthy)
    commands = [row["command"] for row in rows if "command" in row]
    assert shown.code == CRITICAL and len(commands) >= 2
    for command in commands:
        assert any(line.endswith(f" {command}") for line in shown.lines), (command, shown.text)
    assert all(len(line.rpartition("\x1b[K")[2]) <= columns or line.endswith(tuple(commands)) for line in shown.lines), shown.text
    counts = [sum(row["health"] == health for row in rows) for health in ("critical", "warning")]
    assert re.search("{} critical, {} warnings?: at the top$".format(*counts), shown.text.rstrip()), shown.text
    words = " ".join(shown.text.split())
    for row in rows:  # up to what changes meanwhile
        assert row["text"].split(", ")[0] in words and row.get("advice", "").split(": ")[0] in words


def test_doctor_changes_nothing(healthy):
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


def test_what_consumer_and_dlq_create_is_good(world):
    assert world.consumer("--until-empty").wait() == OK
    dlq = world.dlq()
    world.eventually(lambda: set(world.js.consumers(DLQ)) == set(HANDLERS), "it runs")
    assert dlq.stop() == OK
    assert not_good(doctor(world)) == set()


def test_a_missing_server_is_critical(world):
    [row] = doctor(world, "--server", "nats://127.0.0.1:1", server=False)
    assert (row["check"], row["health"]) == ("server", "critical")


@pytest.mark.parametrize("stream, check", [(ORIGIN, "origin"), (DLQ, "dlq")])
def test_a_missing_stream_is_critical(healthy, stream, check):
    healthy.js.delete_stream(stream)
    assert "no stream" in only_finding(healthy, check, "critical")["text"]


def test_a_usage_error_is_no_finding(world):
    assert world.run("dlq", DLQ, ORIGIN, "doctor", "--retries", "3").code == 64


@pytest.mark.parametrize("stream, check", [(ORIGIN, "origin"), (DLQ, "dlq")])
@pytest.mark.parametrize(
    "changes, health, words",
    [
        ({"deny_delete": False}, "warning", "--deny-delete"),
        ({"max_age": 3600 * SECOND}, "critical", "--max-age=0"),
        ({"storage": "memory"}, "warning", "create-streams"),
        ({"discard": "old"}, "critical", "--discard=new"),
        ({"allow_direct": False}, "critical", "--allow-direct"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_stream_setting_is_found_and_the_advice_mends_it(world, stream, check, changes, health, words):
    recreate_stream(world, stream, **changes)
    make_worker(world)
    for name in HANDLERS:
        make_handler(world, name)
    rows = doctor(world)
    row = worst(rows, check)
    assert row["health"] == health and stream in row["text"] and words in row["advice"]
    assert {name for name, _ in not_good(rows)} <= {check, "unnoticed", "permissions"}
    if "command" in row:
        carry_out(world, row)
        assert not_good(doctor(world)) == set()


def test_deny_purge_matters_only_on_the_dlq_stream(healthy):
    update(healthy, ORIGIN, deny_purge=True)
    assert not_good(doctor(healthy)) == set()
    update(healthy, DLQ, deny_purge=True)
    assert "dlq export" in only_finding(healthy, "dlq", "critical")["advice"]


def test_an_origin_that_is_no_work_queue_is_critical(healthy):
    recreate_stream(healthy, ORIGIN, retention="limits")
    make_worker(healthy)
    assert "not a work queue" in only_finding(healthy, "origin", "critical")["text"]


@pytest.mark.parametrize("missing", ["advisories", "dead", "held"])
def test_missing_subjects_are_found_and_the_advice_adds_them(healthy, missing):
    subjects = {"advisories": f"{ADVISORIES}.*", "dead": f"natsq.dead.{ORIGIN}.>", "held": f"natsq.held.{ORIGIN}.>"}
    lacking = subjects.pop(missing)
    healthy.js.delete_consumer(DLQ, "letter_handler" if missing == "dead" else "unprocessed_order_handler")
    if missing == "held":
        make_handler(healthy, "unprocessed_order_handler")
    update(healthy, DLQ, subjects=["more.of.it", *subjects.values()])
    row = only_finding(healthy, "subjects", "warning")
    assert lacking in row["text"]
    carry_out(healthy, row)
    assert set(healthy.js.stream(DLQ)["config"]["subjects"]) == {"more.of.it", lacking, *subjects.values()}
    assert worst(doctor(healthy), "subjects")["health"] == "good"


def test_a_dlq_stream_without_any_of_the_subjects_is_critical(healthy):
    recreate_stream(healthy, DLQ, subjects=["something.else"])
    assert worst(doctor(healthy), "subjects")["health"] == "critical"


def test_swapped_streams_are_recognized(healthy):
    assert_names_are_recognized(healthy, ORIGIN, DLQ, "subjects", "swapped")


@pytest.mark.parametrize(
    "stream, origin, check, words",
    [
        (DLQ, "orders_steam", "origin", "no stream 'orders_steam'"),
        ("orders_unprocesed", ORIGIN, "dlq", "no stream 'orders_unprocesed'"),
        ("order_unprocessed", "order_stream", "dlq", "no stream 'order_unprocessed'"),
        ("orders_steam", "orders_unprocesed", "dlq", "no stream 'orders_steam'"),
        (DLQ, "other", "subjects", "a name wrong?"),
        ("other", ORIGIN, "subjects", "a name wrong?"),
        ("missing", ORIGIN, "dlq", "no stream 'missing'"),
    ],
    ids=" ".join,
)
def test_a_wrong_name_is_recognized(healthy, stream, origin, check, words):
    healthy.js.create_stream({"name": "other", "subjects": ["other.>"], "retention": "workqueue"})
    try:
        assert_names_are_recognized(healthy, stream, origin, check, words)
    finally:
        healthy.js.delete_stream("other")


def assert_names_are_recognized(world, stream, origin, check, words):
    """The first advice is to call it with the right names, and there is no other: it would change the wrong stream."""
    done = world.run("dlq", stream, origin, "doctor", "--json")
    rows = [json.loads(line) for line in done.out]
    advised = [row for row in rows if "command" in row]
    assert done.code == CRITICAL and [row["check"] for row in advised] == [check], rows
    assert words in advised[0]["text"] and advised[0]["advice"].startswith("did you mean: ")
    assert {row["check"] for row in rows} <= {"origin", "dlq", "subjects", "jetstream", "version", "clock", "disk", "unseen"}
    carry_out(world, advised[0])


def test_names_that_are_like_none_get_the_list_of_streams(healthy):
    healthy.js.create_stream({"name": "other", "subjects": ["other.>"], "retention": "workqueue"})
    done = healthy.run("dlq", "other", "another", "doctor", "--json")
    healthy.js.delete_stream("other")
    [row] = [row for row in map(json.loads, done.out) if "command" in row]
    assert row["check"] == "subjects" and ORIGIN in "\n".join(carry_out(healthy, row).out)


class TestReplicas:
    @staticmethod
    def only_finding(world, health, **changes):
        changes = {f"STREAM.INFO.{stream}": change for stream, change in changes.items()}
        with ApiProxy(world.server.url, changes):
            return only_finding(world, "replicas", health, "--js-api-prefix", ApiProxy.PREFIX)

    def test_fewer_replicas_of_the_dlq_are_found(self, healthy):
        row = self.only_finding(healthy, "warning", orders_stream=lambda info: info["config"].update(num_replicas=3))
        assert row["command"].startswith(f"nats stream edit {DLQ} -f --replicas=3")

    def test_a_single_replica_in_a_cluster_is_found(self, healthy):
        cluster = {"name": "C1", "leader": "n1", "replicas": []}
        row = self.only_finding(healthy, "warning", orders_stream=lambda info: info.update(cluster=cluster))
        assert "--replicas=3" in row["advice"]

    @pytest.mark.parametrize("trouble", ["offline", "behind"])
    def test_a_replica_that_is_offline_or_behind_is_found(self, healthy, trouble):
        peers = [{"name": "n2", "current": False, "offline": trouble == "offline", "active": 5}]

        def change(info):
            info.update(cluster={"name": "C1", "leader": "n1", "replicas": peers})
            info["config"]["num_replicas"] = 3

        row = self.only_finding(healthy, "warning", orders_stream=change, orders_unprocessed=change)
        assert "n2" in row["text"] and trouble in row["text"]

    def test_a_missing_leader_is_critical(self, healthy):
        def change(info):
            info.update(cluster={"name": "C1", "replicas": []})
            info["config"]["num_replicas"] = 3

        row = self.only_finding(healthy, "critical", orders_stream=change, orders_unprocessed=change)
        assert "no leader" in row["text"]


def test_the_limit_of_the_disk_check_is_stated(healthy):
    row = worst(doctor(healthy), "disk")
    assert row["health"] == "good" and "cannot see how often" in row["text"] and "sync_interval: always" in row["advice"]


@pytest.mark.parametrize("version", ["2.11.9", "2.9.10", None])
def test_a_server_that_is_too_old_is_critical(healthy, version):
    def change(info):
        info["config"]["metadata"] = {"_nats.ver": version} if version else {}

    with ApiProxy(healthy.server.url, {f"STREAM.INFO.{ORIGIN}": change}):
        row = only_finding(healthy, "version", "critical", "--js-api-prefix", ApiProxy.PREFIX)
    assert "2.12" in row["text"] and (version or "older than 2.11") in row["text"]


def test_a_cluster_without_a_majority_needs_its_servers(healthy):
    lost = {"INFO": {"error": {"code": 503, "err_code": 10008, "description": "JetStream system temporarily unavailable"}}}
    with ApiProxy(healthy.server.url, answers=lost):
        row = only_finding(healthy, "jetstream", "critical", "--js-api-prefix", ApiProxy.PREFIX)
    assert "temporarily unavailable" in row["text"] and row["advice"].startswith("bring the cluster's other servers back")


def test_a_consumer_ahead_of_its_stream_is_critical(healthy):
    """As after the restore of an older backup; 2.15 repairs this, 2.12 does not."""
    ahead = {f"CONSUMER.INFO.{ORIGIN}.processor": lambda info: info["delivered"].update(stream_seq=1000)}
    with ApiProxy(healthy.server.url, ahead):
        row = only_finding(healthy, "history", "critical", "--js-api-prefix", ApiProxy.PREFIX)
    assert "# 1000" in row["text"] and f"nats consumer rm {ORIGIN} processor -f" in row["command"]


@pytest.mark.parametrize("limit", ["max_msgs", "max_bytes"])
@pytest.mark.parametrize("stream", [ORIGIN, DLQ])
def test_a_stream_that_is_nearly_full_is_found(healthy, stream, limit):
    subject = "orders.new" if stream == ORIGIN else f"natsq.held.{ORIGIN}.processor.{{}}.1"
    healthy.js.publish_all((subject.format(i), "x" * 1000) for i in range(1, 97))
    used = healthy.js.stream(stream)["state"]
    amount = used["messages"] if limit == "max_msgs" else used["bytes"]
    for share, health in (0.70, "good"), (0.85, "warning"), (0.96, "critical"):
        update(healthy, stream, **{limit: int(amount / share)})
        row = worst(doctor(healthy), "room")
        assert row["health"] == health, row
        if health != "good":
            assert stream in row["text"] and f"nats stream edit {stream} -f --{limit.replace('_', '-')}" in row["command"]
    carry_out(healthy, row)
    assert worst(doctor(healthy), "room")["health"] == "good"
