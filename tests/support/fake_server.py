"""A fake NATS server: it sends a greeting and keeps what it receives."""

import contextlib
import json
import socket
import threading

INFO = {"server_id": "NONE", "version": "2.12.0", "proto": 1, "headers": True, "max_payload": 1048576}


def accept_each(listener, serve):
    """Calls `serve` with each connection, in a thread, until the listener is closed."""

    def accept():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            serve(client)

    threading.Thread(target=accept, daemon=True).start()


class FakeServer:
    """Greets each connection over plain TCP, by default with an INFO line, and receives until PING. With `context` it then
    speaks TLS, answers the PING and closes the connection."""

    def __init__(self, port=0, context=None, greeting=None, **info):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.context = context
        self.greeting = greeting or b"INFO " + json.dumps({**INFO, **info}).encode() + b"\r\n"
        self.connections, self.received = 0, b""
        accept_each(self.listener, self._serve)

    def _serve(self, client):
        self.connections += 1
        with client, contextlib.suppress(OSError):
            client.settimeout(5)
            client.sendall(self.greeting)
            self._accept_client(client) if self.context else self._receive(client)

    def _receive(self, client):
        while data := client.recv(4096):
            self.received += data
            if b"PING" in self.received:
                return

    def _accept_client(self, client):
        with self.context.wrap_socket(client, server_side=True) as secure:
            self._receive(secure)
            secure.sendall(b"PONG\r\n")
            secure.recv(1)

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
