"""The kept handlers of examples/, with their options."""

import sys

from bench.peers import ROOT
from bench.rounds import Missing

PYTHON = ROOT / "examples" / "handler.py"


def kept_c(peers):
    program = peers.ours("example-handler")
    if not program.exists():
        raise Missing(f"no {program}")
    return ["--keep", "--", program]


def kept_python():
    if not PYTHON.exists():
        raise Missing(f"no {PYTHON}")
    return ["--keep=jsonl", "--", sys.executable, PYTHON]
