"""Each engine in turn, listening, with a call flow that does what a test asks."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from config.sections import Address, TelephonySettings
from telephony.asyncio_engine import AsyncioEngine
from telephony.engine import CallEnded, IncomingCall
from telephony.pyvoip_engine import PyVoipEngine
from tests.telephony.contract.caller import Caller
from tests.telephony.media.conftest import ListSink

ENGINES = {"asyncio": AsyncioEngine, "pyvoip": PyVoipEngine}


@dataclass
class House:
    """A running engine and the calls it has handed over."""

    engine: Any
    server: tuple[str, int]
    calls: list[IncomingCall] = field(default_factory=list)
    sinks: list[ListSink] = field(default_factory=list)
    on_call: Callable[[IncomingCall, ListSink], Awaitable[None]] | None = None
    callers: list[Caller] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def caller(self) -> Caller:
        self.callers.append(Caller(self.server))
        return self.callers[-1]

    async def attend(self, call: IncomingCall) -> None:
        sink = ListSink()
        self.calls.append(call)
        self.sinks.append(sink)
        self.called.set()
        if self.on_call is not None:
            await self.on_call(call, sink)
            return
        try:
            await call.answer(sink)
        except CallEnded:
            return
        await call.ended


Scenario = Callable[[House], Awaitable[None]]
Run = Callable[..., None]


@pytest.fixture(params=ENGINES)
def run(request: pytest.FixtureRequest) -> Run:
    """Run a scenario against the engine; keyword arguments are settings."""
    name = request.param
    for mark in request.node.iter_markers("pyvoip_cannot"):
        if name == "pyvoip":
            request.applymarker(pytest.mark.xfail(reason=mark.args[0], strict=True))

    def go(scenario: Scenario, **settings: Any) -> None:
        asyncio.run(_run(name, scenario, settings))

    return go


async def _run(name: str, scenario: Scenario, settings: dict[str, Any]) -> None:
    low = free_range()
    bind = Address(host="127.0.0.1", port=0)
    engine: Any = ENGINES[name](TelephonySettings(bind=bind, rtp_ports=(low, low + 98), **settings))
    house = House(engine, ("", 0))
    await engine.start(house.attend)
    house.server = engine.address
    try:
        await asyncio.wait_for(scenario(house), 30)
    finally:
        for caller in house.callers:
            caller.close()
        await engine.drain(0.0)
        await engine.stop()


def free_range() -> int:
    """Return the start of a hundred ports that this process has to itself, as far as one probe can tell."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return 30000 + probe.getsockname()[1] % 48 * 100
