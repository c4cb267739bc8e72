"""A way to the server that breaks off within a message."""

import socket
import threading

from support.fake_server import accept_each


class CuttingProxy:
    """Hands on what both sides say. A connection ends `after` so many bytes behind the first job that the server sends on
    it; each later one after `step` bytes more, so that every place within a message has its turn."""

    def __init__(self, url, after, step, times):
        host, port = url.removeprefix("nats://").split(":")
        self.server, self.cuts = (host, int(port)), [after + step * i for i in range(times)]
        self.done = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "nats://127.0.0.1:%d" % self.listener.getsockname()[1]
        accept_each(self.listener, self._connect)

    def close(self):
        self.listener.close()

    def _connect(self, client):
        server = socket.create_connection(self.server)
        threading.Thread(target=self._hand_on, args=(client, server), daemon=True).start()
        threading.Thread(target=self._hand_back, args=(server, client), daemon=True).start()

    def _hand_on(self, client, server):
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        self._end(client, server)

    def _hand_back(self, server, client):
        said = b""
        try:
            while data := server.recv(65536):
                said += data
                end = self._end_of(said)
                if end is not None:
                    client.sendall(data[: len(data) - (len(said) - end)])
                    self.done += 1
                    break
                client.sendall(data)
        except OSError:
            pass
        self._end(client, server)

    def _end_of(self, said):
        """Where it is to be cut; None: not here."""
        job = said.find(b"$JS.ACK.")
        if job < 0 or self.done >= len(self.cuts):
            return None
        begin = said.rfind(b"MSG", 0, job)
        end = begin + self.cuts[self.done]
        return end if end <= len(said) else None

    @staticmethod
    def _end(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()
