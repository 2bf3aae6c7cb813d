"""Our engine on loopback, with a call flow that answers, plays and notes what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from config.sections import TelephonySettings
from telephony.asyncio_engine import AsyncioEngine
from telephony.engine import CallEnded, EndReason, IncomingCall, LadderEntry

TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype("<i2").tobytes()


@dataclass
class Heard:
    """One call as the call flow knew it."""

    call: IncomingCall
    pcm: bytearray = field(default_factory=bytearray)
    reason: EndReason | None = None
    ladder: list[LadderEntry] = field(default_factory=list)

    def write(self, pcm: bytes) -> None:
        self.pcm += pcm

    @property
    def seconds(self) -> float:
        return len(self.pcm) / 2 / self.call.sample_rate

    @property
    def keys(self) -> str:
        keys = ""
        while not self.call.digits.empty():
            keys += self.call.digits.get_nowait().digit
        return keys


class Answering:
    """A call flow: rings, answers, plays a second of tone, waits for the end."""

    def __init__(self, *, ring_seconds: float = 0.0, transfer_to: str = "", speak_seconds: int = 1) -> None:
        self.calls: list[Heard] = []
        self.transferred: list[bool] = []
        self._ring_seconds = ring_seconds
        self._transfer_to = transfer_to
        self._speak_seconds = speak_seconds

    async def take(self, call: IncomingCall) -> None:
        heard = Heard(call)
        self.calls.append(heard)
        call.ring()
        await asyncio.sleep(self._ring_seconds)
        try:
            await call.answer(heard)
        except CallEnded:
            heard.reason = await call.ended
            return
        if self._transfer_to:
            self.transferred.append(await call.transfer(self._transfer_to))
        await call.play(TONE * self._speak_seconds, 8000)
        reason = await call.ended
        await asyncio.sleep(0.05)  # for the last answer
        heard.ladder = call.ladder
        heard.reason = reason


@asynccontextmanager
async def engine_on_loopback(answering: Answering, **settings: Any) -> AsyncIterator[AsyncioEngine]:
    """Run an engine on a free port of loopback."""
    defaults = {"bind": "127.0.0.1:0", "rtp_ports": (15500, 15998), "requests_per_second": 1000}
    engine = AsyncioEngine(TelephonySettings.model_validate(defaults | settings))
    await engine.start(answering.take)
    try:
        yield engine
    finally:
        await engine.drain(0.0)
        await engine.stop()


async def eventually(what: Any, seconds: float = 5.0) -> None:
    """Wait until `what()` is true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not what():
        assert asyncio.get_running_loop().time() < deadline, "nothing came of it in time"
        await asyncio.sleep(0.01)
