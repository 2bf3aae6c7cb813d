"""A network that loses, doubles, delays and reorders SIP: calls are set up and ended all the same."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from telephony.softphone import place_call
from tests.telephony.sip.engine import TONE, Answering, engine_on_loopback, eventually


class BadLine(asyncio.DatagramProtocol):
    """A UDP relay between one phone and the engine."""

    def __init__(self, server: tuple[str, int], seed: int, loss: float) -> None:
        self._server = server
        self._dice = Random(seed)
        self._loss = loss
        self._phone: tuple[str, int] | None = None
        self._transport: asyncio.DatagramTransport
        self.lost = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr != self._server:
            self._phone = addr
        target = self._phone if addr == self._server else self._server
        if self._dice.random() < self._loss:
            self.lost += 1
            return
        for _ in range(1 + (self._dice.random() < 0.2)):
            asyncio.get_running_loop().call_later(self._dice.random() * 0.08, self._transport.sendto, data, target)


@pytest.mark.parametrize("seed", range(6))
def test_a_call_over_a_bad_line(seed: int) -> None:
    answering = Answering(ring_seconds=0.1)

    async def scene() -> None:
        async with engine_on_loopback(answering) as engine:
            loop = asyncio.get_running_loop()
            transport, line = await loop.create_datagram_endpoint(
                lambda: BadLine(engine.address, seed, 0.25), local_addr=("127.0.0.1", 0)
            )
            port = transport.get_extra_info("sockname")[1]
            outcome = await place_call(f"sip:12345@127.0.0.1:{port}", TONE, 8000, digits="5", seconds_after=0.2)
            await eventually(lambda: answering.calls[0].reason, 15)
            assert len(answering.calls) == 1
            assert answering.calls[0].keys == "5"
            assert outcome.end_reason == "we_hung_up"
            assert len(engine.endpoint.agent.calls) == 0
            transport.close()
            assert line.lost >= 0

    asyncio.run(asyncio.wait_for(scene(), 60))
