"""Authentication with user and password: where they may come from, and that the password does not leak."""

import json
from pathlib import Path
from urllib.parse import quote

from support.exit_codes import NOPERM, OK, USAGE
from support.local_server import LocalServer, wait_until
from support.secured_server import assert_no_leak, assert_published, assert_refused, finish, password_server, publish, start


def test_user_and_password_from_options_and_variables(password_server):
    user = password_server.auth
    given = "--user", user.name, "--password", user.password
    assert_published(publish(password_server.home, "-s", password_server.url, *given), user.password)
    variables = {"NATS_USER": user.name, "NATS_PASSWORD": user.password}
    assert_published(publish(password_server.home, "-s", password_server.url, **variables), user.password)


def test_user_and_password_from_the_url(password_server):
    user = password_server.auth
    url = password_server.url.replace("://", f"://{user.name}:{user.password}@")
    assert_published(publish(password_server.home, "-s", url), user.password)
    wrong = password_server.url.replace("://", f"://{user.name}:wrong-{user.password}@")
    assert_refused(publish(password_server.home, "-s", wrong), NOPERM, user.password)


def test_a_wrong_password_is_refused_and_not_printed(password_server):
    user = password_server.auth
    wrong = "wrong-" + user.password
    publisher = publish(password_server.home, "-s", password_server.url, "--user", user.name, "--password", wrong)
    assert_refused(publisher, NOPERM, user.password)
    publisher = publish(password_server.home, "-s", password_server.url, NATS_USER=user.name, NATS_PASSWORD=wrong)
    assert_refused(publisher, NOPERM, user.password)
    assert_refused(publish(password_server.home, "-s", password_server.url), NOPERM)


def test_a_usage_error_does_not_print_the_password(password_server):
    publisher = publish(password_server.home, "-s", password_server.url, "--password", password_server.auth.password, "--no-such-option")
    assert publisher.code == USAGE
    assert_no_leak(publisher, password_server.auth.password)


def test_the_password_is_wiped_from_the_process_list(password_server):
    user = password_server.auth
    given = "-s", password_server.url, "--user", user.name, "--password", user.password
    publisher = start(password_server.home, "publisher", "orders.new", *given, f"--token={user.password}", "--interval", "1s")
    line = Path(f"/proc/{publisher.process.pid}/cmdline")
    wait_until(lambda: b"orders.new" in line.read_bytes() and user.password.encode() not in line.read_bytes(), "the password is wiped")
    publisher.signal()
    assert_no_leak(finish(publisher), user.password)


def test_handlers_see_no_secret(password_server):
    user = password_server.auth
    variables = {"NATS_USER": user.name, "NATS_PASSWORD": user.password, "NATS_URL": password_server.url}
    assert_published(publish(password_server.home, **variables), user.password)
    look = "tr '\\0' '\\n' </proc/self/environ; tr '\\0' ' ' </proc/$$/cmdline; echo looked"
    options = "orders_stream", "orders.*", "--until-empty", "--", "sh", "-c", look
    consumer = finish(start(password_server.home, "consumer", *options, **variables))
    assert consumer.code == OK, consumer.text
    printed = "\n".join(consumer.out)
    assert "looked" in printed and "NATSQ_SUBJECT=orders.new" in printed
    assert_no_leak(consumer, user.password)


def test_quotes_and_backslashes_in_user_and_password(tmp_path):
    user, password = 'us"er\\', 'pass"word\\, "x": "'
    config = tmp_path / "users.conf"
    config.write_text(f"authorization {{ users = [{{ user: '{user}', password: '{password}' }}] }}\n")
    with LocalServer().start(fast=True, config=config) as server:
        given = "-s", server.url, "--user", user, "--password", password, "--connection-name", 'na"me\\'
        publisher = publish(tmp_path, *given)
        assert publisher.code == 69 and "orders.new" in publisher.text, publisher.text  # the server accepted it
        publisher = publish(tmp_path, *given[:4], "--password", password + "x")
        assert_refused(publisher, NOPERM, password)


def test_any_characters_in_the_user_and_password_of_a_url(tmp_path):
    """Each server gets the user and password of its own URL."""
    users = ('us"er\\', 'pass"word\\, "x": "'), ("other", "a:b@c%d\t\x01é")
    lines = (json.dumps({"user": user, "password": password}, ensure_ascii=False).replace("u00", "x") for user, password in users)
    config = tmp_path / "users.conf"
    config.write_text(f"authorization {{ users = [{', '.join(lines)}] }}\n")
    with LocalServer().start(fast=True, config=config) as server:

        def url(user, password):
            return server.url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")

        for user, password in users:
            for given in url(user, password), f"nats://nobody:nothing@127.0.0.1:1,{url(user, password)}":
                publisher = publish(tmp_path, "-s", given)
                assert publisher.code == 69 and "no stream has" in publisher.text, publisher.text  # the server accepted it
            assert_refused(publish(tmp_path, "-s", url(user, password + '"x')), NOPERM, password)
