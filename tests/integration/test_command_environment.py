"""What a command handler inherits: environment, process group, descriptors and signals."""

import resource

import pytest

from support.environment import environment
from support.exit_codes import OK
from support.handler_command import Record, run_once, sh, work
from support.jetstream import nanoseconds
from support.world import ORIGIN


def publish(world, body="order-0"):
    world.js.publish("orders.new", body)


def environment_of_a_job(world, *options, **variables):
    record = Record(world, "environment")
    run_once(world, sh('env -0 >"$1"', record), *options, **variables)
    found = record.path.read_bytes().rstrip(b"\0").decode().split("\0")
    return dict(variable.split("=", 1) for variable in found)


def test_a_job_is_described_in_the_environment(world):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"Nats-Msg-Id": "first", "Colour": "red", "X-Request-Id": "a b=c", "traceparent": trace}
    world.js.publish_all([("orders.new", "order-0", headers)])
    [job] = world.js.messages(ORIGIN)
    found = environment_of_a_job(world, TRACEPARENT="ours", NATSQ_SUBJECT="ours", NATSQ_REASON="ours", COLOUR="blue")
    assert nanoseconds(found["NATSQ_TIMESTAMP"]) == job.ns
    wanted = {
        "NATSQ_SUBJECT": "orders.new",
        "NATSQ_STREAM": ORIGIN,
        "NATSQ_SEQ": "1",
        "NATSQ_DELIVERY": "1",
        "NATSQ_MAX_DELIVER": "1",
        "NATSQ_JOB_ID": "first",
        "NATSQ_HEADER_COLOUR": "red",
        "NATSQ_HEADER_X_REQUEST_ID": "a b=c",
        "TRACEPARENT": trace,
        "COLOUR": "blue",
        "HOME": str(world.home),
        "PATH": environment(world.home)["PATH"],
    }
    assert {name: found.get(name) for name in wanted} == wanted
    assert "NATSQ_REASON" not in found


def test_a_job_without_headers_has_no_header_variables(world):
    publish(world)
    found = environment_of_a_job(world, TRACEPARENT="ours", NATSQ_JOB_ID="ours")
    assert "TRACEPARENT" not in found and "NATSQ_JOB_ID" not in found
    assert not [name for name in found if name.startswith("NATSQ_HEADER_")]


def test_as_many_headers_are_passed_as_fit(world):
    headers = {f"H-{i}": "x" for i in range(3000)} | {"Large": "y" * 30_000}
    world.js.publish_all([("orders.new", "order-0", headers)])
    found = environment_of_a_job(world)
    passed = [name for name in found if name.startswith("NATSQ_HEADER_H_")]
    assert 100 < len(passed) < 3000
    assert found["NATSQ_SUBJECT"] == "orders.new"


def headers_left_out(worker):
    return worker.found("WARNING: # .* has no room for (.*) [(]at most 512 variables and 96 KiB")


def test_headers_that_do_not_fit_are_named_in_a_warning(world):
    """Once for similar jobs, and without their values."""
    few = {f"H-{i}": "hush" for i in range(512 - 6 + 1)}
    many = {f"G-{i}": "hush" for i in range(600)}
    jobs = [("orders.new", "few", few)] * 3 + [("orders.new", "many", many)] * 3 + [("orders.new", "fits")]
    world.js.publish_all(jobs)
    worker = work(world, ["true"], "-j", "1", "--until-empty")
    assert worker.wait() == OK
    one, some = headers_left_out(worker)
    assert one.startswith("NATSQ_HEADER_H_") and "," not in one
    listed, more = some.split(" and ")
    named = set(listed.split(", "))
    assert all(name.startswith("NATSQ_HEADER_G_") for name in named)
    assert len(named) + int(more.split()[0]) == 600 - (512 - 6)
    assert "hush" not in worker.text


def test_a_job_runs_without_headers_when_the_system_has_no_room(world):
    """The worker's variables and those of the job exceed the limit of execve together."""
    worker = work(world, sh('[ -z "$NATSQ_HEADER_LARGE" ]'), "--count", "1", "--max-deliver", "1", LARGE="x" * 100_000)
    resource.prlimit(worker.process.pid, resource.RLIMIT_STACK, (2**19, 2**19))  # 128 KiB for arguments and environment
    world.js.publish_all([("orders.new", "order-0", {"Large": "y" * 60_000})])
    assert worker.wait() == OK and world.js.count(ORIGIN) == 0
    assert headers_left_out(worker) == ["NATSQ_HEADER_*"]


@pytest.mark.parametrize("names", ["NATS_USER NATS_PASSWORD", "NATS_TOKEN"])
def test_credentials_are_not_passed_on(world, names):
    publish(world)
    found = environment_of_a_job(world, **dict.fromkeys(names.split(), "hush"), NATS_CONTEXT="")
    assert not [name for name, value in found.items() if "hush" in value]


@pytest.mark.parametrize("name", ["NATS_SEED", "NATS_URL"])
def test_a_variable_with_a_credential_is_not_passed_on(world, name):
    publish(world)
    found = environment_of_a_job(world, **{name: "nats://worker:hush@127.0.0.1:1"})
    assert not [name for name, value in found.items() if "hush" in value]


def test_a_url_without_a_password_is_passed_on(world):
    publish(world)
    assert environment_of_a_job(world, NATS_URL="nats://elsewhere")["NATS_URL"] == "nats://elsewhere"


def test_a_handler_has_its_own_process_group(world):
    publish(world)
    record = Record(world)
    worker = run_once(world, sh('read -r stat </proc/$$/stat; echo $$ $stat >"$1"', record))
    pid, *stat = record.lines[0].split()
    parent, group = stat[3:5]
    assert (parent, group) == (str(worker.process.pid), pid)


CLEAN = [
    (["ls", "/proc/self/fd"], ["0", "1", "2", "3"]),  # 3 is the folder itself
    (["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], [f"SigBlk:\t{0:016x}", f"SigIgn:\t{0:016x}"]),
]


@pytest.mark.parametrize("command,clean", CLEAN, ids=["descriptors", "signals"])
def test_a_handler_inherits_no_other_descriptor_or_signal(world, command, clean):
    for i in range(40):
        publish(world, f"order-{i}")
    worker = work(world, command, "-j", "4", "--until-empty")
    assert worker.wait() == OK
    assert sorted(worker.out) == sorted(clean * 40)
