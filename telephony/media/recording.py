"""The call's recording in true time: where in it a packet belongs follows from its RTP timestamp.

Sample n is second n / sample_rate after the answer. Silence is kept, loss is concealed, pauses without packets
are filled, and never more than real time plus `AHEAD_SECONDS` is written, whatever the sender claims.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from telephony.engine import AudioSink
from telephony.media.codecs import Coder
from telephony.media.conceal import HISTORY_MS, conceal
from telephony.media.g711 import ALaw, Pcm
from telephony.media.rtp import RtpPacket, signed32

AHEAD_SECONDS: Final = 0.5
"How far timestamps may run ahead of the clock: the first packet of a call may have been held up that long."
BEHIND_SECONDS: Final = 1.0
"How far they may fall behind: an hour of the worst crystal (200 ppm) is 0.7 s."
HOLD_SECONDS: Final = 0.4
"How long a stream may stall before silence takes the place of its audio for good."
LONGEST_STALL_SECONDS: Final = 5.0
"Packets older than this were not held up by the network: their timestamps have jumped back."
STUCK_SECONDS: Final = 0.1
"Packets that come too late for this long, at the pace of real time, are a sender whose timestamps stood still."


class Recording:
    """Places packets of one stream after another on one time line and writes them to the sink in batches."""

    def __init__(self, sink: AudioSink, sample_rate: int, started: float) -> None:
        self._sink = sink
        self._sample_rate = sample_rate
        self._started = started
        self.on_audio: Callable[[Pcm], None] | None = None
        "Is shown every block that is written."
        self._coder: Coder = ALaw()
        self._samples_per_tick = 1
        self._payloads: list[bytes] = []
        self._blocks: list[Pcm] = []
        self._history: Pcm = np.zeros(0, np.int16)
        self._end = 0
        "Samples placed so far, those not yet written included."
        self._anchor: tuple[int, int] | None = None
        "A timestamp and the sample where it belongs."
        self._heard: tuple[float, int] = started, 0
        "When the newest packet came, and the sample where it ends."
        self._late_since: float | None = None
        self.concealed = 0
        "Samples invented in place of lost ones."

    def decode_with(self, coder: Coder, samples_per_tick: int) -> None:
        """Take payloads of this codec from now on; `samples_per_tick` is the sink's rate by the RTP clock rate."""
        self._decode()
        self._coder, self._samples_per_tick = coder, samples_per_tick
        self._anchor = None

    def restart_stream(self) -> None:
        """Place the next packet by the clock: another source has other timestamps."""
        self._anchor = None

    @property
    def written(self) -> int:
        """Samples that the sink has."""
        return self._end - sum(map(len, self._blocks)) - sum(map(len, self._payloads)) * self._samples_per_tick

    def seconds(self, now: float) -> float:
        """Return the position of a moment."""
        return max(0.0, now - self._started)

    def position(self, timestamp: int, arrival: float) -> float:
        """Return the second of a timestamp, never in the future."""
        elapsed = self.seconds(arrival)
        if self._anchor is None:
            return elapsed
        known, sample = self._anchor
        second = (sample + signed32(timestamp - known) * self._samples_per_tick) / self._sample_rate
        return second if elapsed - BEHIND_SECONDS <= second <= elapsed + AHEAD_SECONDS else elapsed

    def place(self, packet: RtpPacket, arrival: float, *, lost: bool) -> bool:
        """Put an audio packet, the next in order, where its timestamp says; `lost` when packets before it never came.

        Returns False when its place has been given to silence already.
        """
        if self.go_on(packet.payload, packet.timestamp, arrival):
            return True
        length = len(packet.payload) * self._samples_per_tick
        clock = int(self.seconds(arrival) * self._sample_rate)
        start = self._start_of(packet.timestamp, clock, arrival)
        self._anchor = packet.timestamp + len(packet.payload), start + length
        if start + length <= self._end or start > clock + AHEAD_SECONDS * self._sample_rate:
            return False
        self._late_since = None
        self._heard = arrival, start + length
        self._fill(start, concealed=lost)
        self._payloads.append(packet.payload if start >= self._end else self._tail(packet.payload, self._end - start))
        self._end += len(self._payloads[-1]) * self._samples_per_tick
        return True

    def go_on(self, payload: bytes, timestamp: int, arrival: float) -> bool:
        """Append what begins where the last packet ended, when real time agrees: the usual case, made cheap."""
        end = self._end
        if self._anchor != (timestamp, end) or self._late_since is not None:
            return False
        if not -BEHIND_SECONDS <= end / self._sample_rate - (arrival - self._started) <= AHEAD_SECONDS:
            return False
        self._payloads.append(payload)
        ticks = len(payload)
        self._end = end = end + ticks * self._samples_per_tick
        self._anchor = timestamp + ticks, end
        self._heard = arrival, end
        return True

    def _start_of(self, timestamp: int, clock: int, arrival: float) -> int:
        if self._anchor is None:
            return max(clock, self._end)
        known, sample = self._anchor
        start = sample + signed32(timestamp - known) * self._samples_per_tick
        if start > clock + AHEAD_SECONDS * self._sample_rate:
            return clock
        if start < self._end - self._samples_per_tick:
            return self._start_of_late(start, clock, arrival)
        return start if start >= clock - BEHIND_SECONDS * self._sample_rate else max(clock, self._end)

    def _start_of_late(self, start: int, clock: int, arrival: float) -> int:
        if self._late_since is None:
            self._late_since = arrival
        stalled = start > clock - LONGEST_STALL_SECONDS * self._sample_rate
        if stalled and arrival - self._late_since < STUCK_SECONDS:
            return start
        return max(clock, self._end)

    def _tail(self, payload: bytes, samples: int) -> bytes:
        return payload[samples // self._samples_per_tick :]

    def pass_time(self, now: float) -> None:
        """Fill with silence what the clock says has passed without a packet."""
        arrival, end = self._heard
        if now - arrival > HOLD_SECONDS:
            self._fill(end + int((now - arrival - HOLD_SECONDS) * self._sample_rate), concealed=False)

    def write(self) -> None:
        """Hand everything placed so far to the sink."""
        self._decode()
        if not self._blocks:
            return
        block = np.concatenate(self._blocks) if len(self._blocks) > 1 else self._blocks[0]
        self._blocks.clear()
        self._sink.write(block.tobytes())
        if self.on_audio is not None:
            self.on_audio(block)

    def close(self, now: float) -> None:
        """Write to the last sample: the recording is as long as the call."""
        self._fill(int(self.seconds(now) * self._sample_rate), concealed=False)
        self.write()

    def _fill(self, until: int, *, concealed: bool) -> None:
        missing = until - self._end
        if missing <= 0:
            return
        self._decode()
        if concealed:
            block = conceal(self._history, missing, self._sample_rate)
            self.concealed += missing
        else:
            block = np.zeros(missing, np.int16)
        self._blocks.append(block)
        self._remember(block)
        self._end = until

    def _decode(self) -> None:
        if not self._payloads:
            return
        block = self._coder.decode(b"".join(self._payloads))
        self._payloads.clear()
        self._blocks.append(block)
        self._remember(block)

    def _remember(self, block: Pcm) -> None:
        wanted = self._sample_rate * HISTORY_MS // 1000
        self._history = block[-wanted:] if len(block) >= wanted else np.concatenate((self._history, block))[-wanted:]
