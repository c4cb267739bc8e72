"""Actions that are repeated in the background of a test."""

import contextlib
import threading


@contextlib.contextmanager
def repeatedly(seconds, action):
    """Calls `action` every `seconds`, in a thread, until the block ends."""
    ended = threading.Event()

    def run():
        while not ended.wait(seconds):
            action()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
