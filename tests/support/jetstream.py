"""A JetStream client over a plain socket, so that tests rely neither on nats.c nor on natscli.

    js = JetStream(server.url)
    js.publish("orders.new", "order-0")
    [job] = js.messages("orders_stream")
"""

import base64
import json
import re
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import urlsplit

from support.local_server import wait_until

SECOND = 10**9  # JetStream counts in nanoseconds


# Seconds: on a busy disk a server that syncs each message takes a while for thousands.
TO_STORE = 60


class ApiError(Exception):
    """An error answer of the server; `code` is its err_code."""

    def __init__(self, operation, error):
        super().__init__(f"{operation}: {error}")
        self.code = error.get("err_code")


@dataclass
class Message:
    seq: int
    subject: str
    headers: dict  # a repeated header's last value
    body: str
    time: str  # RFC 3339, as the server gives it

    @property
    def ns(self):
        return nanoseconds(self.time)


def nanoseconds(time):
    """Nanoseconds since 1970 of an RFC 3339 time."""
    seconds, fraction = re.fullmatch(r"(.{19})(?:\.(\d{1,9}))?Z", time).groups()
    epoch = datetime.fromisoformat(seconds).replace(tzinfo=timezone.utc)
    return int(epoch.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))


class Connection:
    def __init__(self, url, timeout):
        address = urlsplit(url.split(",")[0])
        self.socket = socket.create_connection((address.hostname, address.port), timeout)
        self.file = self.socket.makefile("rb")
        self.file.readline()  # INFO
        self.send(b'CONNECT {"verbose":false,"headers":true,"no_responders":true,"name":"test"}\r\n')

    def send(self, data):
        self.socket.sendall(data)

    def read_message(self):
        """(header block, body) of the next message; `subject` is then its subject."""
        while True:
            line = self.file.readline()
            if not line or line.startswith(b"-ERR"):
                raise ConnectionError(line.decode() or "closed by the server")
            words = line.split()
            if words[0] == b"PING":
                self.send(b"PONG\r\n")
            elif words[0] in (b"MSG", b"HMSG"):
                self.subject = words[1].decode()
                data = self.file.read(int(words[-1]) + 2)[:-2]
                header = int(words[-2]) if words[0] == b"HMSG" else 0
                return data[:header], data[header:]

    def close(self):
        self.file.close()
        self.socket.close()


def header_block(headers):
    return b"NATS/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode(errors="surrogateescape") + b"\r\n"


def parse_headers(block):
    lines = block.decode(errors="surrogateescape").split("\r\n")[1:]
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines if line)


class JetStream:
    """Each request has its own connection, so that a restart of the server does not matter."""

    def __init__(self, url, timeout=10, server=None):
        """With its LocalServer, delete_stream() returns only when the name can be used again."""
        self.url, self.timeout, self.server = url, timeout, server

    def requests(self, pairs, timeout=None):
        """Sends all requests, then reads all answers; a pair is (subject, body) or (subject, body, headers)."""
        pairs = list(pairs)
        connection = Connection(self.url, timeout or self.timeout)
        inbox = "_INBOX." + secrets.token_hex(8)
        try:
            connection.send(f"SUB {inbox}.* 1\r\n".encode())
            for i, (subject, body, *headers) in enumerate(pairs):
                connection.send(frame(subject, f"{inbox}.{i}", body, headers[0] if headers else None))
            return [connection.read_message() for _ in pairs]
        finally:
            connection.close()

    def api(self, operation, body=None):
        [(header, answer)] = self.requests([(f"$JS.API.{operation}", json.dumps(body) if body else "")])
        if not answer:
            raise ConnectionError(f"{operation}: {header.decode().strip() or 'no answer'}")
        answer = json.loads(answer)
        if "error" in answer:
            raise ApiError(operation, answer["error"])
        return answer

    def publish(self, subject, body, **headers):
        """Returns the sequence; headers by keyword, `Nats_Msg_Id="x"`."""
        return self.publish_all([(subject, body, {name.replace("_", "-"): value for name, value in headers.items()})])[0]

    def publish_all(self, jobs):
        answers = [json.loads(answer or "{}") for _, answer in self.requests(jobs, TO_STORE)]
        assert all(answer.get("seq") for answer in answers), answers
        return [answer["seq"] for answer in answers]

    # ---- streams

    def stream(self, name):
        return self.api(f"STREAM.INFO.{name}")

    def count(self, name):
        return self.stream(name)["state"]["messages"]

    def last_seq(self, name):
        """It never decreases, even when messages are removed."""
        return self.stream(name)["state"]["last_seq"]

    def create_stream(self, config):
        return self.api(f"STREAM.CREATE.{config['name']}", config)

    def delete_stream(self, name):
        if name in (self.api("STREAM.NAMES")["streams"] or []):
            self.api(f"STREAM.DELETE.{name}")
            # A stream that is created before the old files are gone may get the old messages back (2.15.1).
            wait_until(lambda: not (self.server and self.server.has_files_of(name)), f"the files of {name} are gone")

    def purge(self, name, **selection):
        return self.api(f"STREAM.PURGE.{name}", selection)["purged"]

    def message(self, stream, seq):
        """None if it does not exist."""
        [(_, answer)] = self.requests([get_message(stream, seq)])
        return read_message(answer)

    def messages(self, stream, prefix=""):
        """All messages of the stream whose subjects have this prefix."""
        state = self.stream(stream)["state"]
        if not state["messages"]:
            return []
        seqs = range(state["first_seq"], state["last_seq"] + 1)
        at_once = 10_000  # the server drops requests that it cannot queue
        pieces = (seqs[i : i + at_once] for i in range(0, len(seqs), at_once))
        answers = (answer for piece in pieces for answer in self.requests(get_message(stream, seq) for seq in piece))
        found = (read_message(answer) for _, answer in answers)
        found = (message for message in found if message and message.subject.startswith(prefix))
        return sorted(found, key=lambda message: message.seq)

    # ---- consumers

    def consumers(self, stream):
        return self.api(f"CONSUMER.NAMES.{stream}")["consumers"] or []

    def consumer(self, stream, name):
        return self.api(f"CONSUMER.INFO.{stream}.{name}")

    def create_consumer(self, stream, **config):
        name = config["durable_name"]
        settings = {"ack_policy": "explicit", "deliver_policy": "all", "name": name, **config}
        return self.api(f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": settings})

    def pull(self, stream, name, batch):
        """Pulls up to `batch` messages that are available now, and never acknowledges them."""
        connection = Connection(self.url, self.timeout)
        inbox = "_INBOX." + secrets.token_hex(8)
        try:
            connection.send(f"SUB {inbox} 1\r\n".encode())
            ask = json.dumps({"batch": batch, "no_wait": True})
            connection.send(frame(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}", inbox, ask, None))
            for _ in range(batch):
                header, _ = connection.read_message()
                if header.startswith(b"NATS/1.0 4"):
                    return
        finally:
            connection.close()

    def delete_consumer(self, stream, name):
        self.api(f"CONSUMER.DELETE.{stream}.{name}")


def frame(subject, reply, body, headers):
    body = body.encode() if isinstance(body, str) else body
    if not headers:
        return f"PUB {subject} {reply} {len(body)}\r\n".encode() + body + b"\r\n"
    block = header_block(headers)
    return f"HPUB {subject} {reply} {len(block)} {len(block) + len(body)}\r\n".encode() + block + body + b"\r\n"


def get_message(stream, seq):
    return f"$JS.API.STREAM.MSG.GET.{stream}", json.dumps({"seq": seq})


def read_message(answer):
    found = json.loads(answer).get("message")
    if not found:
        return None
    headers = parse_headers(base64.b64decode(found["hdrs"])) if "hdrs" in found else {}
    body = base64.b64decode(found.get("data", "")).decode(errors="surrogateescape")
    return Message(found["seq"], found["subject"], headers, body, found["time"])
