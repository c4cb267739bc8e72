"""The summary of publisher, and worlds and pipes for it."""

import os
import re

import pytest

from support.world import ORIGIN, own_world

SUMMARY = r"confirmed (\d+), duplicates (\d+), failed (\d+)"


def summary(publisher):
    """(confirmed, duplicates, failed) of the last summary line."""
    return tuple(int(number) for number in re.findall(SUMMARY, publisher.text)[-1])


def bodies(world, stream=ORIGIN):
    return [message.body for message in world.js.messages(stream)]


def write(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture
def own(tmp_path):
    """A world whose server a test may kill."""
    with own_world(tmp_path) as world:
        yield world


class Fifo:
    """A FIFO that a test feeds line by line, like a slow program in a pipe."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = path
        self.file = os.fdopen(os.open(path, os.O_RDWR), "w", buffering=1)

    def feed(self, *lines):
        self.file.write("".join(f"{line}\n" for line in lines))

    def close(self):
        self.file.close()


@pytest.fixture
def fifo(tmp_path):
    made = Fifo(tmp_path / "fifo")
    yield made
    made.close()
