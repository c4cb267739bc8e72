"""The programs over TLS: whom they trust, and how they prove themselves."""

import subprocess

import pytest

from support.exit_codes import CONFIG, NOPERM, UNAVAILABLE, USAGE
from support.local_server import LocalServer
from support.secured_server import (
    assert_published,
    assert_refused,
    finish,
    make_stream,
    operator_server,
    publish,
    start,
    tls_server,
)
from support.server_auth import Authority, key_of, seed_in


def test_tls(tls_server):
    assert_published(publish(tls_server.home, "-s", tls_server.url, "--tlsca", tls_server.auth.ca))
    assert_published(publish(tls_server.home, NATS_URL=tls_server.url, NATS_CA=tls_server.auth.ca))
    by_name = tls_server.url.replace("127.0.0.1", "localhost")
    assert_published(publish(tls_server.home, "-s", by_name, "--tlsca", tls_server.auth.ca))


def test_tls_that_only_the_server_asks_for(tls_server):
    plain = tls_server.url.replace("tls://", "nats://")
    assert_published(publish(tls_server.home, "-s", plain, "--tlsca", tls_server.auth.ca))


def test_tls_without_the_authority(tls_server):
    for url in tls_server.url, tls_server.url.replace("tls://", "nats://"):
        publisher = publish(tls_server.home, "-s", url)
        assert_refused(publisher, UNAVAILABLE)
        assert "--tlsca" in publisher.text


def test_tls_with_another_authority(tls_server, tmp_path):
    publisher = publish(tls_server.home, "-s", tls_server.url, "--tlsca", Authority(tmp_path).ca)
    assert_refused(publisher, UNAVAILABLE)
    assert "--tlsca" in publisher.text


def test_tls_for_another_name(tmp_path):
    authority = Authority(tmp_path, names="DNS:elsewhere.example")
    with LocalServer().start(fast=True, config=authority.config) as server:
        for host in "127.0.0.1", "localhost":
            publisher = publish(tmp_path, "-s", server.url.replace("127.0.0.1", host), "--tlsca", authority.ca)
            assert_refused(publisher, UNAVAILABLE)


def test_tlsca_that_is_no_certificate(tls_server, tmp_path):
    for name, content in ("none.pem", None), ("shopping.pem", "milk\n"):
        if content:
            (tmp_path / name).write_text(content)
        publisher = publish(tls_server.home, "-s", tls_server.url, "--tlsca", tmp_path / name)
        assert_refused(publisher, CONFIG)
        assert "--tlsca" in publisher.text and name in publisher.text


def test_client_certificate(tmp_path):
    authority = Authority(tmp_path, verify=True)
    mine = "--tlscert", authority.client, "--tlskey", key_of(authority.client)
    trust = "--tlsca", authority.ca
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(tmp_path, server, *trust, *mine)
        assert_published(publish(tmp_path, "-s", server.url, *trust, *mine))
        told = {"NATS_CA": authority.ca, "NATS_CERT": authority.client, "NATS_KEY": key_of(authority.client)}
        assert_published(publish(tmp_path, "-s", server.url, **told))
        publisher = publish(tmp_path, "-s", server.url, *trust)
        assert publisher.code in (UNAVAILABLE, NOPERM) and len(publisher.lines) == 1, publisher.text
        publisher = publish(tmp_path, "-s", server.url, *trust, *mine[:2])
        assert_refused(publisher, USAGE)


def test_walk_through_variable_means_the_cloud(operator_server):
    """With no server named it is Synadia Cloud; in a network of our own, where nobody answers."""
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespaces here")
    publisher = start(operator_server.home, "publisher", "orders.new", under=alone, NATS_CREDENTIALS_FILE_PATH=operator_server.creds)
    finish(publisher)
    assert_refused(publisher, UNAVAILABLE, seed_in(operator_server.creds))
    assert "tls://connect.ngs.global" in publisher.text
