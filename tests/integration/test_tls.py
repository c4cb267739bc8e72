"""The programs over TLS: whom they trust, and how they prove themselves."""

import subprocess

import pytest

from support.exit_codes import CONFIG, NOPERM, UNAVAILABLE, USAGE
from support.local_server import LocalServer
from support.secured_server import assert_published, assert_refused, encrypted, finish, make_stream, operated, publish, start
from support.server_auth import Authority, key_of, seed_in


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
