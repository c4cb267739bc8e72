"""Fixtures for tests of the scripts: a home folder, a server, its streams, and what runs."""

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from support.build import DEPS_BIN
from support.environment import environment
from support.local_server import LocalServer, SCRIPT as LOCAL_SERVER

SCRIPTS = LOCAL_SERVER.parent
CREATE_STREAMS = SCRIPTS / "create-streams"

NO_SERVER = "nats://127.0.0.1:1"
ADVISORIES = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.orders_stream.*"
DLQ_SUBJECTS = [ADVISORIES, "natsq.dead.orders_stream.>", "natsq.held.orders_stream.>"]
WALK_THROUGH = (
    "--storage=file --retention=work --discard=new --max-bytes=256MB --dupe-window=2m --deny-delete --no-deny-purge "
    "--allow-direct --replicas=1 --defaults"
).split()


@pytest.fixture
def run(tmp_path):
    """Runs a command in an environment without NATS settings; variables by keyword."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*command, cwd="/", **variables):
        return subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            env=environment(home, **variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def local_server(run):
    """Runs scripts/local-server; the servers that it started are stopped at the end."""
    stores = set()

    def local_server(*arguments, **more):
        words = [str(word) for word in arguments]
        stores.update(store for option, store in zip(words, words[1:]) if option == "--store")
        return run(LOCAL_SERVER, *words, **more)

    yield local_server
    for store in stores:
        run(LOCAL_SERVER, "stop", "--store", store)


@pytest.fixture
def server(tmp_path):
    with LocalServer(tmp_path / "server").start(fast=True) as server:
        yield server


@pytest.fixture
def create_streams(run, server):
    def create_streams(*arguments, **variables):
        return run(CREATE_STREAMS, *arguments, **{"NATS_URL": server.url} | variables)

    return create_streams


@pytest.fixture
def nats(run, server):
    def nats(*arguments):
        done = run(DEPS_BIN / "nats", "--server", server.url, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return nats


@pytest.fixture
def configuration(nats):
    return lambda stream: json.loads(nats("stream", "info", stream, "--json"))["config"]


def monitor(server, path):
    with urllib.request.urlopen(server.monitor_url + path, timeout=10) as answer:
        return json.load(answer)


def port_of(url):
    return int(url.rsplit(":", 1)[1])


def listening_addresses(pid):
    """(address, port) of every TCP listener of the process, IPv6 included."""
    inodes = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        inodes.update(re.findall(r"socket:\[(\d+)\]", os.readlink(fd)))
    found = set()
    for table in "tcp", "tcp6":
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            field = line.split()
            if field[3] == "0A" and field[9] in inodes:
                address, port = field[1].split(":")
                found.add((address, int(port, 16)))
    return found


def is_running(pid):
    """A zombie is not running."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except (FileNotFoundError, ProcessLookupError):
        return False


def servers_of(store):
    """The pids of all servers with a configuration file in the store."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"nats-server" in command and os.fsencode(store) + b"/" in command:
            found.append(int(folder.name))
    return found
