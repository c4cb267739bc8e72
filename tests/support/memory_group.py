"""A control group with a memory limit, for programs that the kernel is to kill when they take more.

    with memory_group(256) as enter:
        worker = work(world, command, under=enter)
"""

import contextlib
import os
import time
from pathlib import Path

import pytest

ROOT = Path("/sys/fs/cgroup")
COUNT = iter(range(1000))


def places():
    """The folder for a new group and the name of its limit, of both versions of control groups."""
    if "memory" in read(ROOT / "cgroup.subtree_control").split():
        yield ROOT, "memory.max"
    for line in read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            yield ROOT / "memory" / path.lstrip("/"), "memory.limit_in_bytes"


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def make(megabytes):
    for parent, limit in places():
        group = parent / f"natsq-test-{os.getpid()}-{next(COUNT)}"
        try:
            group.mkdir()
            (group / limit).write_text(str(megabytes * 2**20))
            return group
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
    return None


def remove(group):
    """Its processes have ended, but the kernel may take a moment to notice."""
    for _ in range(100):
        try:
            return group.rmdir()
        except OSError:
            time.sleep(0.05)


@contextlib.contextmanager
def memory_group(megabytes):
    """Yields a command that enters the group and runs a program there. Skips where no group can be made."""
    group = make(megabytes)
    if not group:
        pytest.skip("no control group with a memory limit can be made here")
    try:
        yield ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', group]
    finally:
        remove(group)
