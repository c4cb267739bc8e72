"""A proxy in front of a server, which stalls when a test says so."""

import contextlib
import socket
import threading

from support.fake_server import accept_each


class StallingProxy:
    """After stall() it holds back the end of the next data that the server sends, and everything after that."""

    def __init__(self, port, held_back=5):
        self.server, self.held_back, self.stalls = port, held_back, False
        self.stalled = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        accept_each(self.listener, self._connect)

    def stall(self):
        self.stalls = True

    def close(self):
        self.listener.close()

    def _connect(self, client):
        server = socket.create_connection(("127.0.0.1", self.server))
        threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
        threading.Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source, target, may_stall):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if may_stall and self.stalls:
                    target.sendall(data[: -self.held_back])
                    self.stalled.set()
                    threading.Event().wait()
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
