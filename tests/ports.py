"""Ports for servers that the tests start."""

from __future__ import annotations

import random
import socket


def free_port() -> int:
    """A port free for UDP and TCP on loopback just now, below those that systems give to clients: one who knocks at
    such a port before its server is up can be given it, and is then connected to itself."""
    while True:
        port = random.randrange(12000, 28000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
