"""A caller of a few lines: plain SIP over UDP, RTP by our own sender, nothing repeated unless a test says so."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from telephony.media.codecs import SUPPORTED
from telephony.media.g711 import ALaw, Pcm
from telephony.media.sending import Prompt, Sender

BRANCHES = itertools.count(1)

OFFER = (
    "v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\na={direction}\r\n"
)


class Response:
    """What came back: status, or method when it is a request."""

    def __init__(self, text: str) -> None:
        self.text = text
        first = text.split("\r\n", 1)[0]
        self.status = int(first.split()[1]) if first.startswith("SIP/2.0") else 0
        self.method = "" if self.status else first.split()[0]

    def header(self, name: str) -> str:
        for line in self.text.split("\r\n\r\n")[0].split("\r\n")[1:]:
            if line.lower().startswith(f"{name.lower()}:"):
                return line.partition(":")[2].strip()
        return ""

    @property
    def body(self) -> str:
        return self.text.partition("\r\n\r\n")[2]


@dataclass
class Line:
    """What the network does to the caller's RTP."""

    loss: float = 0.0
    jitter: float = 0.0
    twice: float = 0.0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def carry(self, data: bytes, send: Callable[[bytes], None]) -> None:
        for _ in range(1 + (self.chance.random() < self.twice)):
            if self.chance.random() >= self.loss:
                asyncio.get_running_loop().call_later(self.chance.uniform(0, self.jitter), send, data)


class Caller:
    """One call's worth of messages from one UDP port."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.sip, self.rtp = (_socket() for _ in range(2))
        self.port = self.sip.getsockname()[1]
        self.call_id = f"{secrets.token_hex(8)}@127.0.0.1"
        self.from_ = f'"Zhang" <sip:13800001234@127.0.0.1:{self.port}>;tag={secrets.token_hex(4)}'
        self.to = f"<sip:12345@{server[0]}:{server[1]}>"
        self.cseq = 1
        self.branch = ""
        self.sent = ""
        self.audio: list[tuple[float, bytes]] = []
        self.sender = Sender(SUPPORTED["PCMA"], 101)
        self.rtp_to: tuple[str, int] | None = None
        self.line = Line()
        self._tasks: list[asyncio.Task[None]] = []

    # -- SIP ------------------------------------------------------------------------------------------------------

    def send(self, method: str, body: str = "", *, cseq: int | None = None, branch: str = "", extra: str = "") -> None:
        self.branch = branch or f"z9hG4bK{secrets.token_hex(6)}{next(BRANCHES)}"
        kind = "application/sdp" if body.startswith("v=") else "application/dtmf-relay"
        self.sent = (
            f"{method} sip:12345@{self.server[0]}:{self.server[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={self.branch};rport\r\nMax-Forwards: 70\r\n"
            f"From: {self.from_}\r\nTo: {self.to}\r\nCall-ID: {self.call_id}\r\n"
            f"CSeq: {cseq or self.cseq} {method}\r\nContact: <sip:13800001234@127.0.0.1:{self.port}>\r\n{extra}"
            + (f"Content-Type: {kind}\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self.sip.sendto(self.sent.encode(), self.server)

    def send_again(self) -> None:
        self.sip.sendto(self.sent.encode(), self.server)

    async def receive(self, seconds: float = 4.0) -> Response:
        """Return the next message; raises `TimeoutError`."""
        loop = asyncio.get_running_loop()
        data = await asyncio.wait_for(loop.sock_recv(self.sip, 65536), seconds)
        return Response(data.decode())

    async def final(self, method: str = "INVITE", seconds: float = 4.0) -> Response:
        """Return the final response to the last request of a method."""
        end = time.monotonic() + seconds
        while True:
            response = await self.receive(max(0.01, end - time.monotonic()))
            if response.status >= 200 and response.header("CSeq").endswith(method):
                return response

    async def request(self, method: str, seconds: float = 4.0) -> Response:
        """Wait for a request of theirs and answer it with 200."""
        end = time.monotonic() + seconds
        while True:
            request = await self.receive(max(0.01, end - time.monotonic()))
            if request.method == method:
                self.answer(request, "202 Accepted" if method == "REFER" else "200 OK")
                return request

    def answer(self, request: Response, status: str) -> None:
        copied = "".join(f"{name}: {request.header(name)}\r\n" for name in ("Via", "From", "To", "Call-ID", "CSeq"))
        self.sip.sendto(f"SIP/2.0 {status}\r\n{copied}Content-Length: 0\r\n\r\n".encode(), self.server)

    def invite(self, direction: str = "sendrecv", version: int = 1) -> None:
        port = self.rtp.getsockname()[1]
        self.send("INVITE", OFFER.format(port=port, direction=direction, version=version))

    async def call(self) -> Response:
        """Invite, acknowledge, and start sending silence."""
        self.invite()
        response = await self.final()
        if response.status == 200:
            self.to = response.header("To")
            self.acknowledge()
            media = next(line for line in response.body.split("\r\n") if line.startswith("m=audio"))
            self.rtp_to = "127.0.0.1", int(media.split()[1])
            self._tasks = [asyncio.create_task(self._pace()), asyncio.create_task(self._listen())]
        return response

    def acknowledge(self) -> None:
        self.send("ACK", cseq=self.cseq)

    async def hang_up(self) -> Response:
        self.cseq += 1
        self.send("BYE")
        return await self.final("BYE")

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.sip.close()
        self.rtp.close()

    # -- RTP ------------------------------------------------------------------------------------------------------

    async def say(self, samples: Pcm) -> None:
        finished: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.sender.queue(Prompt(ALaw().encode(samples), finished, False))
        await finished

    async def press(self, digits: str) -> None:
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sender.queue_digits(digits, sent)
        await sent

    def send_datagram(self, data: bytes) -> None:
        if self.rtp_to is None or self.rtp.fileno() < 0:
            return  # a packet that the line delivers after the call
        self.rtp.sendto(data, self.rtp_to)

    async def _pace(self) -> None:
        due = time.monotonic()
        while True:
            self.line.carry(bytes(self.sender.next_packet()), self.send_datagram)
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self.audio.append((time.monotonic(), await loop.sock_recv(self.rtp, 4096)))

    def heard(self) -> Pcm:
        """What they said, by timestamp, A-law assumed."""
        packets = [p for _, p in self.audio if len(p) > 12 and p[1] & 0x7F == 8]
        if not packets:
            return np.zeros(0, np.int16)
        first = struct.unpack_from("!I", packets[0], 4)[0]
        places = [(struct.unpack_from("!I", p, 4)[0] - first) & 0xFFFFFFFF for p in packets]
        result = np.zeros(max(places) + 160, np.int16)
        for place, packet in zip(places, packets, strict=True):
            result[place : place + len(packet) - 12] = ALaw().decode(packet[12:])
        return result

    def payload_types(self) -> set[int]:
        return {p[1] & 0x7F for _, p in self.audio}


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock
