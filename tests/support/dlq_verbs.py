"""The verbs of dlq, and the jobs and letters that they leave.

    put_many(world, 300)
    result = dlq(world, "retry", "--all", "--yes", "--json")
"""

import fcntl
import json
import os
import pty
import subprocess
import termios

from support.build import BIN
from support.environment import environment
from support.letters import letter, put
from support.world import DLQ, ORIGIN

STREAMS = DLQ, ORIGIN
BINARY = b"\x00\xff\x1b[31m\r\n\x00"


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
    put(world, letter(job.seq, "" if headers else body, ns=job.ns, **headers))
    return job


def at_terminal(world, answer, *arguments, stop_at=None):
    """(exit code, what the terminal showed). `stop_at`: presses Ctrl-C when the terminal shows this."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment(world.home),
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if stop_at else None,
        start_new_session=bool(stop_at),
    )
    os.close(theirs)
    os.write(ours, answer or b"")
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
            if stop_at and stop_at in shown.decode():
                os.write(ours, b"\x03")
                stop_at = None
    except OSError:
        pass  # EIO: the other end is closed
    os.close(ours)
    return program.wait(30), shown.decode()
