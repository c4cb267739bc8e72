"""The environment of a test's processes."""

import os

from support.build import DEPS_BIN


def environment(home, **variables):
    """This process's, without NATS_* variables and with a home folder of its own, so that no setting of the user's leads a
    NATS client to another server or lends it an identity. natscli is in the PATH, so that advice calls it by its name."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NATS_")}
    variables = {"HOME": home, "XDG_CONFIG_HOME": home / "config", "PATH": f"{DEPS_BIN}:{os.environ['PATH']}", **variables}
    return {**kept, **{name: str(value) for name, value in variables.items()}}
