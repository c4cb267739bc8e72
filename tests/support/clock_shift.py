"""A wrong clock for one program."""

import os

from support.build import BIN

LIBRARY = BIN.parent / "tests" / "clock_shift.so"


def clock_shift(seconds):
    """Variables with which a program's wall clock is ahead by this many seconds."""
    asan = f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0"
    return {"LD_PRELOAD": LIBRARY, "CLOCK_SHIFT": seconds, "ASAN_OPTIONS": asan}
