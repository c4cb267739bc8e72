"""Every row of the table of settings (common/queue/settings.c) on a real server: what the programs do about it."""

import re
import subprocess
from pathlib import Path

import pytest

from support.build import BIN
from support.doctor import HANDLERS, carry_out, doctor, run_advice
from support.exit_codes import CONFIG, OK, TEMPFAIL
from support.handler_command import Gate, NOTE, PATIENT, Record, publish, sh, work
from support.jetstream import SECOND
from support.world import DLQ, ORIGIN, PROCESSOR

OF_ORIGIN, OF_DLQ, OF_DURABLE, OF_DEAD_LETTERING = 1, 2, 4, 8
REFUSE, ADAPT, WARN, REPORT = range(4)
LATER = "2099-01-01T00:00:00Z"

# How a setting is made. nats-server 2.15 refuses some of them on a work queue.
STREAMS = {
    ("no_ack", "-"): {"no_ack": True},
    ("sealed", "-"): {"sealed": True},  # by an update
    ("mirror", "-"): {"mirror": {"name": "mirrored"}, "subjects": []},
    ("deny_purge", "-"): {"deny_purge": True},
    ("subject_transform", "-"): {"subject_transform": {"src": ">", "dest": ">"}},
    ("retention", "limits"): {"retention": "limits"},
    ("retention", "interest"): {"retention": "interest"},
    ("max_age", "-"): {"max_age": 3600 * SECOND},
    ("allow_msg_ttl", "-"): {"allow_msg_ttl": True},
    ("discard", "old"): {"discard": "old"},
    ("max_msgs_per_subject", "-"): {"max_msgs_per_subject": 1},
    ("storage", "memory"): {"storage": "memory"},
    ("allow_rollup_hdrs", "-"): {"allow_rollup_hdrs": True, "deny_purge": False},
    ("allow_direct", "-"): {"allow_direct": False},
    ("deny_delete", "-"): {"deny_delete": False},
}
DURABLES = {
    ("headers_only", "-"): {"headers_only": True},
    ("ack_policy", "explicit"): {"ack_policy": "none"},
    ("deliver_subject", "-"): {"deliver_subject": "pushed.to"},
    ("priority_groups", "-"): {"priority_groups": ["a"], "priority_policy": "overflow"},
    ("max_batch", "-"): {"max_batch": 2},
    ("max_expires", "-"): {"max_expires": 400_000_000},
    ("max_bytes", "-"): {"max_bytes": 10},
    ("deliver_policy", "all"): {"deliver_policy": "by_start_sequence", "opt_start_seq": 1},
    ("replay_policy", "original"): {"replay_policy": "original"},
    ("pause_until", "-"): {"pause_until": LATER},
    ("inactive_threshold", "-"): {"inactive_threshold": 3600 * SECOND},
    ("mem_storage", "-"): {"mem_storage": True},
}
ON_LIMITS = {("ack_policy", "explicit"), ("deliver_policy", "all")}


def table():
    listed = subprocess.run([BIN.parent / "tests/unit/test_settings", "--list"], capture_output=True, text=True, check=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [((key, text), int(objects), int(action), int(health)) for key, text, objects, action, health in rows]


def rows(of, *actions):
    return [pytest.param(row, action, health, id="-".join(row)) for row, objects, action, health in table() if objects & of and (not actions or action in actions)]


def test_every_row_is_set_up_here():
    for row, objects, *_ in table():
        assert row in (DURABLES if objects & OF_DURABLE else STREAMS), row


def set_up_stream(world, stream, row):
    config = {**world.js.stream(stream)["config"]}
    if row[0] == "sealed":
        world.js.api(f"STREAM.UPDATE.{stream}", {**config, "sealed": True})
        return
    world.js.delete_stream(stream)
    if row[0] == "mirror":
        world.js.delete_stream("mirrored")
        world.js.create_stream({"name": "mirrored", "subjects": ["mirrored.*"]})
    world.js.create_stream({**config, **STREAMS[row]})


def set_up_durable(world, stream, row, **config):
    if row in ON_LIMITS and world.js.stream(stream)["config"]["retention"] != "limits":
        world.js.create_stream({**delete(world, stream), "retention": "limits"})
    return world.js.create_consumer(stream, **{**config, **DURABLES[row]})


def delete(world, stream):
    config = world.js.stream(stream)["config"]
    world.js.delete_stream(stream)
    return config


def named(program, row, owner):
    """The log lines that name the setting and its owner."""
    return program.found(rf"{owner} has {row[0]}: ")


@pytest.fixture(autouse=True)
def no_mirrored_stream(world):
    yield
    world.js.delete_stream("mirrored")


# ---------------------------------------------------------------- the origin


@pytest.mark.parametrize("row, action, health", rows(OF_ORIGIN, REFUSE))
def test_an_origin_that_natsq_cannot_use_is_refused(world, row, action, health):
    publish(world, 1)
    set_up_stream(world, ORIGIN, row)
    for program in world.run("consumer", ORIGIN, "orders.*", "--until-empty"), world.run("dlq", DLQ, ORIGIN):
        assert program.code == CONFIG and len(program.lines) == 1, program.text
        assert named(program, row, f"stream {ORIGIN}")
    assert world.js.consumers(ORIGIN) == world.js.consumers(DLQ) == []


@pytest.mark.parametrize("row, action, health", rows(OF_ORIGIN, WARN))
def test_a_bad_choice_for_the_origin_is_warned_of(world, row, action, health):
    """The owner's choice: an upgrade must not stop what runs."""
    set_up_stream(world, ORIGIN, row)
    done = Record(world)
    worker = work(world, sh(NOTE, done), "--count", "2")
    world.eventually(lambda: world.js.consumers(ORIGIN), "it is ready")
    for word in "a", "b":
        publish(world, 1, word, f"orders.{word}")
    assert worker.wait() == OK and sorted(done.lines) == ["a-0", "b-0"]
    assert len(named(worker, row, f"stream {ORIGIN}")) == 1, worker.text


@pytest.mark.parametrize("row, action, health", rows(OF_ORIGIN, REPORT))
def test_only_doctor_reports_a_harmless_setting(world, row, action, health):
    set_up_stream(world, ORIGIN, row)
    assert work(world, sh("true"), "--until-empty").wait() == OK
    assert not named(world.programs[-1], row, f"stream {ORIGIN}")


@pytest.mark.parametrize("row, action, health", [row for row in rows(OF_ORIGIN, REFUSE, WARN) if row.id != "mirror--"])
def test_publisher_refuses_and_warns_like_consumer(world, row, action, health):
    """Except for a mirror, which has no subjects."""
    set_up_stream(world, ORIGIN, row)
    program = world.run("publisher", "orders.new", "--body", "x", "--count", "1")
    assert program.code == (CONFIG if action == REFUSE else OK), program.text
    assert len(named(program, row, f"stream {ORIGIN}")) == 1
    lines = Path(world.home) / "jobs"
    lines.write_text('{"subject": "orders.other", "body": "x"}\n')
    program = world.run("publisher", "--jsonl", lines)
    assert program.code == (CONFIG if action == REFUSE else OK), program.text
    assert len(named(program, row, f"stream {ORIGIN}")) == 1


# ---------------------------------------------------------------- the DLQ stream


@pytest.mark.parametrize("row, action, health", rows(OF_DLQ, REFUSE))
def test_a_dlq_stream_that_natsq_cannot_use_is_refused(world, row, action, health):
    set_up_stream(world, DLQ, row)
    program = world.run("dlq", DLQ, ORIGIN)
    assert program.code == CONFIG and len(program.lines) == 1, program.text
    assert named(program, row, f"stream {DLQ}")
    assert world.js.consumers(DLQ) == []


def test_verbs_that_only_read_work_with_a_refused_stream(world):
    """Otherwise the letters could not be moved to a better stream."""
    set_up_stream(world, DLQ, ("deny_purge", "-"))
    for verb in "list", "stats":
        program = world.run("dlq", DLQ, ORIGIN, verb)
        assert program.code == OK and len(named(program, ("deny_purge",), f"stream {DLQ}")) == 1
    assert world.run("dlq", DLQ, ORIGIN, "retry", "--all", "--yes").code == CONFIG


@pytest.mark.parametrize("row, action, health", rows(OF_DLQ, WARN))
def test_a_bad_choice_for_the_dlq_stream_is_warned_of(world, row, action, health):
    set_up_stream(world, DLQ, row)
    runs = world.dlq()
    runs.wait_for(rf"stream {DLQ} has {row[0]}: ")
    world.eventually(lambda: set(world.js.consumers(DLQ)) == set(HANDLERS), "it runs")
    assert runs.stop() == OK and len(named(runs, row, f"stream {DLQ}")) == 1


@pytest.mark.parametrize("row, action, health", rows(OF_DEAD_LETTERING, REFUSE))
def test_no_letter_is_stored_in_a_dlq_stream_that_would_lose_it(world, row, action, health):
    """The job stays in the origin until it is fixed."""
    set_up_stream(world, DLQ, row)
    publish(world, 1)
    worker = work(world, sh("exit 65"), "--backoff", "300ms", "--max-deliver", "50")
    worker.wait_for(rf"no letter about # 1: stream {DLQ} has {row[0]}: ")
    assert world.js.count(ORIGIN) == 1
    assert worker.stop() == OK and world.js.count(ORIGIN) == 1


# ---------------------------------------------------------------- the durable


@pytest.mark.parametrize("bind", [[], ["--bind"]], ids=["", "bind"])
@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE, REFUSE))
def test_a_durable_that_natsq_cannot_use_is_refused(world, row, action, health, bind):
    before = set_up_durable(world, ORIGIN, row, **PROCESSOR)["config"]
    publish(world, 3)
    worker = work(world, sh("true"), "--until-empty", *bind)
    assert worker.wait() == CONFIG, worker.text
    assert named(worker, row, f"ERROR: consumer processor of {ORIGIN}")
    info = world.js.consumer(ORIGIN, "processor")
    assert info["config"] == before and info["num_pending"] == 3 or row[0] == "deliver_subject"


@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE, ADAPT))
@pytest.mark.parametrize("how", [[], ["-j", "3"]], ids=["built-in", "command"])
def test_a_durable_to_which_the_worker_adapts(world, row, action, health, how):
    set_up_durable(world, ORIGIN, row, **PROCESSOR)
    publish(world, 20)
    worker = work(world, sh("true"), *how, "--until-empty") if how else world.consumer("--until-empty")
    assert worker.wait() == OK and world.js.count(ORIGIN) == 0
    assert len(named(worker, row, f"consumer processor of {ORIGIN}")) == 1
    assert not worker.found("refuses")


def test_a_worker_with_a_short_max_expires_keeps_waiting_for_jobs(world):
    set_up_durable(world, ORIGIN, ("max_expires", "-"), **PROCESSOR)
    worker = world.consumer("--count", "2")
    for body in "a", "b":
        world.eventually(lambda: world.js.consumer(ORIGIN, "processor")["num_waiting"], "it asks")
        world.js.publish("orders.new", body)
        worker.wait_for(rf"received {body} ")
    assert worker.wait() == OK and not worker.found("refuses")


@pytest.mark.parametrize("row, action, health", [row for row in rows(OF_DURABLE, WARN) if row.id != "pause_until--"])
def test_a_bad_choice_for_the_durable_is_warned_of(world, row, action, health):
    set_up_durable(world, ORIGIN, row, **PROCESSOR)
    publish(world, 3)
    worker = work(world, sh("true"), "--count", "3")
    assert worker.wait() == OK
    assert len(named(worker, row, f"consumer processor of {ORIGIN}")) == 1, worker.text


def pause(world):
    world.js.api(f"CONSUMER.PAUSE.{ORIGIN}.processor", {"pause_until": LATER})


def test_a_pause_is_logged_with_its_end(world):
    publish(world, 3)
    set_up_durable(world, ORIGIN, ("pause_until", "-"), **PROCESSOR)
    worker = work(world, sh("true"), "--count", "3", "--bind")
    worker.wait_for(rf"delivers nothing until {LATER}; to fix it: \S*nats consumer resume {ORIGIN} processor -f$")
    run_advice(world, f"nats consumer resume {ORIGIN} processor -f")
    assert worker.wait() == OK and world.js.count(ORIGIN) == 0


def test_until_empty_does_not_wait_for_the_end_of_a_pause(world):
    set_up_durable(world, ORIGIN, ("pause_until", "-"), **PROCESSOR)
    assert work(world, sh("true"), "--until-empty").wait() == OK  # nothing is left
    publish(world, 3)
    worker = work(world, sh("true"), "--until-empty", "-j", "2")
    assert worker.wait() == TEMPFAIL
    assert f"paused until {LATER}: 3 jobs are left" in worker.text


def test_until_empty_does_not_wait_through_a_pause_for_a_job_in_backoff(world):
    publish(world, 1)
    gate = Gate(world)
    worker = work(world, sh(f"{Gate.WAIT}; false", gate), "--until-empty", *PATIENT)
    world.eventually(lambda: gate.lines, "it runs")
    pause(world)
    gate.open()
    assert worker.wait() == TEMPFAIL
    assert gate.lines == ["1 1"] and f"paused until {LATER}: 1 jobs are left" in worker.text


def test_until_empty_lets_a_running_handler_finish_during_a_pause(world):
    """However short the grace, since there was no stop. The idle slot keeps checking the durable."""
    publish(world, 1)
    gate = Gate(world)
    worker = work(world, sh(Gate.WAIT, gate), "--until-empty", "-j", "2", "--grace", "10ms", *PATIENT)
    world.eventually(lambda: gate.lines, "it runs")
    pause(world)
    publish(world, 3)
    worker.wait_for("it is paused and delivers nothing")  # the durable is checked every 5 s, the idle slot checks more often
    gate.open()
    assert worker.wait() == TEMPFAIL
    assert world.js.count(ORIGIN) == 3 and f"paused until {LATER}: 3 jobs are left" in worker.text


@pytest.mark.parametrize("name", HANDLERS)
@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE, REFUSE))
def test_a_durable_of_dlq_that_it_cannot_use_is_refused(world, row, action, health, name):
    config = {"durable_name": name, "filter_subject": HANDLERS[name], "max_deliver": -1}
    set_up_durable(world, DLQ, row, **config)
    program = world.run("dlq", DLQ, ORIGIN)
    assert program.code == CONFIG and named(program, row, f"consumer {name} of {DLQ}"), program.text


@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE, WARN, ADAPT))
def test_a_bad_choice_for_a_durable_of_dlq_is_warned_of(world, row, action, health):
    for name, subject in HANDLERS.items():
        set_up_durable(world, DLQ, row, durable_name=name, filter_subject=subject, max_deliver=-1)
    runs = world.dlq()
    for name in HANDLERS:
        runs.wait_for(rf"consumer {name} of {DLQ} has {row[0]}: ")
    assert runs.stop() == OK


# ---------------------------------------------------------------- doctor


def assert_doctor_advises(world, row, check, health):
    """doctor reports the setting, and the command that it advises fixes it."""
    [found] = [finding for finding in doctor(world) if f" has {row[0]}: " in finding["text"]]
    assert (found["check"], found["health"]) == (check, ["good", "warning", "critical"][health])
    if "command" in found:
        carry_out(world, found)
        assert not [finding for finding in doctor(world) if f" has {row[0]}: " in finding["text"]]
    elif health:
        assert re.search("scripts/create-streams|another stream|use mirrored itself|unset", found["advice"])


@pytest.mark.parametrize("row, action, health", rows(OF_ORIGIN))
def test_doctor_reports_settings_of_the_origin(world, row, action, health):
    set_up_stream(world, ORIGIN, row)
    assert_doctor_advises(world, row, "origin", health)


@pytest.mark.parametrize("row, action, health", rows(OF_DLQ))
def test_doctor_reports_settings_of_the_dlq_stream(world, row, action, health):
    set_up_stream(world, DLQ, row)
    assert_doctor_advises(world, row, "dlq", health)


@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE))
def test_doctor_reports_settings_of_the_durable(world, row, action, health):
    set_up_durable(world, ORIGIN, row, **PROCESSOR)
    assert_doctor_advises(world, row, "consumers", health)


@pytest.mark.parametrize("row, action, health", rows(OF_DURABLE, REFUSE))
def test_doctor_reports_settings_of_the_durables_of_dlq(world, row, action, health):
    set_up_durable(world, DLQ, row, durable_name="letter_handler", filter_subject=HANDLERS["letter_handler"])
    world.js.api(f"CONSUMER.INFO.{DLQ}.letter_handler")
    [found] = [finding for finding in doctor(world) if f" has {row[0]}: " in finding["text"]]
    assert found["check"] == "handlers" and found["health"] == "critical"
