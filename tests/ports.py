"""Ports for servers that the tests start."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port free for UDP and TCP on loopback just now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
