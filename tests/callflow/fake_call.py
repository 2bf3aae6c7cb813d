"""An `IncomingCall` without a network: what is said to it is noted, what it does is told by the test."""

from __future__ import annotations

import asyncio

from telephony.engine import AudioSink, CallEnded, CallStatistics, DigitPressed, EndReason, LadderEntry


class FakeCall:
    """Satisfies `IncomingCall`; prompts last until `let_prompts_end` unless `prompts_wait` is false."""

    def __init__(self, *, prompts_wait: bool = False, transfers: bool = False) -> None:
        self.sip_call_id = "a@b"
        self.caller_number = "13800001234"
        self.caller_name = ""
        self.called_number = "12345"
        self.remote_address = "127.0.0.1:5061"
        self.trunk = ""
        self.codec = "PCMA"
        self.sample_rate = 8000
        self.statistics = CallStatistics(packets_received=10, packets_lost=1)
        self.ended: asyncio.Future[EndReason] = asyncio.get_running_loop().create_future()
        self.digits: asyncio.Queue[DigitPressed] = asyncio.Queue()
        self.no_audio: asyncio.Queue[float] = asyncio.Queue()
        self.ladder: list[LadderEntry] = []
        self.acts: list[str] = []
        self.sink: AudioSink | None = None
        self.position = 0.0
        self.playing: asyncio.Future[bool] | None = None
        self.prompts_wait = prompts_wait
        self.transfers = transfers

    def ring(self) -> None:
        self.acts.append("ring")

    async def answer(self, sink: AudioSink) -> None:
        if self.ended.done():
            raise CallEnded
        self.sink = sink
        self.acts.append("answer")

    def reject(self, status: int, reason: str = "", *, retry_after: int | None = None) -> None:
        self.acts.append(f"reject {status}")

    async def play(self, pcm: bytes, sample_rate: int, *, interruptible: bool = True) -> bool:
        self.acts.append(f"play {len(pcm)}{'' if interruptible else ' whole'}")
        if not self.prompts_wait:
            await asyncio.sleep(0)
            return True
        self.playing = asyncio.get_running_loop().create_future()
        return await self.playing

    def stop_playing(self) -> None:
        self.acts.append("stop")
        if self.playing and not self.playing.done():
            self.playing.set_result(False)

    def seconds(self) -> float:
        return self.position

    async def transfer(self, uri: str) -> bool:
        self.acts.append(f"transfer {uri}")
        if self.transfers:
            self.end("transferred")
        return self.transfers

    async def hang_up(self) -> None:
        self.acts.append("hang up")
        self.end("we_hung_up")

    def end(self, reason: EndReason) -> None:
        if not self.ended.done():
            self.ended.set_result(reason)
        if self.playing and not self.playing.done():
            self.playing.set_result(False)

    def press(self, digit: str, position: float = 1.0) -> None:
        self.digits.put_nowait(DigitPressed(digit, position, "rtp"))
