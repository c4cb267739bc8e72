"""Letters as a test puts them into the DLQ stream, and the two durables that take them from there.

    world.js.publish_all([letter(world, 7, "order-7")])
"""

from pathlib import Path

from support.jetstream import SECOND, nanoseconds
from support.world import ADVISORIES, DLQ, ORIGIN

COLLECTS, DECIDES = "unprocessed_order_handler", "letter_handler"
TIME = "2026-01-02T03:04:05.000000006Z"


def letter(seq, body, subject="orders.new", state="dead", **changed):
    """What publish_all takes; a header by keyword replaces the usual one (`Reason="hopeless"`)."""
    told = {
        "Origin-Stream": ORIGIN,
        "Origin-Seq": str(seq),
        "Origin-Time": TIME,
        "Origin-Subject": subject,
        "Consumer": "processor",
        "Deliveries": "2",
        "Retries": "0",
        "Reason": "exit 1",
        "Died-At": TIME,
        **changed,
    }
    headers = {f"Natsq-{name}": value for name, value in told.items()}
    return f"natsq.{state}.{ORIGIN}.processor.{seq}.{nanoseconds(TIME)}", body, headers


def shorten_leases(world, seconds=1.0):
    """Makes both durables as dlq would, but what nobody settled comes again soon, as after a crash in a shorter time."""
    backoff = [int(seconds * SECOND)]
    for name, filter_subject in (COLLECTS, f"{ADVISORIES}.*"), (DECIDES, f"natsq.dead.{ORIGIN}.>"):
        durable = {"durable_name": name, "filter_subject": filter_subject, "max_deliver": -1, "max_ack_pending": 10_000}
        world.js.create_consumer(DLQ, **durable, backoff=backoff)


def is_stopped(program):
    """By SIGSTOP, its own or ours."""
    return Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
