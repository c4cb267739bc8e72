"""Authentication with creds files and NKeys, and that no secret leaks."""

import base64
import os
import time
from pathlib import Path

import pytest

from support.exit_codes import CONFIG, NOPERM, OK
from support.local_server import LocalServer
from support.natscli import natscli
from support.secured_server import (
    assert_no_leak,
    assert_published,
    assert_refused,
    finish,
    make_stream,
    messages,
    operator_server,
    publish,
    start,
)
from support.server_auth import NKeyUser, Operator, seed_in


def test_creds_from_the_option(operator_server):
    assert_published(publish(operator_server.home, "-s", operator_server.url, "--creds", operator_server.creds), seed_in(operator_server.creds))


def test_creds_from_each_variable(operator_server):
    seed = seed_in(operator_server.creds)
    assert_published(publish(operator_server.home, NATS_URL=operator_server.url, NATS_CREDS=operator_server.creds), seed)
    assert_published(publish(operator_server.home, "-s", operator_server.url, NATS_CREDENTIALS_FILE_PATH=operator_server.creds), seed)
    assert_published(publish(operator_server.home, NATS_URL=operator_server.url, NATS_CREDENTIALS_FILE_PATH=operator_server.creds), seed)


def test_the_option_overrides_the_variables(operator_server, tmp_path):
    for name in "NATS_CREDS", "NATS_CREDENTIALS_FILE_PATH":
        wrong = {name: tmp_path / "none.creds"}
        assert_published(publish(operator_server.home, "-s", operator_server.url, "--creds", operator_server.creds, **wrong))


def test_creds_with_crlf_and_leading_text(operator_server, tmp_path):
    path = tmp_path / "windows.creds"
    path.write_bytes(b"for the night shift\r\n\r\n" + operator_server.creds.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o600)
    assert_published(publish(operator_server.home, "-s", operator_server.url, "--creds", path), seed_in(path))


def test_no_credentials_are_refused(operator_server):
    assert_refused(publish(operator_server.home, "-s", operator_server.url), NOPERM)


def test_creds_of_an_unknown_account_are_refused(operator_server):
    creds = operator_server.auth.user("stranger", "STRANGER")
    assert_refused(publish(operator_server.home, "-s", operator_server.url, "--creds", creds), NOPERM, seed_in(creds))


def test_creds_of_another_operator_are_refused(operator_server, tmp_path):
    creds = Operator(tmp_path).user("alice")
    assert_refused(publish(operator_server.home, "-s", operator_server.url, "--creds", creds), NOPERM, seed_in(creds))


def test_creds_with_the_seed_of_another_user_are_refused(operator_server, tmp_path):
    other = operator_server.auth.user("other")
    mixed = tmp_path / "mixed.creds"
    mixed.write_text(operator_server.creds.read_text().replace(seed_in(operator_server.creds), seed_in(other)))
    mixed.chmod(0o600)
    assert_refused(publish(operator_server.home, "-s", operator_server.url, "--creds", mixed), NOPERM, seed_in(other))


def test_expired_creds_are_refused(operator_server):
    operator_server.auth.user("brief")
    creds = operator_server.auth.creds("brief", expire="1s")
    time.sleep(2.1)  # expiry counts in whole seconds
    assert_refused(publish(operator_server.home, "-s", operator_server.url, "--creds", creds), NOPERM, seed_in(creds))


def test_a_missing_permission_names_the_subject(operator_server):
    creds = operator_server.auth.user("reader", allow=["$JS.API.>", "_INBOX.>"])
    publisher = publish(operator_server.home, "-s", operator_server.url, "--creds", creds, "--retry-for", "1s", count=1)
    assert publisher.code == NOPERM, publisher.text
    assert "orders.new" in publisher.text
    assert_no_leak(publisher, seed_in(creds))


def test_a_missing_creds_file_is_named(operator_server, tmp_path):
    for options, variables in (
        (["--creds", tmp_path / "none.creds"], {}),
        ([], {"NATS_CREDS": tmp_path / "none.creds"}),
        ([], {"NATS_CREDENTIALS_FILE_PATH": tmp_path / "none.creds"}),
    ):
        publisher = publish(operator_server.home, "-s", operator_server.url, *options, **variables)
        assert_refused(publisher, CONFIG)
        assert f"{tmp_path}/none.creds" in publisher.text


def test_an_invalid_creds_file_is_named(operator_server, tmp_path):
    text = operator_server.creds.read_text()
    seed = seed_in(operator_server.creds)
    bad = {
        "empty": "",
        "shopping": "milk\nbread\n",
        "jwt-only": text[: text.index("*****")],
        "seed-only": text[text.index("*****") :],
        "damaged": text.replace(seed, seed[:-1] + ("A" if seed[-1] != "A" else "B")),
        "cut": text.replace(seed, seed[:40]),
        "large": text + "\n" * 65536,
    }
    for name, content in bad.items():
        path = tmp_path / name
        path.write_text(content)
        path.chmod(0o600)
        publisher = publish(operator_server.home, "-s", operator_server.url, "--creds", path)
        assert_refused(publisher, CONFIG, seed)
        assert str(path) in publisher.text
    publisher = publish(operator_server.home, "-s", operator_server.url, "--creds", tmp_path)
    assert_refused(publisher, CONFIG)


def test_a_creds_file_that_others_may_read_is_warned_of(operator_server, tmp_path):
    path = tmp_path / "open.creds"
    path.write_text(operator_server.creds.read_text())
    for mode, warnings in (0o644, 1), (0o640, 1), (0o600, 0), (0o400, 0):
        path.chmod(mode)
        publisher = publish(operator_server.home, "-s", operator_server.url, "--creds", path)
        assert_published(publisher, seed_in(path))
        assert len([line for line in publisher.lines if str(path) in line]) == warnings


def test_rotated_creds_are_picked_up(operator_server, tmp_path):
    """The server ends the connection when the JWT expires; by then the file holds a new one."""
    path = tmp_path / "rotated.creds"
    operator_server.auth.user("carol")
    operator_server.auth.creds("carol", expire="3s").rename(path)
    before = messages(operator_server.home, operator_server.server, "--creds", operator_server.creds)
    options = "-s", operator_server.url, "--creds", path, "--count", 12, "--interval", "500ms"
    publisher = start(operator_server.home, "publisher", "orders.new", *options)
    time.sleep(1)
    operator_server.auth.creds("carol").rename(path)
    finish(publisher)
    assert_published(publisher, seed_in(path))
    assert "reconnected" in publisher.text, publisher.text
    assert messages(operator_server.home, operator_server.server, "--creds", operator_server.creds) == before + 12


def test_a_creds_file_that_breaks_while_running_is_reported_once(tmp_path):
    operator = Operator(tmp_path)
    creds = operator.user("alice")
    good = creds.read_text()
    with LocalServer().start(fast=True, config=operator.config) as server:
        make_stream(tmp_path, server, "--creds", creds)
        options = "-s", server.url, "--creds", creds, "--count", 10, "--interval", "500ms"
        publisher = start(tmp_path, "publisher", "orders.new", *options)
        time.sleep(1)
        creds.write_text("oops")
        server.kill()
        server.restart()
        time.sleep(1)
        creds.write_text(good)
        finish(publisher, 60)
        assert_published(publisher, seed_in(creds))
        assert len([line for line in publisher.lines if f"'{creds}': holds no user JWT" in line]) == 1, publisher.text
        assert messages(tmp_path, server, "--creds", creds) == 10


def readable_memory_of(pid):
    """Each memory area that the process can read, without a sanitizer's terabytes of shadow."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            area, rights, *_ = line.split()
            begin, end = (int(address, 16) for address in area.split("-"))
            if not rights.startswith("r") or end - begin > 1 << 30 or "[v" in line:
                continue
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except OSError:  # unmapped meanwhile
                continue


def test_no_seed_stays_in_memory(tmp_path):
    """Neither its text nor its bytes, after the first connect and a reconnect."""
    operator = Operator(tmp_path)
    creds = operator.user("alice")
    seed = seed_in(creds)
    raw = base64.b32decode(seed + "=" * (-len(seed) % 8))[2:34]
    with LocalServer().start(fast=True, config=operator.config) as server:
        make_stream(tmp_path, server, "--creds", creds)
        options = "-s", server.url, "--creds", creds, "--count", 100, "--interval", "100ms"
        publisher = start(tmp_path, "publisher", "orders.new", *options)
        time.sleep(1)
        server.kill()
        server.restart()
        time.sleep(1)
        found = set()
        for area in readable_memory_of(publisher.process.pid):
            needles = {"path": os.fsencode(creds), "text": seed[12:28].encode(), "bytes": raw[:12]}
            found |= {name for name, needle in needles.items() if needle in area}
        publisher.kill()
        assert found == {"path"}  # the path shows that the search works


# ---------------------------------------------------------------- nkeys


def test_an_nkey_file_authenticates(tmp_path):
    user = NKeyUser(tmp_path)
    seed = seed_in(user.seed_file)
    with LocalServer().start(fast=True, config=user.config) as server:
        make_stream(tmp_path, server, "--nkey", user.seed_file)
        assert_published(publish(tmp_path, "-s", server.url, "--nkey", user.seed_file), seed)
        assert_published(publish(tmp_path, "-s", server.url, NATS_NKEY=user.seed_file), seed)
        other = tmp_path / "other.nk"
        natscli(tmp_path, "auth", "nkey", "gen", "user", "--output", other)
        other.chmod(0o600)
        assert_refused(publish(tmp_path, "-s", server.url, "--nkey", other), NOPERM, seed_in(other))
        other.write_text(seed_in(other)[:-1])
        assert_refused(publish(tmp_path, "-s", server.url, "--nkey", other), CONFIG)


ARGUMENTS = {
    "consumer": ["orders_stream", "orders.*", "--until-empty"],
    "dlq": ["orders_unprocessed", "orders_stream", "list"],
}


@pytest.mark.parametrize("program", ARGUMENTS)
def test_consumer_and_dlq_use_creds_too(operator_server, tmp_path, program):
    if program == "dlq":
        subjects = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.orders_stream.*,natsq.*.orders_stream.>"
        options = "--subjects", subjects, "--retention", "work", "--defaults"
        natscli(operator_server.home, "-s", operator_server.url, "--creds", operator_server.creds, "stream", "add", "orders_unprocessed", *options)
    words = [program, *ARGUMENTS[program], "-s", operator_server.url]
    run = finish(start(operator_server.home, *words, "--creds", operator_server.creds))
    assert run.code == OK, run.text
    assert_no_leak(run, seed_in(operator_server.creds))
    assert_refused(finish(start(operator_server.home, *words)), NOPERM)
    run = finish(start(operator_server.home, *words, "--creds", tmp_path / "none.creds"))
    assert_refused(run, CONFIG)
    assert "none.creds" in run.text
