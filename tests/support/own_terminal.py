"""A program with a terminal of its own, as its controlling terminal, so that Ctrl-C and a hangup work.

    with own_terminal(command, env) as terminal:
        terminal.wait_for("edit it again? [y/N]")
        terminal.type("n\\n")
        assert terminal.wait() == 65, terminal.shown
"""

import contextlib
import fcntl
import os
import pty
import select
import subprocess
import termios
import time


class OwnTerminal:
    def __init__(self, command, env):
        self.screen, theirs = pty.openpty()
        self.bytes = b""
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    @property
    def shown(self):
        return self.bytes.decode(errors="replace")

    def _read(self, within):
        """Whether there was something, or the end."""
        if not select.select([self.screen], [], [], within)[0]:
            return False
        with contextlib.suppress(OSError):  # EIO: the other end is closed
            piece = os.read(self.screen, 4096)
            self.bytes += piece
            return bool(piece)
        return False

    def wait_for(self, text, within=30):
        end = time.monotonic() + within
        while text not in self.shown:
            assert time.monotonic() < end and self.process.poll() is None, self.shown
            self._read(0.1)

    def type(self, text):
        os.write(self.screen, text.encode())

    def wait(self, within=30):
        end = time.monotonic() + within
        while self.process.poll() is None:
            assert time.monotonic() < end, self.shown
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode


@contextlib.contextmanager
def own_terminal(command, env):
    terminal = OwnTerminal(command, env)
    try:
        yield terminal
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
        os.close(terminal.screen)
