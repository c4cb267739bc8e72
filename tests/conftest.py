"""Fixtures of every test: `world`, which is a server with fresh streams; see support/world.py."""

import signal

from support.world import server, world  # noqa: F401: fixtures

# Tests that run in the background of a script, or under nohup, start with these ignored. What they start would inherit
# that, and a shell script cannot change it.
for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
