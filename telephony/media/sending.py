"""What we say: prompts, keys and silence as RTP packets of 20 ms."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from telephony.media.codecs import PTIME_TICKS, Codec
from telephony.media.prompts import encode_prompt
from telephony.media.rtp import plain_header
from telephony.media.telephone_event import TelephoneEvent, press

_NUMBER_AND_TIME = struct.Struct("!HI")
SILENT_PACKET: Final = bytes(2 * PTIME_TICKS)
PRESS_TICKS: Final = 800
"100 ms; Q.24 asks for 40 ms, and some receivers for more."
PAUSE_PACKETS: Final = 5
"100 ms between two keys."


@dataclass
class Prompt:
    """Encoded audio that is being played."""

    payload: bytes
    finished: asyncio.Future[bool]
    interruptible: bool
    offset: int = 0

    def finish(self, *, whole: bool) -> None:
        """Tell whoever waits whether the caller heard all of it."""
        if not self.finished.done():
            self.finished.set_result(whole)


class Sender:
    """Makes one packet each packet time, or none when there is nothing to say."""

    def __init__(self, codec: Codec, event_payload_type: int | None) -> None:
        self.codec, self.event_payload_type = codec, event_payload_type
        self.ssrc = secrets.randbits(32)
        self.packets = self.octets = 0
        self.timestamp = secrets.randbits(32)
        self._sequence_number = secrets.randbits(16)
        self._silent = self._make_silent()
        self._prompts: deque[Prompt] = deque()
        self._presses: deque[Iterator[TelephoneEvent] | int] = deque()
        self._press_timestamp: int | None = None
        self._keys_sent: asyncio.Future[None] | None = None

    def configure(self, codec: Codec, event_payload_type: int | None) -> None:
        """Go on in the same stream; prompts in another codec can not be finished."""
        if codec.name != self.codec.name:
            self.stop(all_prompts=True)
        self.codec, self.event_payload_type = codec, event_payload_type
        self._silent = self._make_silent()

    def _make_silent(self) -> bytearray:
        silence = encode_prompt(SILENT_PACKET, 8000, self.codec.name.upper())
        return bytearray(plain_header(self.codec.payload_type, False, 0, 0, self.ssrc) + silence)

    def queue(self, prompt: Prompt) -> None:
        """Play it after what is already waiting."""
        self._prompts.append(prompt)

    def stop(self, *, all_prompts: bool = False) -> None:
        """Drop what is being played; prompts that may not be interrupted, and keys, stay unless the call is over."""
        for prompt in [p for p in self._prompts if p.interruptible or all_prompts]:
            self._prompts.remove(prompt)
            prompt.finish(whole=False)
        if all_prompts and self._keys_sent is not None and not self._keys_sent.done():
            self._presses.clear()
            self._keys_sent.set_result(None)

    def queue_digits(self, digits: str, sent: asyncio.Future[None]) -> None:
        """Press keys, one after another, with pauses."""
        for digit in digits:
            self._presses.append(press(digit, PTIME_TICKS, PRESS_TICKS))
            self._presses.append(PAUSE_PACKETS)
        self._keys_sent = sent

    @property
    def is_busy(self) -> bool:
        """Whether there is more than silence to send."""
        return bool(self._prompts or self._presses)

    def skip(self, packets: int) -> None:
        """Move the timestamp on without sending."""
        self.timestamp = (self.timestamp + packets * PTIME_TICKS) & 0xFFFFFFFF

    def next_packet(self) -> bytes | bytearray:
        """Return the packet of this packet time: a key, what is played, or silence.

        Silence is sent too: it keeps NAT bindings open, and many a PBX hangs up when no RTP comes.
        """
        packet: bytes | bytearray | None = self._next_event() if self._presses else None
        if packet is None and self._prompts:
            packet = self._packet(self.codec.payload_type, self._next_payload(), self.timestamp, not self.packets)
        packet = packet or self._silent_packet()
        self.timestamp = (self.timestamp + PTIME_TICKS) & 0xFFFFFFFF
        return packet

    def _silent_packet(self) -> bytearray:
        """Return the packet that most are: always the same one, with another number and time in it."""
        self._sequence_number = (self._sequence_number + 1) & 0xFFFF
        self.packets += 1
        self.octets += PTIME_TICKS
        _NUMBER_AND_TIME.pack_into(self._silent, 2, self._sequence_number, self.timestamp)
        return self._silent

    def _packet(self, payload_type: int, payload: bytes, timestamp: int, marker: bool) -> bytes:
        self._sequence_number = (self._sequence_number + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return plain_header(payload_type, marker, self._sequence_number, timestamp, self.ssrc) + payload

    def _next_payload(self) -> bytes:
        prompt = self._prompts[0]
        payload = prompt.payload[prompt.offset : prompt.offset + PTIME_TICKS]
        prompt.offset += PTIME_TICKS
        if prompt.offset >= len(prompt.payload):
            self._prompts.popleft()
            prompt.finish(whole=True)
        return payload

    def _next_event(self) -> bytes | None:
        current = self._presses[0]
        if isinstance(current, int):
            self._pause(current)
            return None
        event = next(current, None)
        if event is None or self.event_payload_type is None:
            self._presses.popleft()
            self._press_timestamp = None
            return self._next_event() if self._presses else None
        begins = self._press_timestamp is None
        self._press_timestamp = self.timestamp if self._press_timestamp is None else self._press_timestamp
        # The marker tells where the press begins, RFC 4733 section 2.5.1.1.
        return self._packet(self.event_payload_type, bytes(event), self._press_timestamp, begins)

    def _pause(self, packets_left: int) -> None:
        if packets_left > 1:
            self._presses[0] = packets_left - 1
            return
        self._presses.popleft()
        if not self._presses and self._keys_sent is not None and not self._keys_sent.done():
            self._keys_sent.set_result(None)
