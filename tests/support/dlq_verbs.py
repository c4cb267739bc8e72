"""The verbs of dlq, letters for them of any kind, and the jobs and letters that are left.

    put_many(world, 300)
    result = dlq(world, "retry", "--all", "--yes", "--json")
"""

import json
import os
import pty
import subprocess
from datetime import datetime, timezone

from support.build import BIN
from support.environment import environment
from support.world import DLQ, ORIGIN

STREAMS = DLQ, ORIGIN
TIME = 1_700_000_000_123_456_789
DIED = "2026-01-02T03:04:05.000000006Z"
BINARY = b"\x00\xff\x1b[31m\r\n\x00"


def rfc3339(ns):
    moment = datetime.fromtimestamp(ns // 10**9, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z"


def letter(seq, body="order", state="held", subject="orders.new", consumer="processor", reason="exit 1", **headers):
    """(subject, body, headers) of a letter, as a worker or `dlq run` stores it."""
    return (
        f"natsq.{state}.{ORIGIN}.{consumer}.{seq}.{TIME + seq}",
        body,
        {
            "Natsq-Origin-Stream": ORIGIN,
            "Natsq-Origin-Seq": str(seq),
            "Natsq-Origin-Time": rfc3339(TIME + seq),
            "Natsq-Origin-Subject": subject,
            "Natsq-Consumer": consumer,
            "Natsq-Deliveries": "2",
            "Natsq-Retries": "1",
            "Natsq-Reason": reason,
            "Natsq-Died-At": DIED,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def put(world, *letters):
    return world.js.publish_all(letters)


def put_many(world, n, **how):
    for begin in range(1, n + 1, 500):
        put(world, *(letter(seq, f"order-{seq}", **how) for seq in range(begin, min(begin + 500, n + 1))))


def dlq(world, *arguments, within=60, **variables):
    return world.run("dlq", *STREAMS, *arguments, within=within, **variables)


def objects(program):
    return [json.loads(line) for line in program.out]


def seqs(program):
    return [row["seq"] for row in objects(program)]


def jobs(world):
    return world.js.messages(ORIGIN)


def bodies(messages):
    return sorted(message.body for message in messages)


def snapshot(world):
    """The held letters without the headers that the server or the store adds."""
    hidden = ("Nats-",)
    return sorted(
        (each.subject, each.body, sorted(pair for pair in each.headers.items() if not pair[0].startswith(hidden)))
        for each in world.held()
    )


def dead_original(world, body="order-0", **headers):
    """A dead job that is still in the origin, with a held letter by value, or by reference with a header Natsq-Body."""
    world.js.publish("orders.new", body)
    world.kill_jobs()
    world.js.purge(DLQ)
    [job] = jobs(world)
    put(
        world,
        (
            f"natsq.held.{ORIGIN}.processor.{job.seq}.{job.ns}",
            "" if headers else body,
            {**letter(job.seq)[2], "Natsq-Origin-Time": rfc3339(job.ns), **headers},
        ),
    )
    return job


def at_terminal(world, answer, *arguments):
    """(exit code, what the terminal showed)."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(world.home),
    )
    os.close(theirs)
    os.write(ours, answer)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:
        pass  # EIO: the other end is closed
    os.close(ours)
    return program.wait(30), shown.decode()
