"""Acknowledgements: with each form of subject that a server may use, and when the server refuses them."""

import hashlib
import itertools
import json
import re
import string

import pytest

from support.exit_codes import NOPERM, OK
from support.handler_command import NOTE, Record, sh
from support.jetstream import Connection, frame
from support.local_server import LocalServer
from support.world import DLQ, ORIGIN, PROCESSOR, World

FORMS = {"plain": False, "longer": True}  # the feature flag js_ack_fc_v2
DOMAINS = {"no domain": "", "domain": "hub"}
USERS = """
accounts {{ APP {{ jetstream: enabled, users: [ {{ user: app, password: p }}, {users} ] }} }}
no_auth_user: app
"""


def user(name, **publish):
    return json.dumps({"user": name, "password": "p", "permissions": {"publish": publish}})


def make_config(path, *users, longer=False, domain=""):
    where = f'domain: "{domain}", ' if domain else ""
    flag = "feature_flags { js_ack_fc_v2: true }\n" if longer else ""
    path.write_text(f"jetstream {{ {where}max_mem: 1GB, max_file: 16GB }}\n{flag}" + USERS.format(users=", ".join(users)))
    return path


ACKS_OF = [f"$JS.ACK.{stream}.>" for stream in (ORIGIN, DLQ)], [f"$JS.ACK.*.*.{stream}.>" for stream in (ORIGIN, DLQ)]
OTHER_SUBJECTS = ["orders.>", "natsq.>", "$JS.API.>", "$JS.hub.API.>", "$SYS.REQ.USER.INFO"]


@pytest.fixture(scope="module", params=itertools.product(FORMS, DOMAINS), ids=lambda param: ", ".join(param))
def configured_server(request, tmp_path_factory):
    form, domain_name = request.param
    users = [
        user("plain", allow=[*OTHER_SUBJECTS, *ACKS_OF[0]]),
        user("longer", allow=[*OTHER_SUBJECTS, *ACKS_OF[1]]),
        user("none", deny=[f"$JS.ACK.{ORIGIN}.>", f"$JS.ACK.*.*.{ORIGIN}.>"]),
        user("none_of_dlq", deny=[f"$JS.ACK.{DLQ}.>", f"$JS.ACK.*.*.{DLQ}.>"]),
    ]
    config = make_config(tmp_path_factory.mktemp("acks") / "s.conf", *users, longer=FORMS[form], domain=DOMAINS[domain_name])
    with LocalServer().start(fast=True, config=config) as server:
        server.form, server.longer, server.domain = form, FORMS[form], DOMAINS[domain_name]
        yield server


@pytest.fixture
def world(configured_server, tmp_path):
    made = World(configured_server, tmp_path)
    made.create_streams()
    made.form, made.longer = configured_server.form, configured_server.longer
    made.domain = configured_server.domain or "_"
    made.where = ("--js-domain", configured_server.domain) if configured_server.domain else ()
    yield made
    made.close()


def as_user(name):
    return "--user", name, "--password", "p"


def permission(world, stream, durable):
    """The permission as the message names it."""
    return rf"publish to \$JS\.ACK\.{r'[^.]+[.][^.]+[.]' if world.longer else ''}{stream}\.{durable}\.>"


def publish(world, n):
    for i in range(n):
        world.js.publish("orders.new", f"order-{i}")


def dlq(world, *arguments, user_name):
    return world.run("dlq", DLQ, ORIGIN, *arguments, *world.where, *as_user(user_name))


# ---- only the server's own form is allowed


def test_a_job_lives_its_whole_life_with_the_permissions_of_one_form(world):
    """It is taken and acknowledged, dead-lettered, collected, retired, held and retried."""
    own_form = world.form
    publish(world, 4)
    world.kill_jobs()  # the server announces these
    publish(world, 4)
    run = world.start("dlq", DLQ, ORIGIN, "--retries", "0", *world.where, *as_user(own_form))
    world.eventually(lambda: len(world.held()) == 4 and world.js.count(ORIGIN) == 4, "the dead are collected and retired")
    failing = world.start("consumer", ORIGIN, "orders.*", "--fail-rate", "1", *world.where, *as_user(own_form))
    failing.wait_for("will be processed via DLQ", times=4)
    world.eventually(lambda: len(world.held()) == 8 and world.js.count(ORIGIN) == 0, "the others are dead-lettered and held")
    assert [failing.stop(), run.stop()] == [OK, OK], (failing.text, run.text)
    assert dlq(world, "retry", "--all", "--yes", user_name=own_form).code == OK
    assert (len(world.held()), world.js.count(ORIGIN)) == (0, 8)
    record = Record(world)
    for ack, n in ("async", 5), ("sync", 3):
        arguments = ORIGIN, "orders.*", "--count", str(n), "--ack", ack, "-s", world.server.url, *world.where, *as_user(own_form)
        done = world.start("consumer", *arguments, "--", *sh(NOTE, record), server=False)
        assert done.wait() == OK, done.text
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all are acknowledged")
    assert len(record.lines) == 8


# ---- refused


@pytest.mark.parametrize("handler, ack", [("builtin", "async"), ("command", "async"), ("command", "sync"), ("keep", "async")])
def test_a_worker_ends_at_the_first_refused_acknowledgement(world, handler, ack):
    """It takes no further job."""
    command = {"builtin": [], "command": ["--", "true"], "keep": ["--keep=jsonl", "--", "sed", "-u", 's/.*/{"done":true}/']}
    n = 20_000 if handler == "builtin" else 2000  # nats.c reports a refusal in a thread that a busy machine may delay
    world.js.publish_all(("orders.new", f"order-{i}") for i in range(n))
    options = "--ack", ack, "-s", world.server.url, *world.where, *as_user("none"), *command[handler]
    worker = world.start("consumer", ORIGIN, "orders.*", *options, server=False)
    assert worker.wait() == NOPERM, worker.text
    assert worker.seconds < 5, worker.text
    assert len(worker.found(permission(world, ORIGIN, "processor"))) == 1, worker.text
    delivered = world.js.consumer(ORIGIN, "processor")["delivered"]["consumer_seq"]
    assert delivered <= (n // 4 if handler == "builtin" else 4), delivered  # batches of 50, acknowledged together
    assert world.js.count(ORIGIN) == n


def test_a_refusal_after_the_last_job_is_still_reported(world):
    publish(world, 1)
    worker = world.run("consumer", ORIGIN, "orders.*", "--count", "1", *world.where, *as_user("none"))
    assert worker.code == NOPERM, worker.text
    assert worker.found(permission(world, ORIGIN, "processor"))


def test_dlq_run_ends_at_the_first_refused_acknowledgement(world):
    """Of messages of its own durables, and of the dead jobs that it removes."""
    publish(world, 1)
    world.kill_jobs()
    for user_name, stream, durable in ("none_of_dlq", DLQ, "unprocessed_order_handler"), ("none", ORIGIN, "processor"):
        if user_name == "none":
            publish(world, 1)
            world.kill_jobs()
        run = dlq(world, "--retries", "0", user_name=user_name)
        assert run.code == NOPERM, run.text
        assert run.seconds < 8, run.text
        assert run.found(permission(world, stream, r"\w+")), run.text


def test_the_plain_form_suffices_to_remove_dead_jobs(world):
    """The server accepts it in both forms, no matter which one it uses itself."""
    publish(world, 1)
    world.kill_jobs()
    run = dlq(world, "sweep", "--sweep-wait", "10ms", user_name="plain")
    assert run.code == OK and world.js.count(ORIGIN) == 0, run.text


def test_doctor_names_the_form_that_is_not_allowed(world):
    """It names the form as the server spells it; it cannot see which form is in use."""
    plain, longer = rf"\$JS\.ACK\.{DLQ}\.letter_handler\.", rf"\$JS\.ACK\.{world.domain}\.{hash_of('APP')}\.{DLQ}\.letter_handler\."

    def findings(user_name):
        result = [json.loads(line) for line in dlq(world, "doctor", "--json", user_name=user_name).out]
        return {row["health"]: row["text"] for row in result if row["check"] == "permissions" and "letter_handler" in row["text"]}

    assert list(findings("plain")) == list(findings("longer")) == ["warning"]
    assert re.search(longer, findings("plain")["warning"]) and re.search(plain, findings("longer")["warning"])
    assert "critical" in findings("none_of_dlq") and findings("none") == {}


def test_the_server_spells_the_longer_form_as_assumed_here(world):
    world.js.publish("orders.new", "order-0")
    world.js.create_consumer(ORIGIN, **PROCESSOR)
    connection = Connection(world.server.url, 10)
    connection.send(b"SUB _INBOX.x 1\r\n" + frame(f"$JS.API.CONSUMER.MSG.NEXT.{ORIGIN}.processor", "_INBOX.x", "1", None))
    reply = next(line for line in iter(connection.file.readline, b"") if line.startswith(b"MSG")).decode().split()[3]
    connection.close()
    assert reply.startswith(f"$JS.ACK.{world.domain}.{hash_of('APP')}.{ORIGIN}." if world.longer else f"$JS.ACK.{ORIGIN}.")


def hash_of(account):
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    return "".join(digits[byte % 62] for byte in hashlib.sha256(account.encode()).digest()[:8])
