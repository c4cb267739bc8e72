"""scripts/local-server with real servers."""

import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support.build import DEPS_BIN
from support.exit_codes import NOPERM, OK, UNAVAILABLE, USAGE
from support.local_server import LocalServer, SCRIPT as LOCAL_SERVER, wait_until
from support.scripts import CREATE_STREAMS, listening_addresses, local_server, monitor, nats, port_of, run, server, servers_of


def test_start_prints_only_the_url_of_a_ready_server(local_server, run, tmp_path):
    done = local_server("start", "--port", 0, "--store", tmp_path / "s")
    assert done.returncode == OK
    assert re.fullmatch(r"nats://127\.0\.0\.1:\d+\n", done.stdout)
    added = run(DEPS_BIN / "nats", "--server", done.stdout.strip(), "stream", "add", "s", "--subjects=s", "--defaults")
    assert added.returncode == OK, added.stderr


def test_a_second_start_says_that_it_runs_and_prints_the_same_url(local_server, tmp_path):
    store = tmp_path / "s"
    first = local_server("start", "--port", 0, "--store", store)
    second = local_server("start", "--store", store)
    assert (second.returncode, second.stdout) == (OK, first.stdout)
    assert "running" in second.stderr
    assert len(servers_of(store)) == 1


def test_two_starts_at_once_start_one_server(local_server, tmp_path):
    store = tmp_path / "s"
    command = [str(LOCAL_SERVER), "start", "--port", "0", "--store", str(store)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    urls = [process.communicate(timeout=60)[0] for process in both]
    assert local_server("status", "--store", store).returncode == OK
    assert urls[0] == urls[1] and len(servers_of(store)) == 1


def test_servers_of_two_stores_run_side_by_side(local_server, tmp_path):
    urls = {local_server("start", "--port", 0, "--store", tmp_path / name).stdout for name in "ab"}
    assert len(urls) == 2
    local_server("stop", "--store", tmp_path / "a")
    assert local_server("status", "--store", tmp_path / "a").returncode == UNAVAILABLE
    assert local_server("status", "--store", tmp_path / "b").returncode == OK


def test_stop_waits_for_the_end_and_may_be_repeated(local_server, tmp_path):
    store = tmp_path / "s"
    local_server("start", "--port", 0, "--store", store)
    assert servers_of(store)
    assert local_server("stop", "--store", store).returncode == OK
    assert not servers_of(store)
    again = local_server("stop", "--store", store)
    assert again.returncode == OK and "not running" in again.stderr
    assert local_server("stop", "--store", tmp_path / "never").returncode == OK
    assert not (tmp_path / "never").exists()


def test_status_shows_url_store_and_nodes(local_server, tmp_path):
    store = tmp_path / "s"
    before = local_server("status", "--store", store)
    assert before.returncode == UNAVAILABLE and "not running" in before.stderr
    url = local_server("start", "--port", 0, "--store", store).stdout.strip()
    status = local_server("status", "--store", store)
    assert status.returncode == OK
    shown = dict(line.split(None, 1) for line in status.stdout.splitlines())
    pid = (store / "n1" / "pid").read_text().strip()
    assert shown == {
        "url": url,
        "store": str(store),
        "nodes": "1",
        "sync_interval": "always",
        "n1": f"up, pid {pid}",
    }
    local_server("stop", "--store", store)
    assert local_server("status", "--store", store).returncode == UNAVAILABLE


def test_every_confirmed_job_is_synced_to_disk_unless_fast(local_server, tmp_path):
    for options, always in ((), True), (("--fast",), False):
        server = LocalServer(tmp_path / f"s{always}")
        local_server("start", "--port", 0, "--store", server.store, *options)
        config = monitor(server, "/varz")["jetstream"]["config"]
        assert config.get("sync_always", False) is always
        assert always or config["sync_interval"] == 120 * 10**9


def test_many_streams_of_256_mb_have_room(server, nats):
    assert monitor(server, "/varz")["jetstream"]["config"]["max_storage"] == 64 << 30
    assert monitor(server, "/varz")["max_payload"] == 1 << 20
    for i in range(20):
        nats("stream", "add", f"s{i}", f"--subjects=s{i}", "--max-bytes=256MB", "--defaults")


@pytest.mark.parametrize("nodes, listeners", [(1, 2), (3, 3)])
def test_it_listens_on_the_loopback_only(tmp_path, nodes, listeners):
    with LocalServer(tmp_path / "s").start(nodes=nodes, fast=True) as server:
        for node in range(1, nodes + 1):
            found = listening_addresses(server.pid(node))
            assert {address for address, _ in found} == {"0100007F"}
            assert len(found) == listeners


def test_its_ports_are_outside_the_ephemeral_range(server):
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(port < first for _, port in listening_addresses(server.pid()))


def test_a_killed_server_comes_back_on_the_same_port_with_its_jobs(server, nats):
    url, pid = server.url, server.pid()
    nats("stream", "add", "jobs", "--subjects=jobs", "--defaults")
    nats("request", "jobs", "one")
    server.kill()
    server.restart()
    assert server.url == url and server.pid() != pid
    assert json.loads(nats("stream", "info", "jobs", "--json"))["state"]["messages"] == 1


def test_a_stopped_server_comes_back_on_the_same_port(server):
    url = server.url
    server.stop()
    assert server.restart().url == url


def test_the_process_of_a_stale_pid_file_is_not_touched(server, local_server):
    server.kill()
    other = subprocess.Popen(["sleep", "60"])
    try:
        (server.store / "n1" / "pid").write_text(f"{other.pid}\n")
        assert local_server("status", "--store", server.store).returncode == UNAVAILABLE
        assert local_server("stop", "--store", server.store).returncode == OK
        assert other.poll() is None
        server.restart()
        assert other.poll() is None and server.pid() != other.pid
    finally:
        other.kill()
        other.wait()


def test_it_survives_ctrl_c_in_the_calling_script(server):
    """It has a process group of its own."""
    assert os.getpgid(server.pid()) == server.pid()


def test_a_cluster_survives_the_loss_of_each_node(tmp_path, run, local_server):
    with LocalServer(tmp_path / "s").start(nodes=3, fast=True) as server:
        urls, pids = server.url, {node: server.pid(node) for node in (1, 2, 3)}
        assert re.fullmatch(r"(nats://127\.0\.0\.1:\d+,){2}nats://127\.0\.0\.1:\d+", urls)

        done = run(CREATE_STREAMS, "--replicas", 3, NATS_URL=urls)
        assert done.returncode == OK, done.stderr
        info = json.loads(run(DEPS_BIN / "nats", "--server", urls, "stream", "info", "orders_stream", "--json").stdout)
        assert info["config"]["num_replicas"] == 3
        replicas = {peer["name"] for peer in info["cluster"]["replicas"]}
        assert replicas | {info["cluster"]["leader"]} == {"n1", "n2", "n3"}

        server.kill(2)
        status = local_server("status", "--store", server.store)
        assert status.returncode == UNAVAILABLE and re.search(r"^n2 +down$", status.stdout, re.M)
        server.restart(2)
        assert server.url == urls
        assert server.pid(2) != pids[2]
        assert (server.pid(1), server.pid(3)) == (pids[1], pids[3])
        again = run(CREATE_STREAMS, "--replicas", 3, NATS_URL=urls)
        assert (again.returncode, again.stdout.count("nothing to change")) == (OK, 2), again.stderr

        for node in 1, 2, 3:
            server.kill(node)
        assert server.restart().url == urls
        again = run(CREATE_STREAMS, "--replicas", 3, NATS_URL=urls)
        assert (again.returncode, again.stdout.count("nothing to change")) == (OK, 2), again.stderr
    assert not servers_of(tmp_path / "s")


def test_a_cluster_takes_three_ports_in_a_row(local_server, tmp_path):
    for first in range(10500, 32000, 997):  # until three are free
        done = local_server("start", "--nodes=3", f"--port={first}", "--fast", "--store", tmp_path / "s")
        if done.returncode == OK:
            break
    assert [port_of(url) for url in done.stdout.split(",")] == [first, first + 1, first + 2]


@pytest.mark.parametrize("options", [("--nodes", 3), ("--port", 4), ("--fast",), ("--config", "/dev/null")])
def test_options_that_differ_from_a_running_server_are_refused(local_server, tmp_path, options):
    store = tmp_path / "s"
    local_server("start", "--port", 0, "--store", store)
    done = local_server("start", "--store", store, *options)
    assert (done.returncode, done.stdout) == (UNAVAILABLE, "")
    assert "stop it first" in done.stderr and options[0] in done.stderr
    assert local_server("status", "--store", store).returncode == OK


def test_a_store_keeps_its_number_of_nodes(server, local_server):
    server.stop()
    done = local_server("start", "--nodes", 3, "--store", server.store)
    assert done.returncode == UNAVAILABLE and "--nodes 1" in done.stderr


def test_a_stopped_server_moves_to_another_port(server, local_server):
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = local_server("start", "--port", port, "--store", server.store)
    assert done.stdout == f"nats://127.0.0.1:{port}\n"


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_port_in_use_is_named(local_server, tmp_path, nodes):
    store = tmp_path / "s"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = local_server("start", "--port", port, "--nodes", nodes, "--store", store)
    assert (done.returncode, done.stdout) == (UNAVAILABLE, "")
    assert f"port {port} is taken" in done.stderr.splitlines()[-1]
    assert "address already in use" in done.stderr, "the end of the server's log is shown"
    assert not servers_of(store)
    assert local_server("start", "--port", 0, "--store", store).returncode == OK, "the port is not remembered"


def test_a_broken_configuration_is_named(local_server, tmp_path):
    broken = tmp_path / "broken.conf"
    broken.write_text("max_payload: {\n")
    done = local_server("start", "--port", 0, "--store", tmp_path / "s", "--config", broken)
    assert done.returncode == UNAVAILABLE
    assert "broken.conf" in done.stderr and "cannot start" in done.stderr.splitlines()[-1]
    assert not servers_of(tmp_path / "s")


def test_an_interrupted_start_leaves_nothing_behind(local_server, tmp_path):
    """The start waits until it is interrupted, since a server without JetStream is never ready."""
    store, config = tmp_path / "s", tmp_path / "never.conf"
    config.write_text("jetstream: disabled\n")
    command = [str(LOCAL_SERVER), "start", "--port", "0", "--store", str(store), "--config", str(config)]
    starting = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: servers_of(store), "nats-server runs")
        starting.send_signal(signal.SIGTERM)
        assert starting.wait(timeout=60) != OK
    finally:
        starting.kill()
        starting.communicate()
        local_server("stop", "--store", store)
    assert not servers_of(store)


@pytest.mark.parametrize("nodes", [1, 3])
def test_it_is_ready_without_anonymous_users(tmp_path, run, nodes):
    config = tmp_path / "users.conf"
    config.write_text("authorization { user: someone, password: secret, timeout: 1 }\nlisten: '0.0.0.0:4222'\n")
    with LocalServer(tmp_path / "s").start(nodes=nodes, fast=True, config=config) as server:
        refused = run(CREATE_STREAMS, NATS_URL=server.url)
        assert refused.returncode == NOPERM and len(refused.stderr.splitlines()) == 1
        login = {"NATS_USER": "someone", "NATS_PASSWORD": "secret"}
        done = run(CREATE_STREAMS, "--replicas", nodes, NATS_URL=server.url, **login)
        assert done.returncode == OK, done.stderr
        assert {address for address, _ in listening_addresses(server.pid())} == {"0100007F"}


def test_the_url_of_a_tls_server_begins_with_tls(tmp_path, run):
    key, certificate, config = tmp_path / "key", tmp_path / "certificate", tmp_path / "tls.conf"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    config.write_text(f"tls {{ cert_file: '{certificate}', key_file: '{key}' }}\n")
    with LocalServer(tmp_path / "s").start(fast=True, config=config) as server:
        assert server.url.startswith("tls://127.0.0.1:")
        assert run(CREATE_STREAMS, NATS_URL=server.url, NATS_CA=str(certificate)).returncode == OK


def test_a_jetstream_block_of_the_user_is_kept(tmp_path):
    """For example a domain. The store stays the script's; other settings are the defaults of nats-server."""
    config = tmp_path / "domain.conf"
    config.write_text("jetstream { domain: hub, max_file: 1GB, sync_interval: 3s }\n")
    with LocalServer(tmp_path / "s").start(config=config) as server:
        found = monitor(server, "/varz")["jetstream"]["config"]
        assert (found["domain"], found["sync_interval"]) == ("hub", 3 * 10**9)
        assert found["store_dir"].startswith(str(server.store))


def test_relative_paths_of_configuration_and_store_work(local_server, tmp_path):
    (tmp_path / "my.conf").write_text("max_payload: 2MB\n")
    options = "--store", "a store"
    try:
        done = local_server("start", "--port", 0, "--config", "my.conf", *options, cwd=tmp_path)
        assert done.returncode == OK, done.stderr
        assert monitor(LocalServer(tmp_path / "a store"), "/varz")["max_payload"] == 2 << 20
        assert local_server("status", "--store", tmp_path / "a store").returncode == OK
    finally:
        local_server("stop", *options, cwd=tmp_path)


@pytest.mark.parametrize(
    "arguments, named",
    [
        ((), "start, stop or status"),
        (("begin",), "begin"),
        (("start", "stop"), "stop"),
        (("start", "--port"), "--port"),
        (("start", "--port", "x"), "--port"),
        (("start", "--port=70000"), "--port"),
        (("start", "--nodes", "2"), "--nodes"),
        (("start", "--config", "/nowhere"), "/nowhere"),
        (("start", "--store", ""), "--store"),
        (("start", "--store", 'a"b'), "--store"),
        (("start", "--slow"), "--slow"),
    ],
)
def test_a_usage_error_names_the_argument(run, arguments, named):
    done = run(LOCAL_SERVER, *arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert len(done.stderr.splitlines()) == 1 and named in done.stderr


@pytest.mark.parametrize("script", [LOCAL_SERVER, CREATE_STREAMS])
def test_help_shows_usage_and_an_example(run, script):
    done = run(script, "--help")
    assert done.returncode == OK and "Usage: scripts/" + script.name in done.stdout and "Example" in done.stdout
    assert all(len(line) <= 120 for line in done.stdout.splitlines())


def test_help_warns_of_what_fast_can_lose(run):
    assert re.search(r"--fast .*\n?.*can\s+lose the last 2 minutes", run(LOCAL_SERVER, "--help").stdout)
