"""natscli, as an operator calls it."""

import subprocess

from support.build import DEPS_BIN
from support.environment import environment


def natscli(home, *arguments):
    """Returns its stdout; a failure fails the test."""
    command = [DEPS_BIN / "nats", *map(str, arguments)]
    where = environment(home, XDG_DATA_HOME=home / "data")
    done = subprocess.run(command, env=where, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"nats {' '.join(command[1:])}: exit {done.returncode}\n{done.stderr}"
    return done.stdout
