"""The kept handlers of examples/, with the options that they want."""

from bench.peers import ROOT
from bench.rounds import Missing


def found(pattern, what):
    files = sorted((ROOT / "examples").glob(pattern))
    if not files:
        raise Missing(f"examples/ has no {what} yet")
    return files[0]


def kept_c(peers):
    programs = [file for file in (peers.built / "bin").glob("*") if "example" in file.name or "handler" in file.name]
    if not programs:
        raise Missing("the release preset builds no example in C yet")
    return ["--keep", "--", programs[0]]


def kept_python():
    return ["--keep=jsonl", "--", "/usr/bin/python3", found("*.py", "handler in Python")]
