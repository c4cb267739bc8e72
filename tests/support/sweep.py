"""Jobs that died without an advisory, and `dlq sweep`."""

from support.exit_codes import OK
from support.world import DLQ, ORIGIN, PROCESSOR

SHORT_WAIT = "--sweep-wait", "300ms"


def sweep(world, *options):
    return world.run("dlq", DLQ, ORIGIN, "sweep", *SHORT_WAIT, *options)


def letters(world):
    return world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")


def drop_advisories(world):
    """The DLQ stream no longer stores advisories."""
    subjects = [f"natsq.{state}.{ORIGIN}.>" for state in ("dead", "held")]
    update_dlq(world, subjects=subjects)


def update_dlq(world, **changes):
    config = {**world.js.stream(DLQ)["config"], **changes}
    world.js.api(f"STREAM.UPDATE.{DLQ}", config)


def die_unnoticed(world, *bodies):
    """Like World.kill_jobs, but the advisories are lost."""
    world.js.publish_all(("orders.new", body) for body in bodies)
    dead = world.kill_jobs()
    world.js.purge(DLQ)
    return dead


def exhaust_attempts(world, count, max_deliver=2):
    """The jobs die, whether or not an advisory is stored."""
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": max_deliver}, backoff=[50_000_000])

    def all_are_dead():
        world.js.pull(ORIGIN, "processor", count)
        state = world.js.consumer(ORIGIN, "processor")
        return state["num_ack_pending"] == 0 and state["delivered"]["stream_seq"] >= count

    world.eventually(all_are_dead, "all are dead")


def process_all(world, count):
    consumer = world.consumer()
    world.eventually(world.is_empty, "all is done")
    assert consumer.stop() == OK
    done = consumer.found(r"received (\S+) from")
    assert len(done) == count
    return set(done)
