"""A server for the bench, with streams that are recreated and filled."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from bench import measure
from support.local_server import LocalServer

STREAM, SUBJECT, DURABLE = "orders_stream", "orders.new", "processor"
DLQ = "orders_unprocessed"
LETTERS = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{STREAM}.*,natsq.dead.{STREAM}.>,natsq.held.{STREAM}.>"
BODY = b"0123456789abcdef"


class Broker:
    """STREAM and DLQ are those of scripts/create-streams, but with room for the jobs of the bench."""

    def __init__(self, peers, fast=True):
        """fast: with the default sync_interval of the server; else each confirmed job is on disk."""
        self.nats = str(peers.nats)
        self.fast = fast
        self.server = LocalServer()
        self.body = Path(tempfile.mkstemp(prefix="natsq-bench-body-")[1])
        self.body.write_bytes(BODY)

    def __enter__(self):
        self.server.start(fast=self.fast)
        return self

    def __exit__(self, *_):
        self.server.close()
        self.body.unlink()

    @property
    def url(self):
        return self.server.url.strip()

    def cli(self, *args):
        command = [self.nats, "--server", self.url, "--no-context", *map(str, args)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def fresh(self, jobs=0, durable=True):
        """Recreates the stream with `jobs` jobs, and the durable that consumer creates by default."""
        self._make(STREAM, "orders.*", "1MiB")
        if durable:
            self.add_durable()
        if jobs:
            self.fill(jobs)

    def fresh_dlq(self):
        self._make(DLQ, LETTERS, -1)

    def _make(self, stream, subjects, max_msg_size):
        subprocess.run(
            [self.nats, "--server", self.url, "--no-context", "stream", "rm", stream, "--force"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )  # fmt: skip
        self.cli(
            "stream", "add", stream, "--defaults", "--subjects", subjects, "--storage", "file", "--retention", "work",
            "--discard", "new", "--max-bytes", "4GB", f"--max-msg-size={max_msg_size}", "--dupe-window", "2m", "--deny-delete",
            "--allow-direct", "--replicas", 1,
        )  # fmt: skip

    def add_durable(self):
        """As consumer creates it, so that its creation is not measured."""
        config = {
            "durable_name": DURABLE, "filter_subject": "orders.*", "ack_policy": "explicit", "deliver_policy": "all",
            "replay_policy": "instant", "max_deliver": 2, "max_ack_pending": 10000, "backoff": [5_000_000_000],
        }  # fmt: skip
        request = json.dumps({"stream_name": STREAM, "config": config})
        answer = self.cli("request", "--raw", f"$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.{DURABLE}", request)
        if "error" in json.loads(answer):
            raise RuntimeError(f"cannot create the durable: {answer}")

    def fill(self, jobs):
        self.cli(
            "bench", "js", "pub", "async", SUBJECT, "--stream", STREAM, "--msgs", jobs, "--size", "16", "--payload", self.body,
            "--batch", min(jobs, 4000), "--no-progress",
        )  # fmt: skip

    def waiting(self):
        return json.loads(self.cli("stream", "info", STREAM, "--json"))["state"]["messages"]

    def settled(self, expected=0, within=10):
        """Returns the number of jobs in excess of `expected` once the last acknowledgements have arrived."""
        deadline = time.monotonic() + within
        while (left := self.waiting() - expected) > 0 and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def consume(self, command, jobs, fill=True, **options):
        """Runs a consumer with that many jobs and checks that they are gone."""
        if fill:
            self.fresh(jobs)
        before = self.waiting()
        cost = measure.run(list(map(str, command)), **options)
        left = self.settled(before - jobs)
        if left:
            raise RuntimeError(f"{command[0]} exited with 0, but {left} jobs are not acknowledged")
        return {"speed": jobs / cost.seconds, "cpu": cost.cpu / jobs * 1e6, "memory": cost.max_rss / 2**20}
