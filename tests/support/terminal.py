"""A program at a terminal of a given width, with stdin, stdout and stderr on it.

    shown = on_terminal(world, 100, "dlq", DLQ, ORIGIN, "list")
"""

import fcntl
import os
import pty
import struct
import subprocess
import termios

from support.build import BIN
from support.environment import environment


class Shown:
    """What a program that ended has shown: `code`, `text`, and its `lines`, without their line ends."""

    def __init__(self, code, text):
        self.code, self.text = code, text
        self.lines = text.replace("\r\n", "\n").splitlines()


def open_terminal(columns, lines=40):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    return ours, theirs


def read_to_end(screen):
    shown = b""
    try:
        while piece := os.read(screen, 65_536):
            shown += piece
    except OSError:
        pass  # EIO: the other end is closed
    return shown


def on_terminal(world, columns, name, *arguments, **variables):
    ours, theirs = open_terminal(columns)
    variables = {"TERM": "xterm", "NO_COLOR": "", "COLUMNS": "", **variables}
    program = subprocess.Popen(
        [BIN / name, *map(str, arguments), "--server", world.server.url],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(world.home, **variables),
    )
    os.close(theirs)
    shown = read_to_end(ours)
    os.close(ours)
    return Shown(program.wait(30), shown.decode())
