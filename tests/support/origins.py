"""Several origins that share one DLQ stream.

    with origins(world, "o", "o_1") as names: ...
"""

import contextlib

from support.jetstream import ApiError, SECOND
from support.world import DLQ

COLLECT_DURABLE, DECIDE_DURABLE = "unprocessed_order_handler", "letter_handler"


def subjects(origin):
    return [f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{origin}.*", f"natsq.dead.{origin}.>", f"natsq.held.{origin}.>"]


@contextlib.contextmanager
def origins(world, *names):
    """The DLQ stream of the world serves these origins instead of the usual one."""
    config = world.js.stream(DLQ)["config"]
    world.js.api(f"STREAM.UPDATE.{DLQ}", {**config, "subjects": [subject for name in names for subject in subjects(name)]})
    try:
        for name in names:
            work_queue = {"retention": "workqueue", "discard": "new", "storage": "file", "allow_direct": True, "deny_delete": True}
            world.js.create_stream({"name": name, "subjects": [f"{name}.*"], **work_queue})
        yield names
    finally:
        for program in world.programs:
            if program.running:
                program.kill()
        for name in names:
            world.js.delete_stream(name)


def processor(origin, backoff):
    return {"durable_name": "processor", "filter_subject": f"{origin}.*", "max_deliver": 2, "backoff": [backoff]}


def kill_jobs(world, origin, n):
    """Lets n jobs die as if their workers had been killed: the server announces each in the DLQ stream."""
    announced = world.js.last_seq(DLQ)
    world.js.create_consumer(origin, **processor(origin, SECOND // 20))
    world.js.publish_all([(f"{origin}.new", f"{origin} job {i}") for i in range(n)])

    def all_announced():
        world.js.pull(origin, "processor", n)
        state = world.js.consumer(origin, "processor")
        return state["num_pending"] == 0 and state["num_ack_pending"] == 0 and world.js.last_seq(DLQ) >= announced + n

    world.eventually(all_announced, f"all deaths in {origin} are announced")
    world.js.create_consumer(origin, **processor(origin, 5 * SECOND))


def run(world, origin, *options):
    retries = [] if "--retries" in options else ["--retries", "0"]
    return world.start("dlq", DLQ, origin, *retries, "--sweep-every", "0s", *options)


def held(world, origin):
    return world.js.messages(DLQ, f"natsq.held.{origin}.")


def waiting(world, origin):
    return world.js.messages(DLQ, f"natsq.dead.{origin}.")


def durables(world):
    """{name: (filter, time of creation)}"""
    found = {}
    for name in world.js.consumers(DLQ):
        with contextlib.suppress(ApiError):
            info = world.js.consumer(DLQ, name)
            found[name] = info["config"]["filter_subject"], info["created"]
    return found


def is_running(world, origin):
    """Its two durables exist and have pull requests."""
    ours = [name for name, (filter_subject, _) in durables(world).items() if filter_subject in subjects(origin)]
    return len(ours) == 2 and all(world.js.consumer(DLQ, name)["num_waiting"] for name in ours)
