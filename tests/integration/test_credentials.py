"""The programs with creds files and NKeys: who they are, and what becomes of the secrets."""

import base64
import os
import time
from pathlib import Path

import pytest

from support.exit_codes import CONFIG, NOPERM, OK
from support.local_server import LocalServer
from support.natscli import natscli
from support.secured_server import (
    assert_kept,
    assert_published,
    assert_refused,
    finish,
    make_stream,
    messages,
    operated,
    publish,
    start,
)
from support.server_auth import NKeyUser, Operator, seed_in


def test_creds_option(operated):
    assert_published(publish(operated.home, "-s", operated.url, "--creds", operated.creds), seed_in(operated.creds))


def test_creds_variables(operated):
    seed = seed_in(operated.creds)
    assert_published(publish(operated.home, NATS_URL=operated.url, NATS_CREDS=operated.creds), seed)
    assert_published(publish(operated.home, "-s", operated.url, NATS_CREDENTIALS_FILE_PATH=operated.creds), seed)
    assert_published(publish(operated.home, NATS_URL=operated.url, NATS_CREDENTIALS_FILE_PATH=operated.creds), seed)


def test_option_goes_before_variable(operated, tmp_path):
    for name in "NATS_CREDS", "NATS_CREDENTIALS_FILE_PATH":
        wrong = {name: tmp_path / "none.creds"}
        assert_published(publish(operated.home, "-s", operated.url, "--creds", operated.creds, **wrong))


def test_creds_with_crlf_and_leading_text(operated, tmp_path):
    path = tmp_path / "windows.creds"
    path.write_bytes(b"for the night shift\r\n\r\n" + operated.creds.read_bytes().replace(b"\n", b"\r\n"))
    path.chmod(0o600)
    assert_published(publish(operated.home, "-s", operated.url, "--creds", path), seed_in(path))


def test_no_credentials(operated):
    assert_refused(publish(operated.home, "-s", operated.url), NOPERM)


def test_creds_of_an_account_the_server_does_not_know(operated):
    creds = operated.keeper.user("stranger", "STRANGER")
    assert_refused(publish(operated.home, "-s", operated.url, "--creds", creds), NOPERM, seed_in(creds))


def test_creds_of_another_operator(operated, tmp_path):
    creds = Operator(tmp_path).user("alice")
    assert_refused(publish(operated.home, "-s", operated.url, "--creds", creds), NOPERM, seed_in(creds))


def test_creds_with_another_users_seed(operated, tmp_path):
    other = operated.keeper.user("other")
    mixed = tmp_path / "mixed.creds"
    mixed.write_text(operated.creds.read_text().replace(seed_in(operated.creds), seed_in(other)))
    mixed.chmod(0o600)
    assert_refused(publish(operated.home, "-s", operated.url, "--creds", mixed), NOPERM, seed_in(other))


def test_expired_creds(operated):
    operated.keeper.user("brief")
    creds = operated.keeper.creds("brief", expire="1s")
    time.sleep(2.1)  # expiry counts in whole seconds
    assert_refused(publish(operated.home, "-s", operated.url, "--creds", creds), NOPERM, seed_in(creds))


def test_not_permitted_to_publish(operated):
    creds = operated.keeper.user("reader", allow=["$JS.API.>", "_INBOX.>"])
    outcome = publish(operated.home, "-s", operated.url, "--creds", creds, "--retry-for", "1s", count=1)
    assert outcome.code == NOPERM, outcome.stderr
    assert "orders.new" in outcome.stderr
    assert_kept(outcome, seed_in(creds))


def test_missing_creds_file(operated, tmp_path):
    for options, variables in (
        (["--creds", tmp_path / "none.creds"], {}),
        ([], {"NATS_CREDS": tmp_path / "none.creds"}),
        ([], {"NATS_CREDENTIALS_FILE_PATH": tmp_path / "none.creds"}),
    ):
        outcome = publish(operated.home, "-s", operated.url, *options, **variables)
        assert_refused(outcome, CONFIG)
        assert f"{tmp_path}/none.creds" in outcome.stderr


def test_creds_file_that_is_none(operated, tmp_path):
    text = operated.creds.read_text()
    seed = seed_in(operated.creds)
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
        outcome = publish(operated.home, "-s", operated.url, "--creds", path)
        assert_refused(outcome, CONFIG, seed)
        assert str(path) in outcome.stderr
    outcome = publish(operated.home, "-s", operated.url, "--creds", tmp_path)
    assert_refused(outcome, CONFIG)


def test_creds_file_that_others_may_read(operated, tmp_path):
    path = tmp_path / "open.creds"
    path.write_text(operated.creds.read_text())
    for mode, warnings in (0o644, 1), (0o640, 1), (0o600, 0), (0o400, 0):
        path.chmod(mode)
        outcome = publish(operated.home, "-s", operated.url, "--creds", path)
        assert_published(outcome, seed_in(path))
        assert len([line for line in outcome.lines if str(path) in line]) == warnings


def test_new_creds_are_picked_up(operated, tmp_path):
    """The server ends the connection when the JWT expires; the file has got a new one by then."""
    path = tmp_path / "rotated.creds"
    operated.keeper.user("carol")
    operated.keeper.creds("carol", expire="3s").rename(path)
    before = messages(operated.home, operated.server, "--creds", operated.creds)
    options = "-s", operated.url, "--creds", path, "--count", 12, "--interval", "500ms"
    process = start(operated.home, "publisher", "orders.new", *options)
    time.sleep(1)
    operated.keeper.creds("carol").rename(path)
    outcome = finish(process, 30)
    assert_published(outcome, seed_in(path))
    assert "reconnected" in outcome.stderr, outcome.stderr
    assert messages(operated.home, operated.server, "--creds", operated.creds) == before + 12


def test_broken_file_while_running_is_said_and_mended(tmp_path):
    operator = Operator(tmp_path)
    creds = operator.user("alice")
    good = creds.read_text()
    with LocalServer().start(fast=True, config=operator.config) as server:
        make_stream(tmp_path, server, "--creds", creds)
        options = "-s", server.url, "--creds", creds, "--count", 10, "--interval", "500ms"
        process = start(tmp_path, "publisher", "orders.new", *options)
        time.sleep(1)
        creds.write_text("oops")
        server.kill()
        server.restart()
        time.sleep(1)
        creds.write_text(good)
        outcome = finish(process, 60)
        assert_published(outcome, seed_in(creds))
        assert len([line for line in outcome.lines if f"'{creds}': holds no user JWT" in line]) == 1, outcome.stderr
        assert messages(tmp_path, server, "--creds", creds) == 10


def memory_of(pid):
    """What a process can read of itself, area by area; not a sanitizer's terabytes of shadow."""
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
    """Neither its text nor its bytes, after a first and a second connect."""
    operator = Operator(tmp_path)
    creds = operator.user("alice")
    seed = seed_in(creds)
    raw = base64.b32decode(seed + "=" * (-len(seed) % 8))[2:34]
    with LocalServer().start(fast=True, config=operator.config) as server:
        make_stream(tmp_path, server, "--creds", creds)
        options = "-s", server.url, "--creds", creds, "--count", 100, "--interval", "100ms"
        process = start(tmp_path, "publisher", "orders.new", *options)
        time.sleep(1)
        server.kill()
        server.restart()
        time.sleep(1)
        found = set()
        for area in memory_of(process.pid):
            needles = {"path": os.fsencode(creds), "text": seed[12:28].encode(), "bytes": raw[:12]}
            found |= {name for name, needle in needles.items() if needle in area}
        process.kill()
        process.communicate()
        assert found == {"path"}  # which shows that the search finds what is there


# ---------------------------------------------------------------- nkeys


def test_nkey(tmp_path):
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


OTHERS = {
    "consumer": ["orders_stream", "orders.*", "--until-empty"],
    "dlq": ["orders_unprocessed", "orders_stream", "list"],
}


@pytest.mark.parametrize("program", OTHERS)
def test_other_programs(operated, tmp_path, program):
    if program == "dlq":
        subjects = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.orders_stream.*,natsq.*.orders_stream.>"
        options = "--subjects", subjects, "--retention", "work", "--defaults"
        natscli(operated.home, "-s", operated.url, "--creds", operated.creds, "stream", "add", "orders_unprocessed", *options)
    words = [program, *OTHERS[program], "-s", operated.url]
    outcome = finish(start(operated.home, *words, "--creds", operated.creds), 30)
    assert outcome.code == OK, outcome.stderr
    assert_kept(outcome, seed_in(operated.creds))
    assert_refused(finish(start(operated.home, *words), 30), NOPERM)
    outcome = finish(start(operated.home, *words, "--creds", tmp_path / "none.creds"), 30)
    assert_refused(outcome, CONFIG)
    assert "none.creds" in outcome.stderr
