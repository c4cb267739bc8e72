"""Letters as a test stores them in the DLQ stream, and the two durables of `dlq run`.

    world.js.publish_all([letter(7, "order-7")])
"""

from pathlib import Path

from support.jetstream import SECOND, nanoseconds
from support.world import ADVISORIES, DLQ, ORIGIN

COLLECT_DURABLE, DECIDE_DURABLE = "unprocessed_order_handler", "letter_handler"
TIME = "2026-01-02T03:04:05.000000006Z"


def letter(seq, body, subject="orders.new", state="dead", **changed):
    """A letter for publish_all; a keyword replaces a header (`Reason="hopeless"`)."""
    fields = {
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
    headers = {f"Natsq-{name}": value for name, value in fields.items()}
    return f"natsq.{state}.{ORIGIN}.processor.{seq}.{nanoseconds(TIME)}", body, headers


def shorten_leases(world, seconds=1.0):
    """Creates both durables as dlq would, but with a short backoff, so that messages are redelivered soon after a crash."""
    backoff = [int(seconds * SECOND)]
    for name, filter_subject in (COLLECT_DURABLE, f"{ADVISORIES}.*"), (DECIDE_DURABLE, f"natsq.dead.{ORIGIN}.>"):
        durable = {"durable_name": name, "filter_subject": filter_subject, "max_deliver": -1, "max_ack_pending": 10_000}
        world.js.create_consumer(DLQ, **durable, backoff=backoff)


def is_stopped(program):
    """Whether it is stopped by SIGSTOP, by itself or by the test."""
    return Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
