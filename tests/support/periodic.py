"""What goes on beside a test."""

import contextlib
import threading


@contextlib.contextmanager
def repeatedly(seconds, act):
    """Calls `act` every `seconds` in a thread, which ends with the block."""
    ended = threading.Event()

    def run():
        while not ended.wait(seconds):
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
