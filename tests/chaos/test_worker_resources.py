"""A worker that has run many thousands of commands uses no more resources than after the first ones."""

import os
from pathlib import Path

from support.build import SANITIZER
from support.exit_codes import OK
from support.handler_command import descriptors, publish, work
from support.world import ORIGIN

COUNT = 100_000 if os.environ.get("NATSQ_LONG") == "1" else 20_000
WARM_UP = COUNT // 10
LONG = 600
GROWTH = 512  # KiB that the allocator may take after the warm-up; a leak of 64 bytes a job is 1,125


def resident(pid):
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1])


def children(pid):
    return [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def process(world, count):
    for begin in range(0, count, 5_000):
        publish(world, min(5_000, count - begin))
    world.eventually(lambda: world.js.count(ORIGIN) == 0, "all is done", LONG)


def test_descriptors_memory_and_processes_do_not_grow(world):
    worker = work(world, ["/bin/true"], "-j", "4")
    pid = worker.process.pid
    process(world, WARM_UP)
    held, memory = len(descriptors(pid)), resident(pid)
    process(world, COUNT - WARM_UP)
    world.eventually(lambda: children(pid) == [], "no process is left, not even a zombie")
    assert len(descriptors(pid)) == held
    if not SANITIZER:  # a sanitizer keeps what is freed
        assert resident(pid) - memory < GROWTH, f"{memory} KiB became {resident(pid)} KiB"
    assert worker.events == [] and worker.stop() == OK
