"""Leaders in a cluster, and their deaths."""

import re

from support.jetstream import ApiError, JetStream

AWAY = ApiError, ConnectionError, KeyError, OSError, ValueError  # a server that is down, an election
ELECTION = 60


def leader(world, stream):
    """The number of the node that leads; 0 while none does."""
    try:
        found = re.search(r"(\d)$", world.js.stream(stream)["cluster"].get("leader") or "")
    except AWAY:
        return 0
    return int(found.group(1)) if found else 0


def kill_leader(world, stream):
    """Until another leads, then the node is back. What the streams hold is asked of one that lives."""
    urls = world.server.url.split(",")
    node = world.eventually(lambda: leader(world, stream), f"{stream} has a leader", ELECTION)
    world.js = JetStream(urls[node % 3], server=world.server)
    world.server.kill(node)
    world.eventually(lambda: leader(world, stream) not in (0, node), f"another leads {stream}", ELECTION)
    world.server.restart(node)
