"""`dlq retry` while the server is killed under it: each job is back exactly once, and no letter stays."""

from support.localserver import LocalServer
from support.natsq import OK, ORIGIN, World
from support.verbs import STREAMS, bodies, dlq, jobs, put_many

COUNT, KILLS = 4_000, 10


def test_a_server_that_is_killed_ten_times(tmp_path):
    with LocalServer().start(fast=True) as server:
        world = World(server, tmp_path)
        world.create_streams()
        put_many(world, COUNT)
        options = "--all", "--yes", "--rate", "1000", "--timeout", "2s"
        retry = world.start("dlq", *STREAMS, "retry", *options)
        for kill in range(KILLS):
            enough = COUNT * (kill + 1) // (KILLS + 2)
            world.eventually(lambda: world.js.count(ORIGIN) >= enough or not retry.running, f"{enough} are back")
            if not retry.running:
                retry = world.start("dlq", *STREAMS, "retry", *options)
            server.kill()
            server.restart()
        retry.wait(60)
        assert dlq(world, "retry", "--all", "--yes").code == OK
        assert bodies(jobs(world)) == sorted(f"order-{seq}" for seq in range(1, COUNT + 1))
        assert world.held() == []
