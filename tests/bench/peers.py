"""The programs that are measured: ours and its peers, each built when it is first needed."""

import functools
import shutil
import subprocess
import sys
from pathlib import Path

from bench.rounds import Missing

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "bench"
BUILD = ROOT / "build" / "bench"


def build(what, *commands, cwd=ROOT):
    print(f"building {what}", file=sys.stderr, flush=True)
    for command in commands:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing(f"{what} cannot be built: {' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def need(tool, what):
    path = shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")
    if not path:
        raise Missing(f"{what}: {tool} is not installed")
    return path


class Peers:
    def __init__(self, programs=None, beside=None):
        """programs, beside: folders with programs of natsq. Without programs the release preset is built in build/bench."""
        self.programs, self.other = programs, beside
        self.nats = ROOT / ".deps" / "bin" / "nats"
        if not self.nats.exists():
            self.nats = need("nats", "natscli")

    @functools.cached_property
    def built(self):
        configure = ["cmake", "--preset", "release", "-B", BUILD, "-DNATSQ_BENCH=ON", "-DNATSQ_TESTS=OFF"]
        build("the release preset", configure, ["cmake", "--build", BUILD])
        return BUILD

    def ours(self, program):
        return (self.programs or self.built / "bin") / program

    def sides(self, name, program, make):
        """The side of our program and, with --beside, that of the other build. make(path) returns a side's function."""
        sides = {name: make(self.ours(program))}
        if self.other:
            sides[f"{name}, beside"] = make(self.other / program)
        return sides

    def c(self, name):
        """A program of tests/bench/c."""
        given = self.programs and self.programs.parent / "bench" / f"bench_{name}"
        return given if given and given.exists() else self.built / "bench" / f"bench_{name}"

    @functools.cached_property
    def go(self):
        need("go", "the walk-through programs")
        program = BUILD / "bench-go"
        build("the walk-through programs (Go)", ["go", "build", "-o", program, "."], cwd=HERE / "go")
        return program

    @functools.cached_property
    def rust(self):
        need("cargo", "the async-nats programs")
        program = BUILD / "rust" / "release" / "bench-rust"
        build("the async-nats programs (Rust)", ["cargo", "build", "--release", "--target-dir", BUILD / "rust"], cwd=HERE / "rust")
        return program
