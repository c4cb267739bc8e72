"""The leaders of streams in a cluster."""

import re

from support.jetstream import ApiError, JetStream

UNAVAILABLE_ERRORS = ApiError, ConnectionError, KeyError, OSError, ValueError  # while a server is down or elects a leader
ELECTION = 60  # seconds


def leader(world, stream):
    """The number of the node that leads the stream; 0 while there is none."""
    try:
        found = re.search(r"(\d)$", world.js.stream(stream)["cluster"].get("leader") or "")
    except UNAVAILABLE_ERRORS:
        return 0
    return int(found.group(1)) if found else 0


def kill_leader(world, stream):
    """Kills the node that leads the stream, and restarts it once another one leads. world.js then asks a node that was not
    killed."""
    urls = world.server.url.split(",")
    node = world.eventually(lambda: leader(world, stream), f"{stream} has a leader", ELECTION)
    world.js = JetStream(urls[node % 3], server=world.server)
    world.server.kill(node)
    world.eventually(lambda: leader(world, stream) not in (0, node), f"another leads {stream}", ELECTION)
    world.server.restart(node)
