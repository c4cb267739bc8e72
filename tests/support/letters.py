"""Letters as a test stores them in the DLQ stream, and the two durables of `dlq run`.

    put(world, letter(7, "order-7"), letter(8, state="dead"))
"""

from datetime import datetime, timezone
from pathlib import Path

from support.jetstream import SECOND
from support.world import ADVISORIES, DLQ, ORIGIN

COLLECT_DURABLE, DECIDE_DURABLE = "unprocessed_order_handler", "letter_handler"
TIME = 1_700_000_000_123_456_789  # of a job, in ns since 1970
DIED = "2026-01-02T03:04:05.000000006Z"


def rfc3339(ns):
    moment = datetime.fromtimestamp(ns // 10**9, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ns % 10**9:09d}Z"


def letter(seq, body="order", state="held", subject="orders.new", consumer="processor", reason="exit 1", ns=None, **headers):
    """(subject, body, headers) of a letter, as a worker or `dlq run` stores it. `ns` is the time of the job; a keyword replaces
    a header (`Natsq_Retries="0"`)."""
    ns = ns or TIME + seq
    return (
        f"natsq.{state}.{ORIGIN}.{consumer}.{seq}.{ns}",
        body,
        {
            "Natsq-Origin-Stream": ORIGIN,
            "Natsq-Origin-Seq": str(seq),
            "Natsq-Origin-Time": rfc3339(ns),
            "Natsq-Origin-Subject": subject,
            "Natsq-Consumer": consumer,
            "Natsq-Deliveries": "2",
            "Natsq-Retries": "1",
            "Natsq-Reason": reason,
            "Natsq-Died-At": DIED,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def put(world, *letters):
    return world.js.publish_all(letters)


def put_many(world, n, **how):
    for begin in range(1, n + 1, 500):
        put(world, *(letter(seq, f"order-{seq}", **how) for seq in range(begin, min(begin + 500, n + 1))))


def shorten_leases(world, seconds=1.0):
    """Creates both durables as dlq would, but with a short backoff, so that messages are redelivered soon after a crash."""
    backoff = [int(seconds * SECOND)]
    for name, filter_subject in (COLLECT_DURABLE, f"{ADVISORIES}.*"), (DECIDE_DURABLE, f"natsq.dead.{ORIGIN}.>"):
        durable = {"durable_name": name, "filter_subject": filter_subject, "max_deliver": -1, "max_ack_pending": 10_000}
        world.js.create_consumer(DLQ, **durable, backoff=backoff)


def is_stopped(program):
    """Whether it is stopped by SIGSTOP, by itself or by the test."""
    return Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
