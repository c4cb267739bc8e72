"""A distant server: tests/bench/c/bench_proxy between client and server delays each direction."""

import subprocess
from urllib.parse import urlsplit

EACH_WAY = 10  # ms


class Proxy:
    """with Proxy(peers, broker.url) as distant: … distant.url …"""

    def __init__(self, peers, url, each_way=EACH_WAY):
        self.command = [str(peers.c("proxy")), str(urlsplit(url).port), str(each_way)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        address = self.process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"{' '.join(self.command)} did not start")
        self.url = f"nats://{address}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()  # it exits at the end of its stdin
        self.process.wait(timeout=20)
        self.process.stdout.close()
