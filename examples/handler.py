#!/usr/bin/env python3
"""A handler that is kept running, in Python:

    consumer orders_stream 'orders.*' --keep=jsonl -- examples/handler.py
"""

import base64
import json
import os
import sys

# Only answers may go to stdout, so print() is redirected to stderr, which ends up in the consumer's log.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Hopeless(Exception):
    """The job would fail at every attempt: it becomes a dead letter immediately."""


def work(job, body):
    """Replace this with your own work. Any other exception fails the job: it is redelivered after the backoff."""
    if not body:
        raise Hopeless("an order without a body")
    if body.startswith(b"fail"):
        raise ValueError("this order asks for it")


def body_of(job):
    if "body_base64" in job:  # it is not UTF-8
        return base64.b64decode(job["body_base64"])
    return job["body"].encode()


def result_of(job):
    try:
        work(job, body_of(job))
    except Hopeless as error:
        return {"seq": job["seq"], "verdict": "hopeless", "error": str(error)}
    except Exception as error:
        return {"seq": job["seq"], "verdict": "retry", "error": f"{type(error).__name__}: {error}"}
    return {"seq": job["seq"], "verdict": "done"}


for line in sys.stdin.buffer:
    print(json.dumps(result_of(json.loads(line))), file=answers, flush=True)
