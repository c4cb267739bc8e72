"""Fake servers: they send what a test has them send, and keep what they receive."""

import contextlib
import json
import socket
import threading

INFO = {"server_id": "NONE", "version": "2.12.0", "proto": 1, "headers": True, "max_payload": 1048576}


def accept_each(listener, serve):
    """In a thread: calls `serve` with each connection until the listener is closed."""

    def accept():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            serve(client)

    threading.Thread(target=accept, daemon=True).start()


class FakeServer:
    """Greets each connection, with an INFO line by default, over plain TCP, and hears what comes. With `context` it then speaks TLS,
    accepts the client and hangs up."""

    def __init__(self, port=0, context=None, greeting=None, **info):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.context = context
        self.greeting = greeting or b"INFO " + json.dumps({**INFO, **info}).encode() + b"\r\n"
        self.connections, self.heard = 0, b""
        accept_each(self.listener, self._serve)

    def _serve(self, client):
        self.connections += 1
        with client, contextlib.suppress(OSError):
            client.settimeout(5)
            client.sendall(self.greeting)
            self._accept_client(client) if self.context else self._hear(client)

    def _hear(self, client):
        while data := client.recv(4096):
            self.heard += data
            if b"PING" in self.heard:
                return

    def _accept_client(self, client):
        with self.context.wrap_socket(client, server_side=True) as secure:
            self._hear(secure)
            secure.sendall(b"PONG\r\n")
            secure.recv(1)

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
