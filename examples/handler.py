#!/usr/bin/env python3
"""A handler that is kept running, in Python:

    consumer orders_stream 'orders.*' --keep=jsonl -- examples/handler.py
"""

import base64
import json
import os
import sys

# stdout carries the answers and nothing else: what is printed goes to stderr, and so into the consumer's log.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


class Hopeless(Exception):
    """The job would fail again and again: a dead letter at once."""


def work(job, body):
    """The work: put yours here. Any other exception fails the job, and it comes again after the backoff."""
    if not body:
        raise Hopeless("an order without a body")
    if body.startswith(b"fail"):
        raise ValueError("this order asks for it")


def body_of(job):
    if "body_base64" in job:  # it is no UTF-8 text
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
