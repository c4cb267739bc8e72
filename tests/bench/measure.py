"""The cost of a process from its start to its end: seconds, processor time, memory."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass


@dataclass
class Cost:
    seconds: float
    cpu: float  # user and system, with its children
    max_rss: int  # bytes


def run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=None, within=300):
    """Runs the command, which must exit with 0."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, env=env)
    late = threading.Timer(within, process.kill)
    late.daemon = True
    late.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:  # the bench itself is stopped
        process.kill()
        raise
    finally:
        late.cancel()
    seconds = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {process.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def stop(process):
    """Sends SIGTERM, then SIGKILL if the process does not exit."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu(pid):
    """User and system time so far, in seconds."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, which):
    """Bytes of VmRSS, or of VmHWM (peak). The peak that wait4 returns may be that of the parent before exec."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith(f"{which}:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no {which}")


def resident(pid):
    return memory(pid, "VmRSS")
