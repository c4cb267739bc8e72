"""One of the three programs, running."""

import contextlib
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from support.build import BIN, HAS_FAULT_POINTS, SANITIZER_EXIT, WITHOUT_FAULT_POINTS
from support.environment import environment
from support.local_server import wait_until

PATIENCE = 30  # seconds, for what takes one or two on an idle machine, also under a sanitizer


FIRST_OR_LAST = r"^\S+Z (connected to \w+://|(done|collected) \d+, .* \d+\.\d s$)"
BUILTIN = "no COMMAND is given: the built-in handler only logs each job and acknowledges it$"


class Program:
    """One of the three programs, running. `lines` is its stderr, `out` its stdout."""

    def __init__(self, name, arguments, home, stdout=subprocess.PIPE, under=(), at=None, **variables):
        """`under`: a command that runs the program, such as unshare. `at`: the path of another program."""
        if "NATSQ_FAULT_POINT" in variables and not HAS_FAULT_POINTS:
            pytest.skip(WITHOUT_FAULT_POINTS)
        self.name, self.lines, self.out = name, [], []
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [*map(str, under), at or BIN / name, *map(str, arguments)],
            env=environment(home, **variables),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="surrogateescape",
        )
        self.readers = [self._read(self.process.stderr, self.lines)]
        if self.process.stdout:
            self.readers.append(self._read(self.process.stdout, self.out))

    @staticmethod
    def _read(pipe, lines):
        def run():
            with pipe:
                for line in pipe:
                    lines.append(line.rstrip("\n"))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def events(self):
        """The lines of stderr between the first ones and the summary, which each run has."""
        return [line for line in self.lines if not re.search(f"{FIRST_OR_LAST}|{BUILTIN}", line)]

    @property
    def running(self):
        return self.process.poll() is None

    def found(self, pattern):
        """Returns, for each matching line of stderr, the text of the group, or of the whole match."""
        matches = (re.search(pattern, line) for line in list(self.lines))
        return [match.group(match.re.groups and 1) for match in matches if match]

    def wait_for(self, pattern, times=1, within=PATIENCE):
        def has_it():
            running = self.running
            if not running:
                self._finish_reading()
            enough = len(self.found(pattern)) >= times
            assert enough or running, f"ended without {pattern!r}"
            return enough

        try:
            wait_until(has_it, pattern, within)
        except AssertionError as failure:
            raise AssertionError(f"{self.name}: {failure}\n{self.text}") from None

    def wait(self, within=PATIENCE):
        """Waits for its end; returns the exit code, negative for a signal."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            threads = "\n".join(self._threads())
            self.kill()
            pytest.fail(f"{self.name} is still running after {within} s\n{self.text}\n{threads}")
        self.seconds = time.monotonic() - self.begin
        self._finish_reading()
        assert code != SANITIZER_EXIT, f"{self.name}: {self.text}"
        return code

    def _threads(self):
        """Where each thread waits; /proc/PID/task/TID/syscall begins with the number of the system call."""
        for task in sorted(Path(f"/proc/{self.process.pid}/task").iterdir()):
            with contextlib.suppress(OSError):
                yield f"thread {task.name}: {(task / 'wchan').read_text()} {(task / 'syscall').read_text().strip()}"

    def _finish_reading(self):
        for reader in self.readers:
            reader.join(5)

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self, within=PATIENCE):
        self.signal()
        return self.wait(within)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._finish_reading()
