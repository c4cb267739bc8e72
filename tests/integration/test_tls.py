"""TLS: which servers the programs trust, and client certificates."""

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


def test_tls_with_the_authority(tls_server):
    assert_published(publish(tls_server.home, "-s", tls_server.url, "--tlsca", tls_server.auth.ca))
    assert_published(publish(tls_server.home, NATS_URL=tls_server.url, NATS_CA=tls_server.auth.ca))
    by_name = tls_server.url.replace("127.0.0.1", "localhost")
    assert_published(publish(tls_server.home, "-s", by_name, "--tlsca", tls_server.auth.ca))


def test_tls_that_only_the_server_demands(tls_server):
    plain = tls_server.url.replace("tls://", "nats://")
    assert_published(publish(tls_server.home, "-s", plain, "--tlsca", tls_server.auth.ca))


def test_a_server_without_a_trusted_authority_is_refused(tls_server):
    for url in tls_server.url, tls_server.url.replace("tls://", "nats://"):
        publisher = publish(tls_server.home, "-s", url)
        assert_refused(publisher, UNAVAILABLE)
        assert "--tlsca" in publisher.text


def test_a_server_of_another_authority_is_refused(tls_server, tmp_path):
    publisher = publish(tls_server.home, "-s", tls_server.url, "--tlsca", Authority(tmp_path).ca)
    assert_refused(publisher, UNAVAILABLE)
    assert "--tlsca" in publisher.text


def test_a_server_certificate_for_another_name_is_refused(tmp_path):
    authority = Authority(tmp_path, names="DNS:elsewhere.example")
    with LocalServer().start(fast=True, config=authority.config) as server:
        for host in "127.0.0.1", "localhost":
            publisher = publish(tmp_path, "-s", server.url.replace("127.0.0.1", host), "--tlsca", authority.ca)
            assert_refused(publisher, UNAVAILABLE)


def test_a_tlsca_file_that_is_no_certificate_is_named(tls_server, tmp_path):
    for name, content in ("none.pem", None), ("shopping.pem", "milk\n"):
        if content:
            (tmp_path / name).write_text(content)
        publisher = publish(tls_server.home, "-s", tls_server.url, "--tlsca", tmp_path / name)
        assert_refused(publisher, CONFIG)
        assert "--tlsca" in publisher.text and name in publisher.text


def test_a_client_certificate_authenticates(tmp_path):
    authority = Authority(tmp_path, verify=True)
    mine = "--tlscert", authority.client, "--tlskey", key_of(authority.client)
    trust = "--tlsca", authority.ca
    with LocalServer().start(fast=True, config=authority.config) as server:
        make_stream(tmp_path, server, *trust, *mine)
        assert_published(publish(tmp_path, "-s", server.url, *trust, *mine))
        variables = {"NATS_CA": authority.ca, "NATS_CERT": authority.client, "NATS_KEY": key_of(authority.client)}
        assert_published(publish(tmp_path, "-s", server.url, **variables))
        publisher = publish(tmp_path, "-s", server.url, *trust)
        assert publisher.code in (UNAVAILABLE, NOPERM) and len(publisher.lines) == 1, publisher.text
        publisher = publish(tmp_path, "-s", server.url, *trust, *mine[:2])
        assert_refused(publisher, USAGE)


def test_creds_without_a_server_mean_synadia_cloud(operator_server):
    """As in the walk-through. In a network namespace of its own, where no server answers."""
    without_network = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*without_network, "true"], capture_output=True).returncode != 0:
        pytest.skip("no network namespaces here")
    publisher = start(operator_server.home, "publisher", "orders.new", under=without_network, NATS_CREDENTIALS_FILE_PATH=operator_server.creds)
    finish(publisher)
    assert_refused(publisher, UNAVAILABLE, seed_in(operator_server.creds))
    assert "tls://connect.ngs.global" in publisher.text
