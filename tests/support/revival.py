"""A dead job with a letter, and what makes it alive again: its consumer is deleted, recreated or reset.

    job = dead_job(world)
    recreate(world)
"""

from support.dlq_verbs import jobs
from support.letters import letter, put
from support.world import DLQ, ORIGIN, PROCESSOR

SLOW = {**PROCESSOR, "backoff": [5_000_000_000]}


def delete(world):
    world.js.delete_consumer(ORIGIN, "processor")


def recreate(world):
    delete(world)
    world.js.create_consumer(ORIGIN, **SLOW)


def reset(world):
    world.js.api(f"CONSUMER.RESET.{ORIGIN}.processor", {"seq": 1})


def dead_job(world, state="dead", body="order-0", **headers):
    """A job that is still in the origin, used up its attempts, and has a letter in the DLQ stream."""
    world.js.publish("orders.new", body)
    world.kill_jobs()
    world.js.purge(DLQ)
    [job] = jobs(world)
    headers = {"Natsq-Retries": "0", **headers}
    put(world, letter(job.seq, "" if "Natsq-Body" in headers else body, state, ns=job.ns, **headers))
    return job


def no_letter_waits(world):
    return world.js.messages(DLQ, "natsq.dead.") == []
