"""Jobs that died without anybody being told, and `dlq sweep` for a test."""

from support.exit_codes import OK
from support.world import DLQ, ORIGIN, PROCESSOR

FAST = "--sweep-wait", "300ms"


def sweep(world, *options):
    return world.run("dlq", DLQ, ORIGIN, "sweep", *FAST, *options)


def letters(world):
    return world.js.messages(DLQ, f"natsq.dead.{ORIGIN}.")


def narrow_dlq(world):
    """Nobody listens to advisories."""
    subjects = [f"natsq.{state}.{ORIGIN}.>" for state in ("dead", "held")]
    set_dlq(world, subjects=subjects)


def set_dlq(world, **changes):
    config = {**world.js.stream(DLQ)["config"], **changes}
    world.js.api(f"STREAM.UPDATE.{DLQ}", config)


def die_unnoticed(world, *bodies):
    """As kill_jobs, but the advisories are lost."""
    world.js.publish_all(("orders.new", body) for body in bodies)
    dead = world.kill_jobs()
    world.js.purge(DLQ)
    return dead


def use_up(world, count, max_deliver=2):
    """The jobs die, whoever hears it."""
    world.js.create_consumer(ORIGIN, **{**PROCESSOR, "max_deliver": max_deliver}, backoff=[50_000_000])

    def all_are_dead():
        world.js.pull(ORIGIN, "processor", count)
        state = world.js.consumer(ORIGIN, "processor")
        return state["num_ack_pending"] == 0 and state["delivered"]["stream_seq"] >= count

    world.eventually(all_are_dead, "all are dead")


def work_all(world, count):
    consumer = world.consumer()
    world.eventually(world.is_empty, "all is done")
    assert consumer.stop() == OK
    done = consumer.found(r"received (\S+) from")
    assert len(done) == count
    return set(done)
