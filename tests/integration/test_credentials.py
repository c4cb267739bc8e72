"""The programs against servers that ask who they are: operator mode, NKeys, passwords, TLS."""

import base64
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from support.localserver import LocalServer, wait_until
from support.operator import Authority, NKeyUser, Operator, PasswordUser, clean_environment, key_of, nats, seed_in

BIN = Path(os.environ["NATSQ_BIN"])
OK, USAGE, UNAVAILABLE, NOPERM, CONFIG = 0, 64, 69, 77, 78
CONNECT_TIMEOUT = 5  # the default of --timeout


class Outcome:
    def __init__(self, done, seconds):
        self.code, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr
        self.lines = done.stderr.splitlines()
        self.seconds = seconds


def start(home, program, *arguments, under=(), **environment):
    return subprocess.Popen(
        [*under, BIN / program, *map(str, arguments)],
        env={**clean_environment(home), **{name: str(value) for name, value in environment.items()}},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, within):
    begin = time.monotonic()
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"still running after {within} s\n{process.communicate()[1]}")
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    return Outcome(done, time.monotonic() - begin)


def publish(home, *arguments, count=2, **environment):
    count_options = "--count", count, "--interval", "1ms"
    return finish(start(home, "publisher", "orders.new", *arguments, *count_options, **environment), 30)


def assert_published(outcome, *secrets):
    assert outcome.code == OK, outcome.stderr
    assert "published order no. 1" in outcome.stderr + outcome.stdout
    assert_kept(outcome, *secrets)


def assert_refused(outcome, code, *secrets):
    """One line, in time, that tells no secret."""
    assert outcome.code == code, outcome.stderr
    assert len(outcome.lines) == 1, outcome.stderr
    assert outcome.stdout == ""
    assert outcome.seconds < CONNECT_TIMEOUT + 1
    assert_kept(outcome, *secrets)


def assert_kept(outcome, *secrets):
    """Neither a secret nor a good part of it is in what was said."""
    for secret in secrets:
        for at in range(len(secret) - 7):
            assert secret[at : at + 8] not in outcome.stdout + outcome.stderr


def make_stream(home, server, *who):
    options = "--subjects", "orders.*", "--retention", "work", "--storage", "file", "--discard", "new", "--defaults"
    nats(home, "-s", server.url, *who, "stream", "add", "orders_stream", *options)


def messages(home, server, *who):
    told = json.loads(nats(home, "-s", server.url, *who, "stream", "info", "orders_stream", "--json"))
    return told["state"]["messages"]


class World:
    """A server and the folder of those who may use it."""

    def __init__(self, home, server, keeper):
        self.home, self.server, self.keeper = home, server, keeper
        self.url = server.url


@pytest.fixture(scope="module")
def operated(tmp_path_factory):
    home = tmp_path_factory.mktemp("operator")
    operator = Operator(home)
    with LocalServer().start(fast=True, config=operator.config) as server:
        world = World(home, server, operator)
        world.creds = operator.user("alice")
        make_stream(home, server, "--creds", world.creds)
        yield world


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """User and password."""
    home = tmp_path_factory.mktemp("password")
    user = PasswordUser(home)
    with LocalServer().start(fast=True, config=user.config) as server:
        make_stream(home, server, "--user", user.name, "--password", user.password)
        yield World(home, server, user)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    home = tmp_path_factory.mktemp("tls")
    authority = Authority(home)
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(home, server, "--tlsca", authority.ca)
        yield World(home, server, authority)


# ---------------------------------------------------------------- creds files


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
        nats(tmp_path, "auth", "nkey", "gen", "user", "--output", other)
        other.chmod(0o600)
        assert_refused(publish(tmp_path, "-s", server.url, "--nkey", other), NOPERM, seed_in(other))
        other.write_text(seed_in(other)[:-1])
        assert_refused(publish(tmp_path, "-s", server.url, "--nkey", other), CONFIG)


# ---------------------------------------------------------------- passwords


def test_password(guarded):
    user = guarded.keeper
    given = "--user", user.name, "--password", user.password
    assert_published(publish(guarded.home, "-s", guarded.url, *given), user.password)
    told = {"NATS_USER": user.name, "NATS_PASSWORD": user.password}
    assert_published(publish(guarded.home, "-s", guarded.url, **told), user.password)


def test_password_in_the_url(guarded):
    user = guarded.keeper
    url = guarded.url.replace("://", f"://{user.name}:{user.password}@")
    assert_published(publish(guarded.home, "-s", url), user.password)
    wrong = guarded.url.replace("://", f"://{user.name}:wrong-{user.password}@")
    assert_refused(publish(guarded.home, "-s", wrong), NOPERM, user.password)


def test_wrong_password(guarded):
    user = guarded.keeper
    wrong = "wrong-" + user.password
    outcome = publish(guarded.home, "-s", guarded.url, "--user", user.name, "--password", wrong)
    assert_refused(outcome, NOPERM, user.password)
    outcome = publish(guarded.home, "-s", guarded.url, NATS_USER=user.name, NATS_PASSWORD=wrong)
    assert_refused(outcome, NOPERM, user.password)
    assert_refused(publish(guarded.home, "-s", guarded.url), NOPERM)


def test_password_in_a_usage_error(guarded):
    outcome = publish(guarded.home, "-s", guarded.url, "--password", guarded.keeper.password, "--no-such-option")
    assert outcome.code == USAGE
    assert_kept(outcome, guarded.keeper.password)


def test_password_is_not_in_the_process_list(guarded):
    user = guarded.keeper
    given = "-s", guarded.url, "--user", user.name, "--password", user.password
    process = start(guarded.home, "publisher", "orders.new", *given, f"--token={user.password}", "--interval", "1s")
    line = Path(f"/proc/{process.pid}/cmdline")
    wait_until(lambda: b"orders.new" in line.read_bytes() and user.password.encode() not in line.read_bytes(), "wiped")
    process.terminate()
    assert_kept(finish(process, 30), user.password)


def test_handlers_see_no_secret(guarded):
    user = guarded.keeper
    told = {"NATS_USER": user.name, "NATS_PASSWORD": user.password, "NATS_URL": guarded.url}
    assert_published(publish(guarded.home, **told), user.password)
    look = "tr '\\0' '\\n' </proc/self/environ; tr '\\0' ' ' </proc/$$/cmdline; echo looked"
    options = "orders_stream", "orders.*", "--until-empty", "--", "sh", "-c", look
    outcome = finish(start(guarded.home, "consumer", *options, **told), 30)
    assert outcome.code == OK, outcome.stderr
    assert "looked" in outcome.stdout and "NATSQ_SUBJECT=orders.new" in outcome.stdout
    assert_kept(outcome, user.password)


# ---------------------------------------------------------------- the other programs

OTHERS = {
    "consumer": ["orders_stream", "orders.*", "--until-empty"],
    "dlq": ["orders_unprocessed", "orders_stream", "list"],
}


@pytest.mark.parametrize("program", OTHERS)
def test_other_programs(operated, tmp_path, program):
    if program == "dlq":
        subjects = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.orders_stream.*,natsq.*.orders_stream.>"
        options = "--subjects", subjects, "--retention", "work", "--defaults"
        nats(operated.home, "-s", operated.url, "--creds", operated.creds, "stream", "add", "orders_unprocessed", *options)
    words = [program, *OTHERS[program], "-s", operated.url]
    outcome = finish(start(operated.home, *words, "--creds", operated.creds), 30)
    assert outcome.code == OK, outcome.stderr
    assert_kept(outcome, seed_in(operated.creds))
    assert_refused(finish(start(operated.home, *words), 30), NOPERM)
    outcome = finish(start(operated.home, *words, "--creds", tmp_path / "none.creds"), 30)
    assert_refused(outcome, CONFIG)
    assert "none.creds" in outcome.stderr


# ---------------------------------------------------------------- TLS


def test_tls(encrypted):
    assert_published(publish(encrypted.home, "-s", encrypted.url, "--tlsca", encrypted.keeper.ca))
    assert_published(publish(encrypted.home, NATS_URL=encrypted.url, NATS_CA=encrypted.keeper.ca))
    by_name = encrypted.url.replace("127.0.0.1", "localhost")
    assert_published(publish(encrypted.home, "-s", by_name, "--tlsca", encrypted.keeper.ca))


def test_tls_that_only_the_server_asks_for(encrypted):
    plain = encrypted.url.replace("tls://", "nats://")
    assert_published(publish(encrypted.home, "-s", plain, "--tlsca", encrypted.keeper.ca))


def test_tls_without_the_authority(encrypted):
    for url in encrypted.url, encrypted.url.replace("tls://", "nats://"):
        outcome = publish(encrypted.home, "-s", url)
        assert_refused(outcome, UNAVAILABLE)
        assert "--tlsca" in outcome.stderr


def test_tls_with_another_authority(encrypted, tmp_path):
    outcome = publish(encrypted.home, "-s", encrypted.url, "--tlsca", Authority(tmp_path).ca)
    assert_refused(outcome, UNAVAILABLE)
    assert "--tlsca" in outcome.stderr


def test_tls_for_another_name(tmp_path):
    authority = Authority(tmp_path, names="DNS:elsewhere.example")
    with LocalServer().start(fast=True, config=authority.config) as server:
        for host in "127.0.0.1", "localhost":
            outcome = publish(tmp_path, "-s", server.url.replace("127.0.0.1", host), "--tlsca", authority.ca)
            assert_refused(outcome, UNAVAILABLE)


def test_tlsca_that_is_no_certificate(encrypted, tmp_path):
    for name, content in ("none.pem", None), ("shopping.pem", "milk\n"):
        if content:
            (tmp_path / name).write_text(content)
        outcome = publish(encrypted.home, "-s", encrypted.url, "--tlsca", tmp_path / name)
        assert_refused(outcome, CONFIG)
        assert "--tlsca" in outcome.stderr and name in outcome.stderr


def test_client_certificate(tmp_path):
    authority = Authority(tmp_path, verify=True)
    mine = "--tlscert", authority.client, "--tlskey", key_of(authority.client)
    trust = "--tlsca", authority.ca
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(tmp_path, server, *trust, *mine)
        assert_published(publish(tmp_path, "-s", server.url, *trust, *mine))
        told = {"NATS_CA": authority.ca, "NATS_CERT": authority.client, "NATS_KEY": key_of(authority.client)}
        assert_published(publish(tmp_path, "-s", server.url, **told))
        outcome = publish(tmp_path, "-s", server.url, *trust)
        assert outcome.code in (UNAVAILABLE, NOPERM) and len(outcome.lines) == 1, outcome.stderr
        outcome = publish(tmp_path, "-s", server.url, *trust, *mine[:2])
        assert_refused(outcome, USAGE)


def test_walk_through_variable_means_the_cloud(operated):
    """With no server named it is Synadia Cloud; in a network of our own, where nobody answers."""
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespaces here")
    process = start(operated.home, "publisher", "orders.new", under=alone, NATS_CREDENTIALS_FILE_PATH=operated.creds)
    outcome = finish(process, 30)
    assert_refused(outcome, UNAVAILABLE, seed_in(operated.creds))
    assert "tls://connect.ngs.global" in outcome.stderr
