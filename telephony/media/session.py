"""One call's media: its sockets, what is heard and what is said."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final

from telephony.engine import AudioSink, CallStatistics, DigitPressed
from telephony.media.agreement import Agreement, Direction
from telephony.media.codecs import Codec, sample_rate
from telephony.media.inband_dtmf import InbandDetector
from telephony.media.keys import KeyMerger
from telephony.media.latch import SourceAddress
from telephony.media.media_loop import MediaLoop
from telephony.media.ports import bind_pair
from telephony.media.prompts import encode_prompt
from telephony.media.quality import mean_opinion_score
from telephony.media.receiving import Receiver
from telephony.media.recording import Recording
from telephony.media.reporting import Reporter
from telephony.media.rtp import is_rtcp
from telephony.media.sending import Prompt, Sender
from telephony.media.srtp import Cipher, SrtpKeys

NO_AUDIO_SECONDS: Final = 20.0
NOWHERE: Final = ("127.0.0.1", 9)
"The discard port, RFC 863: where a call without an answer would send."


class MediaSession:
    """Made with the call, configured by each SDP answer, started when the call is answered, closed with it."""

    def __init__(self, media_loop: MediaLoop, rtp: socket.socket, rtcp: socket.socket) -> None:
        self.local_port: int = rtp.getsockname()[1]
        "Where RTP is received; RTCP is at the next port."
        self.sample_rate = 8000
        "Of the PCM that the sink receives: fixed by the codec at `start`."
        self._loop = media_loop
        self._rtp, self._rtcp = rtp, rtcp
        self._agreed: Agreement | None = None
        self._says = False
        self._to: SourceAddress = NOWHERE
        self._cipher: Cipher | None = None
        self._sender: Sender | None = None
        self._receiver: Receiver | None = None
        self._keys = KeyMerger(lambda digit: None)
        self._on_no_audio: Callable[[float], None] = lambda position: None
        self._no_audio_seconds = NO_AUDIO_SECONDS
        self._reporter = Reporter(0.0)
        self._started = 0.0
        self._quiet_since = 0.0
        self._quiet_told = False
        self._closed = False

    @classmethod
    def create(cls, media_loop: MediaLoop, local_host: str, port_range: tuple[int, int]) -> MediaSession:
        """Bind a pair of ports in the range; raises `OSError` when there is none."""
        return cls(media_loop, *bind_pair(local_host, port_range))

    def configure(
        self,
        remote: SourceAddress,
        codec: Codec,
        telephone_event_payload_type: int | None = None,
        direction: Direction = "sendrecv",
        srtp: SrtpKeys | None = None,
        *,
        peer_host: str = "",
        rtcp_port: int | None = None,
    ) -> None:
        """Take what an offer and its answer agreed on; may be called again at any time.

        `direction` is the one in our own SDP. A held call's recording goes on in true time. `peer_host` is where SIP
        comes from, `rtcp_port` as in `Agreement`.
        """
        remote, peer_host = (self._as_heard(remote[0]), remote[1]), self._as_heard(peer_host)
        self._agreed = Agreement(remote, codec, telephone_event_payload_type, direction, peer_host, rtcp_port)
        if srtp is None:
            self._cipher = None
        elif self._cipher is None or self._cipher.keys != srtp:
            self._cipher = Cipher(srtp)
        if self._sender is None:
            self._sender = Sender(codec, telephone_event_payload_type)
        self._sender.configure(codec, telephone_event_payload_type)
        if self._receiver is not None:
            self._configure_receiver(self._receiver, self._agreed)
        self._says, self._to = self._agreed.says, self._destination()

    def _as_heard(self, host: str) -> str:
        """Return a host as our socket names it: one on `::` hears and reaches IPv4 by mapped addresses."""
        mapped = host and ":" not in host and self._rtp.family == socket.AF_INET6
        return f"::ffff:{host}" if mapped else host

    def start(
        self,
        sink: AudioSink,
        on_digit: Callable[[DigitPressed], None],
        on_no_audio: Callable[[float], None],
        no_audio_seconds: float = NO_AUDIO_SECONDS,
    ) -> None:
        """Write to `sink` from this moment on, which is second 0; `configure` comes before.

        `on_no_audio` is told the position once for each time that nothing has come for `no_audio_seconds`.
        """
        agreed = self._agreed
        if agreed is None:
            raise RuntimeError("configure comes before start")
        self._keys = KeyMerger(on_digit)
        self._on_no_audio, self._no_audio_seconds = on_no_audio, no_audio_seconds
        self.sample_rate = sample_rate(agreed.codec)
        self._started = self._quiet_since = self._loop.clock()
        recording = Recording(sink, self.sample_rate, self._started)
        self._receiver = Receiver(recording, self.sample_rate, self._keys.press)
        self._reporter = Reporter(self._started)
        self._configure_receiver(self._receiver, agreed)
        self._loop.add(self, {self._rtp: self._receive, self._rtcp: self._receive_rtcp})

    def _configure_receiver(self, receiver: Receiver, agreed: Agreement) -> None:
        receiver.configure(agreed.remote, agreed.codec, agreed.telephone_event_payload_type, agreed.peer_host)
        # A peer that has agreed on named events sends no tones, or sends both; only without is the audio listened to.
        wanted = agreed.telephone_event_payload_type is None
        receiver.recording.on_audio = self._inband(receiver).listen if wanted else None

    def _inband(self, receiver: Receiver) -> InbandDetector:
        def pressed(digit: str, position: float) -> None:
            self._keys.press(digit, position, "inband")

        return InbandDetector(self.sample_rate, pressed, receiver.recording.written)

    def _receive(self, data: bytes, address: SourceAddress, arrival: float) -> None:
        if self._receiver is None or self._agreed is None or not self._agreed.hears or arrival < self._started:
            return
        if is_rtcp(data):
            self._receive_rtcp(data, address, arrival)
            return
        if self._cipher is not None:
            try:
                data = self._cipher.open(data)
            except ValueError:
                self._receiver.malformed += 1
                return
        self._receiver.receive(data, address, arrival)

    def _receive_rtcp(self, data: bytes, address: SourceAddress, arrival: float) -> None:
        if self._sender is None or address[0] != self._destination()[0]:
            return
        with contextlib.suppress(ValueError):  # malformed or forged: reports are a courtesy, nothing hangs on one
            data = self._cipher.open_rtcp(data) if self._cipher else data
            self._reporter.receive(data, arrival, self._loop.wall(), self._sender)

    def _send_rtcp(self, data: bytes) -> None:
        agreed, (host, port) = self._agreed, self._destination()
        multiplexed = agreed is not None and agreed.multiplexed
        if agreed is not None and (host, port) == agreed.remote and agreed.rtcp_port is not None:
            port = agreed.rtcp_port
        elif not multiplexed:
            port = min(port + 1, 65535)
        with contextlib.suppress(OSError):
            protected = self._cipher.protect_rtcp(data) if self._cipher else data
            (self._rtp if multiplexed else self._rtcp).sendto(protected, (host, port))

    def info_digit(self, digit: str) -> None:
        """Take a key that came by SIP INFO."""
        self._keys.press(digit, self.seconds(), "info")

    def send_due(self) -> None:
        """Send this packet time's packet; a call on hold sends nothing."""
        sender = self._sender
        if sender is None:
            return
        if not self._says:
            sender.skip(1)
            return
        data = sender.next_packet()
        if self._cipher is not None:
            data = self._cipher.protect(bytes(data))
        try:
            self._rtp.sendto(data, self._to)
        except OSError:
            return  # no route at the moment, or a full queue: as good as lost on the way

    def skip(self, packets: int) -> None:
        """Let time pass unsaid after a stall: a prompt goes on where it was, silence stays in time."""
        if self._sender is not None and not self._sender.is_busy:
            self._sender.skip(packets)

    def _destination(self) -> SourceAddress:
        """Where the caller's packets come from, else where SDP says: a caller behind NAT knows only the first."""
        latched = self._receiver.latch.address if self._receiver else None
        return latched or (self._agreed.remote if self._agreed else NOWHERE)

    def pass_time(self, now: float, *, caught_up: bool) -> None:
        """Write what is due, and notice that nobody is heard."""
        receiver = self._receiver
        if receiver is None:
            return
        if caught_up:  # else silence would take the place of what has come but is not read
            receiver.pass_time(now)
        receiver.recording.write()
        self._to = self._destination()
        self._watch_audio(now, receiver)
        if self._sender is not None and self._reporter.is_due(now):
            self._send_rtcp(self._reporter.report(now, self._loop.wall(), self._sender, receiver.reception))

    def _watch_audio(self, now: float, receiver: Receiver) -> None:
        if self._agreed is not None and not self._agreed.hears:
            self._quiet_since = now
        heard = max(self._quiet_since, receiver.heard_at or 0.0)
        quiet = now - heard > self._no_audio_seconds
        if quiet and not self._quiet_told:
            self._on_no_audio(self.seconds())
        self._quiet_told = quiet

    async def play(self, pcm: bytes, rate: int, interruptible: bool = True) -> bool:
        """Play 16-bit mono PCM after what is playing already; return False when it was cut short."""
        if self._closed or self._sender is None or self._agreed is None:
            return False
        name = self._agreed.codec.name.upper()
        if name == "G722":  # ten seconds take half a second to encode: other calls are not kept waiting
            payload = await asyncio.to_thread(encode_prompt, pcm, rate, name)
        else:
            payload = encode_prompt(pcm, rate, name)
        if not payload or self._closed:
            return not self._closed
        finished: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._sender.queue(Prompt(payload, finished, interruptible))
        return await finished

    def stop_playing(self) -> None:
        """Stop prompts at once; those that are not interruptible play on."""
        if self._sender is not None:
            self._sender.stop()

    async def send_digits(self, digits: str) -> None:
        """Press keys by RFC 4733; return when all are sent. Raises `ValueError` when the peer takes no such keys."""
        if self._sender is None or self._agreed is None or self._agreed.telephone_event_payload_type is None:
            raise ValueError("the peer takes no telephone-events")
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sender.queue_digits(digits, sent)
        await sent

    def seconds(self) -> float:
        """Return the position in the recording of what is said now."""
        return max(0.0, self._loop.clock() - self._started) if self._receiver else 0.0

    @property
    def statistics(self) -> CallStatistics:
        """What RTP has told so far."""
        receiver = self._receiver
        if receiver is None or receiver.reception is None:
            if receiver is None:
                return CallStatistics()
            return CallStatistics(packets_foreign=receiver.foreign, packets_malformed=receiver.malformed)
        received, lost, jitter = receiver.received, receiver.lost, receiver.reception.jitter
        return CallStatistics(
            packets_received=received,
            packets_lost=lost,
            packets_late=receiver.late,
            packets_duplicate=receiver.duplicates,
            packets_foreign=receiver.foreign,
            jitter=jitter,
            mos=mean_opinion_score((lost + receiver.late) / max(1, received + lost), jitter, self._reporter.round_trip),
            packets_malformed=receiver.malformed,
            seconds_concealed=receiver.recording.concealed / self.sample_rate,
            round_trip=self._reporter.round_trip,
            far_loss=self._reporter.far_loss,
        )

    def close(self) -> None:
        """Write the recording to its last sample, end what is playing and give the ports back; may be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._receiver is not None:
            self._loop.remove(self)
            now = self._loop.clock()
            self._receiver.close(now)
            if self._sender is not None:
                reception = self._receiver.reception
                self._send_rtcp(self._reporter.goodbye(now, self._loop.wall(), self._sender, reception))
        if self._sender is not None:
            self._sender.stop(all_prompts=True)
        self._rtp.close()
        self._rtcp.close()
