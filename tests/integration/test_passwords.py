"""The programs with a password: where it may come from, and that nobody sees it."""

import json
from pathlib import Path
from urllib.parse import quote

from support.exit_codes import NOPERM, OK, USAGE
from support.local_server import LocalServer, wait_until
from support.secured_server import assert_kept, assert_published, assert_refused, finish, guarded, publish, start


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


def test_quotes_and_backslashes(tmp_path):
    user, password = 'us"er\\', 'pass"word\\, "x": "'
    config = tmp_path / "users.conf"
    config.write_text(f"authorization {{ users = [{{ user: '{user}', password: '{password}' }}] }}\n")
    with LocalServer().start(fast=True, config=config) as server:
        given = "-s", server.url, "--user", user, "--password", password, "--connection-name", 'na"me\\'
        outcome = publish(tmp_path, *given)
        assert outcome.code == 69 and "orders.new" in outcome.stderr, outcome.stderr  # it was let in
        outcome = publish(tmp_path, *given[:4], "--password", password + "x")
        assert_refused(outcome, NOPERM, password)


def test_quotes_in_the_url(tmp_path):
    """Each server gets the user and password of its own URL, whatever is in them."""
    users = ('us"er\\', 'pass"word\\, "x": "'), ("other", "a:b@c%d\t\x01é")
    lines = (json.dumps({"user": user, "password": password}, ensure_ascii=False).replace("u00", "x") for user, password in users)
    config = tmp_path / "users.conf"
    config.write_text(f"authorization {{ users = [{', '.join(lines)}] }}\n")
    with LocalServer().start(fast=True, config=config) as server:

        def url(user, password):
            return server.url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")

        for user, password in users:
            for given in url(user, password), f"nats://nobody:nothing@127.0.0.1:1,{url(user, password)}":
                outcome = publish(tmp_path, "-s", given)
                assert outcome.code == 69 and "no stream has" in outcome.stderr, outcome.stderr  # it was let in
            assert_refused(publish(tmp_path, "-s", url(user, password + '"x')), NOPERM, password)
