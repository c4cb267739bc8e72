"""The build that is tested: where it is, and how it was configured."""

import os
from pathlib import Path

import pytest

BIN = Path(os.environ["NATSQ_BIN"])
ROOT = Path(os.environ["NATSQ_ROOT"])
DEPS_BIN = Path(os.environ.get("NATSQ_DEPS_BIN") or ROOT / ".deps" / "bin")
SANITIZER_EXIT = 99  # cmake/Tests.cmake asks for it


def _contains(program, mark):
    """test_setup.py collects a test in a tree that is not built."""
    path = BIN / program
    return path.exists() and mark in path.read_bytes()


HAS_FAULT_POINTS = _contains("dlq", b"NATSQ_FAULT_POINT")
THREAD_SANITIZER = _contains("consumer", b"__tsan_init")
SANITIZER = THREAD_SANITIZER or _contains("consumer", b"__asan_init")
WITHOUT_FAULT_POINTS = "built without NATSQ_FAULT_POINTS"
needs_fault_points = pytest.mark.skipif(not HAS_FAULT_POINTS, reason=WITHOUT_FAULT_POINTS)
