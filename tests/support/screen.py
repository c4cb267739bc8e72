"""A program that draws on a terminal, and what the terminal shows.

    with Screen(world, "watch", columns=60, lines=20) as screen:
        screen.wait_for("processor")
        screen.type("q")
        assert screen.wait() == 0 and screen.is_restored()
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

from support.build import BIN
from support.dlq_verbs import STREAMS
from support.environment import environment
from support.local_server import wait_until
from support.program import PATIENCE

HOME = "\x1b[H"
ENTERED, LEFT = "\x1b[?1049h", "\x1b[?1049l"
ESCAPES = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")


class Screen:
    """`dlq DLQ ORIGIN …` at a terminal of its own; stdin, stdout and stderr are that terminal."""

    def __init__(self, world, *arguments, columns=80, lines=24, **variables):
        self.bytes = b""
        self.ours, self.theirs = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.theirs)
        variables = {"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}
        self.program = subprocess.Popen(
            [BIN / "dlq", *STREAMS, *arguments, "--server", world.server.url],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            env=environment(world.home, **variables),
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while piece := os.read(self.ours, 65536):
                self.bytes += piece
        except OSError:
            pass  # it was closed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
        self.program.wait()
        os.close(self.theirs)
        os.close(self.ours)

    @property
    def text(self):
        return self.bytes.decode(errors="replace")

    def frame(self):
        """The lines that are shown: of the last frame that is whole."""
        frames = self.text.split(LEFT)[0].split(HOME)
        return [ESCAPES.sub("", line) for line in re.split("\r+\n", frames[-2])] if len(frames) > 2 else []

    def line(self, name):
        """The line of the last frame that begins with this, or None."""
        return next((line for line in self.frame() if line.startswith(name)), None)

    def wait_for(self, condition, what="", within=PATIENCE):
        """Until the frame has the text, or the condition is true."""
        has_it = condition if callable(condition) else lambda: any(condition in line for line in self.frame())
        try:
            wait_until(has_it, what or condition, within)
        except AssertionError as failure:
            raise AssertionError("\n".join([str(failure), *self.frame(), repr(self.text[-2000:])])) from None

    def resize(self, columns, lines):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, keys):
        os.write(self.ours, keys.encode())

    def signal(self, number):
        self.program.send_signal(number)

    def wait(self, within=PATIENCE):
        return self.program.wait(within)

    def is_restored(self):
        """The terminal is as before, and nothing is drawn after it was left."""
        wait_until(lambda: LEFT in self.text, "the alternate screen is left")
        return termios.tcgetattr(self.theirs) == self.before and HOME not in self.text.rpartition(LEFT)[2]
