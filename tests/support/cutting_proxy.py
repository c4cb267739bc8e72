"""A proxy in front of a server, which breaks connections within a message."""

import socket
import threading

from support.fake_server import accept_each


class CuttingProxy:
    """Forwards both directions. The first connection ends `after` bytes into the first job that the server sends on it, each
    later one `step` bytes further on, `times` times in all."""

    def __init__(self, url, after, step, times):
        host, port = url.removeprefix("nats://").split(":")
        self.server, self.cuts = (host, int(port)), [after + step * i for i in range(times)]
        self.cut = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "nats://127.0.0.1:%d" % self.listener.getsockname()[1]
        accept_each(self.listener, self._connect)

    def close(self):
        self.listener.close()

    def _connect(self, client):
        server = socket.create_connection(self.server)
        threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
        threading.Thread(target=self._forward_and_cut, args=(server, client), daemon=True).start()

    def _forward(self, client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        self._close(client, server)

    def _forward_and_cut(self, server, client):
        received = b""
        try:
            while data := server.recv(65536):
                received += data
                end = self._cut_offset(received)
                if end is not None:
                    client.sendall(data[: len(data) - (len(received) - end)])
                    self.cut += 1
                    break
                client.sendall(data)
        except OSError:
            pass
        self._close(client, server)

    def _cut_offset(self, received):
        """The offset at which the connection is to be cut; None: not in this message."""
        job = received.find(b"$JS.ACK.")
        if job < 0 or self.cut >= len(self.cuts):
            return None
        begin = received.rfind(b"MSG", 0, job)
        end = begin + self.cuts[self.cut]
        return end if end <= len(received) else None

    @staticmethod
    def _close(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
