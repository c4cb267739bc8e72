"""A RabbitMQ server on the loopback interface, in a temporary folder, for amqp-consume."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import measure
from bench.broker import BODY
from bench.peers import need
from bench.rounds import Missing

QUEUE = "natsq-bench"
SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # the one on the PATH changes the user and writes to /var
READY_WITHIN = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Rabbit:
    def __init__(self):
        need(SERVER, "RabbitMQ")
        self.epmd_program = need("epmd", "RabbitMQ")
        self.tools = {name: need(f"amqp-{name}", "amqp-tools") for name in ("consume", "publish", "declare-queue", "delete-queue")}
        self.port = free_port()

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="natsq-bench-rabbit-"))
        names, distribution = free_port(), free_port()
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        (self.folder / "enabled_plugins").write_text("[].\n")
        environment = dict(
            os.environ,
            HOME=str(self.folder),
            ERL_EPMD_PORT=str(names),
            ERL_EPMD_ADDRESS="127.0.0.1",
            RABBITMQ_NODENAME=f"natsq-bench-{os.getpid()}@localhost",
            RABBITMQ_DIST_PORT=str(distribution),
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}",
            RABBITMQ_CONFIG_FILE=str(self.folder / "rabbitmq.conf"),
            RABBITMQ_ENABLED_PLUGINS_FILE=str(self.folder / "enabled_plugins"),
            RABBITMQ_MNESIA_BASE=str(self.folder / "data"),
            RABBITMQ_LOG_BASE=str(self.folder / "log"),
        )
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
        self.epmd = subprocess.Popen([self.epmd_program, "-port", str(names), "-address", "127.0.0.1"], **quiet)
        self.server = subprocess.Popen([SERVER], start_new_session=True, cwd=self.folder, **quiet)
        self._wait_until_ready()
        return self

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while not listens(self.port):
            if self.server.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise Missing("RabbitMQ does not start")
            time.sleep(0.1)

    def __exit__(self, *_):
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
            try:
                self.server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()
        measure.stop(self.epmd)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tool(self, name, *args, **options):
        command = [self.tools[name], "--url", f"amqp://guest:guest@127.0.0.1:{self.port}", *map(str, args)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120, **options)

    def fill(self, jobs):
        """Recreates a durable queue with persistent messages."""
        self._tool("declare-queue", "-q", QUEUE, "-d")
        self._tool("delete-queue", "-q", QUEUE)
        self._tool("declare-queue", "-q", QUEUE, "-d")
        self._tool("publish", "-r", QUEUE, "-p", "-l", input=(BODY + b"\n") * jobs)

    def consumers(self, n, jobs):
        """The side of n amqp-consume processes, which run cat for each job."""
        command = [
            self.tools["consume"], "--url", f"amqp://guest:guest@127.0.0.1:{self.port}", "-q", QUEUE, "-p", "10",
            "-c", str(jobs // n), "cat",
        ]  # fmt: skip

        def go():
            self.fill(jobs)
            started = time.monotonic()
            with ThreadPoolExecutor(n) as pool:
                costs = list(pool.map(measure.run, [command] * n))
            return {"speed": jobs // n * n / (time.monotonic() - started), "cpu": sum(c.cpu for c in costs) / jobs * 1e6}

        return go
