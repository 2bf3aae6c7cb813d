"""Messages out of a stream: each ends where its Content-Length says (RFC 3261 sections 18.3 and 7.5)."""

from __future__ import annotations

import re

from telephony.sip.message import END_OF_HEADERS, LARGEST_MESSAGE

CONTENT_LENGTH = re.compile(rb"\r?\n(?:content-length|l)[ \t]*:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]*)", re.IGNORECASE)


class MessageStream:
    """Cuts octets into messages; once `broken`, nothing that follows can be trusted to begin where it seems to."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self.pings = 0
        "Double CRLFs that a peer wants answered with a CRLF (RFC 5626 section 4.4.1)."
        self.broken = False

    @property
    def unfinished(self) -> bool:
        """Whether a message has begun and its end is awaited."""
        return bool(self._buffer)

    def take_pings(self) -> int:
        """Return how many pings to answer, and forget them."""
        pings, self.pings = self.pings, 0
        return pings

    def feed(self, data: bytes) -> list[bytes]:
        """Return the messages that are whole now."""
        self._buffer += data
        messages = []
        while not self.broken and (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        self._skip_keep_alive()
        end = END_OF_HEADERS.search(self._buffer, max(0, self._searched - 4))
        if end is None:
            self._searched = len(self._buffer)
            self.broken = len(self._buffer) > LARGEST_MESSAGE
            return None
        length = self._body_length(end.start())
        if length is None or end.end() + length > LARGEST_MESSAGE:
            # The end of the message cannot be known. It is given on once, so that 400 says why, and then all is over.
            self.broken = True
            return bytes(self._buffer[: end.end()])
        total = end.end() + length
        if len(self._buffer) < total:
            self._searched = end.start()
            return None
        message = bytes(self._buffer[:total])
        del self._buffer[:total]
        self._searched = 0
        return message

    def _skip_keep_alive(self) -> None:
        if not self._buffer.startswith((b"\r", b"\n")):
            return
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        if blank:
            self.pings += self._buffer[:blank].count(b"\r\n\r\n")
            del self._buffer[:blank]
            self._searched = 0

    def _body_length(self, end: int) -> int | None:
        values = {match[1].strip() for match in CONTENT_LENGTH.finditer(self._buffer, 0, end)}
        if not values:
            return 0
        value = values.pop()
        return int(value) if not values and value.isdigit() and len(value) < 8 else None
