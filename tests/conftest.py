"""Fixtures of every test: `world`, which is a server with fresh streams; see support/world.py."""

from support.world import server, world  # noqa: F401: fixtures
