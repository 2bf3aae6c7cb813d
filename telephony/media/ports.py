"""Pairs of UDP ports for a call: RTP on an even one, RTCP on the next, RFC 3550 section 11."""

from __future__ import annotations

import contextlib
import random
import socket
from typing import Final

EXPEDITED_FORWARDING: Final = 46 << 2
"RFC 3246: voice before other traffic, where the network heeds it."

RECEIVE_BUFFER: Final = 1 << 20
"Asked for; Linux gives at most net.core.rmem_max, 200 KiB unless set: what a flood must fill within a turn of 60 ms."


def bind_pair(host: str, port_range: tuple[int, int]) -> tuple[socket.socket, socket.socket]:
    """Return bound non-blocking RTP and RTCP sockets; raises `OSError` when every pair in the range is taken.

    The first try is random so that packets meant for a call that is just over meet nobody.
    """
    low, high = port_range
    ports = range(low + low % 2, high, 2)
    if not ports:
        raise OSError(f"the RTP port range {low}-{high} holds no pair of an even and an odd port")
    first = random.randrange(len(ports))
    for index in range(len(ports)):
        port = ports[(first + index) % len(ports)]
        with contextlib.suppress(OSError):
            return _bind_both(host, port)
    raise OSError(f"no free RTP port on {host} in {low}-{high}")


def _bind_both(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    rtp = _bind(host, port)
    try:
        return rtp, _bind(host, port + 1)
    except OSError:
        rtp.close()
        raise


def _bind(host: str, port: int) -> socket.socket:
    is_ipv6 = ":" in host
    sock = socket.socket(socket.AF_INET6 if is_ipv6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        with contextlib.suppress(OSError):  # a container may forbid it; voice works without
            if is_ipv6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED_FORWARDING)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED_FORWARDING)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
