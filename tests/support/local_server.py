"""A nats-server for a test: scripts/local-server on a free port with its own store.

    with LocalServer().start(nodes=3) as server:
        run("publisher", "orders.new", "--server", server.url)
        server.kill(2)
        server.restart(2)
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "local-server"


class LocalServer:
    """Without a store it uses a temporary one, which it removes at the end. A with block without start() starts one node."""

    def __init__(self, store=None):
        self.temporary = store is None
        self.store = Path(store or tempfile.mkdtemp(prefix="natsq-server-")).resolve()
        self.options = None
        self.url = None  # for three nodes: all three, with commas

    def start(self, nodes=1, fast=False, config=None):
        self.options = ["--port", "0", "--nodes", str(nodes)]
        self.options += ["--fast"] if fast else []
        self.options += ["--config", str(config)] if config else []
        return self.restart()

    def restart(self, node=None):
        """Restarts all nodes that were killed, on the same ports, and waits until the server or the whole cluster is ready;
        `node` tells the reader which one was killed."""
        assert self.options is not None, "start() comes first"
        self.url = self._script("start", *self.options).strip()
        assert node is None or self.pid(node) is not None
        return self

    def kill(self, node=1):
        """SIGKILL: nothing more is written or sent."""
        self.signal(signal.SIGKILL, node)
        wait_until(lambda: self.pid(node) is None, f"node {node} is gone")

    def signal(self, number, node=1):
        pid = self.pid(node)
        assert pid is not None, f"node {node} is not running"
        os.kill(pid, number)
        if number == signal.SIGSTOP:  # on a busy machine its threads run on for a while
            wait_until(lambda: self.states(pid) == {"T"}, f"node {node} is stopped")

    @staticmethod
    def states(pid):
        """Of its threads, as in ps(1)."""
        return {stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")}

    def pid(self, node=1):
        """The process id of the node, None if it is not running."""
        try:
            pid = int((self.store / f"n{node}" / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if not command and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                return pid  # it is exiting: its sockets are still open
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if os.fsencode(self.config_file(node)) in command.split(b"\0") else None

    def config_file(self, node=1):
        return self.store / f"n{node}" / "nats.conf"

    def log(self, node=1):
        return (self.store / f"n{node}" / "log").read_text()

    @property
    def monitor_url(self):
        """The URL of node 1's HTTP monitoring, which needs no user and no TLS."""
        _, monitor, _ = (self.store / "n1" / "ports").read_text().split()
        return f"http://127.0.0.1:{monitor}"

    def has_files_of(self, stream):
        """Also of a deleted stream: a running node removes them some time after its answer (2.15.1)."""
        running = [node for node in (1, 2, 3) if self.pid(node) is not None]
        return any(
            list(self.store.glob(f"n{node}/data/jetstream/*/streams/{name}")) for node in running for name in (stream, f".{stream}")
        )

    def stop(self):
        self._script("stop")

    def close(self):
        """Stops all nodes and removes a temporary store. A node that a test stopped with SIGSTOP is continued first."""
        for node in 1, 2, 3:
            if self.pid(node) is not None:
                self.signal(signal.SIGCONT, node)
        self.stop()
        if self.temporary:
            shutil.rmtree(self.store, ignore_errors=True)

    def __enter__(self):
        return self if self.options is not None else self.start()

    def __exit__(self, *_):
        self.close()

    def _script(self, verb, *options):
        command = [str(SCRIPT), verb, "--store", str(self.store), *options]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}"
        return done.stdout


def wait_until(condition, what, within=30):
    """Returns the first true value of condition(). `what` describes the condition: a string or a function that returns one."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {within} s: {what() if callable(what) else what}"
        time.sleep(0.02)
