"""The operator's verbs of dlq at a terminal: what they ask, and how far they say they are."""

import pytest

from support.natsq import OK, server, world  # noqa: F401
from support.verbs import at_terminal, put_many


@pytest.mark.parametrize("answer, left", [(b"y\n", 0), (b"Yes\n", 0), (b"n\n", 3), (b"\n", 3), (b"\x04", 3)])
def test_it_asks_at_a_terminal(world, answer, left):
    put_many(world, 3)
    code, shown = at_terminal(world, answer, "discard", "1-3")
    assert code == OK and "discard 3 held letters? [y/N]" in shown
    assert ("nothing was changed" in shown) == bool(left)
    assert len(world.held()) == left


def test_progress_at_a_terminal(world):
    put_many(world, 30)
    code, shown = at_terminal(world, b"", "retry", "--all", "--yes", "--rate", "15")
    assert code == OK and "30 retried" in shown
