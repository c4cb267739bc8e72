"""A JetStream API under another prefix: it forwards requests to the real API and changes the answers, to show a program
answers that a real server gives only rarely.

    with ApiProxy(server.url, {"STREAM.INFO.orders_stream": lambda answer: answer["config"].update(num_replicas=3)}):
        run("dlq", …, "--js-api-prefix", ApiProxy.PREFIX)
"""

import json
import threading

from support.jetstream import Connection, JetStream


class ApiProxy:
    PREFIX = "TAMPERED.API"

    def __init__(self, url, changes=(), answers=()):
        """`changes`: {operation: function that changes its answer in place}. `answers`: {prefix of operations that are not
        forwarded: their answer}."""
        self.js, self.changes, self.answers = JetStream(url), dict(changes), dict(answers)
        self.asked = []  # the operations that were requested
        self.connection = Connection(url, None)
        self.connection.send(f"SUB {self.PREFIX}.> 1\r\nPING\r\n".encode())
        self.connection.file.readline()  # PONG: the subscription is active
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.socket.shutdown(2)
        self.thread.join(5)
        self.connection.close()

    def _serve(self):
        try:
            while line := self.connection.file.readline():
                words = line.decode().split()
                if words[0] == "PING":
                    self.connection.send(b"PONG\r\n")
                elif words[0] == "MSG":
                    body = self.connection.file.read(int(words[-1]) + 2)[:-2]
                    self._answer(words[1].removeprefix(self.PREFIX + "."), words[3], body)
        except OSError:
            pass  # closed

    def _answer(self, operation, reply, body):
        self.asked.append(operation)
        for beginning, answer in self.answers.items():
            if operation.startswith(beginning):
                return self._publish(reply, json.dumps(answer).encode())
        if operation not in self.changes:
            return self._publish(f"$JS.API.{operation} {reply}", body)  # the server answers directly
        [(_, answer)] = self.js.requests([(f"$JS.API.{operation}", body)])
        answer = json.loads(answer)
        self.changes[operation](answer)
        self._publish(reply, json.dumps(answer).encode())

    def _publish(self, where, body):
        self.connection.send(f"PUB {where} {len(body)}\r\n".encode() + body + b"\r\n")
