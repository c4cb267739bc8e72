"""Runs of publisher with --checkpoint, and what the checkpoint file says."""

import json

import pytest


@pytest.fixture
def run(world, tmp_path):
    """A function that runs publisher with the checkpoint file `c`."""

    def started(jobs, *options, source="--lines", how=world.run):
        return how("publisher", "orders.new", source, jobs, "--checkpoint", tmp_path / "c", *options)

    return started


def position(path):
    return json.loads(path.read_text())["confirmed"]


def refused(path):
    return [number for number, _ in json.loads(path.read_text())["refused"]]
