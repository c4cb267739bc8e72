"""A JetStream API that answers for a server's own, so that it can say what that one says once in a blue moon."""

import json
import socket
import threading

from support.jetstream import ApiError, Connection, frame


class StandIn:
    """Serves `prefix`: answers of `answers`, by the beginning of the operation, else what the server itself answers."""

    def __init__(self, js, answers, prefix="STAND.IN"):
        self.js, self.answers, self.prefix = js, answers, prefix
        self.asked = []  # operations
        self.connection = Connection(js.url, timeout=None)
        self.connection.send(f"SUB {prefix}.> 1\r\n".encode())
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        try:
            while line := self.connection.file.readline():
                words = line.decode().split()
                if words[0] == "PING":
                    self.connection.send(b"PONG\r\n")
                elif words[0] == "MSG":
                    _, subject, _, reply, length = words
                    body = self.connection.file.read(int(length) + 2)[:-2]
                    operation = subject.removeprefix(self.prefix + ".")
                    self.asked.append(operation)
                    self.connection.send(frame(reply, "", json.dumps(self._answer(operation, body)), None))
        except OSError:
            pass

    def _answer(self, operation, body):
        for beginning, answer in self.answers.items():
            if operation.startswith(beginning):
                return answer
        try:
            return self.js.api(operation, json.loads(body) if body else None)
        except ApiError as error:
            return {"error": {"code": 400, "err_code": error.code, "description": str(error)}}

    def close(self):
        self.connection.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()
