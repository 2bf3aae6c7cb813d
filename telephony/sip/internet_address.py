"""Internet addresses as sockets give and take them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address


@lru_cache(maxsize=1024)  # the same few peers with every message
def is_address(host: str) -> bool:
    """Whether a host is an IP address and needs no resolving."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def plain_address(address: tuple[str, int] | tuple[str, int, int, int]) -> tuple[str, int]:
    """Return host and port, an IPv4 address that came over an IPv6 socket as itself."""
    return address[0].removeprefix("::ffff:"), address[1]
