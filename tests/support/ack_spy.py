"""The acknowledgements that reach the server."""

from support.jetstream import Connection


class AckSpy:
    """Receives what is published to `subject`: by default the acknowledgements of all deliveries."""

    def __init__(self, world, subject="$JS.ACK.>"):
        self.connection = Connection(world.server.url, 30)
        self.connection.send(f"SUB {subject} 1\r\nPING\r\n".encode())
        while self.connection.file.readline() != b"PONG\r\n":
            pass

    def next(self):
        return self.connection.read_message()[1].decode()

    def next_delivery(self):
        """(acknowledgement, number of the delivery, sequence of the message)."""
        ack = self.next()
        delivery, seq = self.connection.subject.split(".")[4:6]
        return ack, int(delivery), int(seq)
