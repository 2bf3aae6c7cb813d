"""Kamailio from Debian's packages in front of two nodes: one full, one killed, and every caller is answered."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from telephony.asyncio_engine import AsyncioEngine
from telephony.softphone import CallFailed, Outcome, place_call
from tests.clients import needs
from tests.service import free_port
from tests.telephony.sip.engine import TONE, Answering, engine_on_loopback, eventually

pytestmark = [pytest.mark.call, pytest.mark.slow]

CONFIG = Path(__file__).parents[3] / "deploy" / "kamailio" / "kamailio.cfg"


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 60))


@asynccontextmanager
async def kamailio(folder: Path, *nodes: AsyncioEngine) -> AsyncIterator[int]:
    """Run Kamailio with deploy/'s own configuration in front of nodes."""
    port = free_port()
    process = start_kamailio(folder, port, nodes)
    try:
        await eventually(lambda: all(pinged(node) for node in nodes), 10)
        yield port
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)


def start_kamailio(folder: Path, port: int, nodes: tuple[AsyncioEngine, ...]) -> subprocess.Popen[bytes]:
    program = needs("kamailio", "kamailio")
    lines = [f"1 sip:127.0.0.1:{node.address[1]} 0 0" for node in nodes]
    (folder / "nodes.list").write_text("\n".join([*lines, ""]))
    command = [program, "-f", str(CONFIG), "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(folder), "-w", str(folder)]
    command += ["-A", f"LISTEN=udp:127.0.0.1:{port}", "-A", f'NODES="{folder / "nodes.list"}"']
    with (folder / "kamailio.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def pinged(node: AsyncioEngine) -> bool:
    """Whether somebody has asked a node for anything."""
    return node.endpoint.agent.counts["options"] > 0


async def call(port: int, seconds_after: float = 0.2) -> Outcome:
    return await place_call(f"sip:12345@127.0.0.1:{port}", TONE, 8000, seconds_after=seconds_after)


def test_calls_go_to_both_nodes_and_past_a_full_one(tmp_path: Path) -> None:
    first, second = Answering(), Answering()

    async def scene() -> None:
        async with (
            engine_on_loopback(first, max_calls=1) as one,
            engine_on_loopback(second) as two,
            kamailio(tmp_path, one, two) as port,
        ):
            outcomes = await asyncio.gather(*(call(port, 2.5) for _ in range(4)))
            assert [outcome.end_reason for outcome in outcomes] == ["we_hung_up"] * 4
            assert all(outcome.seconds_to_answer < 1 for outcome in outcomes)
            assert len(first.calls) == 1
            assert len(second.calls) == 3
            assert all(outcome.heard for outcome in outcomes)

    run(scene())


def test_a_node_that_drains_is_passed_over_and_its_call_goes_on(tmp_path: Path) -> None:
    first, second = Answering(), Answering()

    async def scene() -> None:
        async with (
            engine_on_loopback(first) as one,
            engine_on_loopback(second) as two,
            kamailio(tmp_path, one, two) as port,
        ):
            held = asyncio.create_task(call(port, 4.0))
            await eventually(lambda: first.calls or second.calls)
            busy, engine, free = (first, one, second) if first.calls else (second, two, first)
            drained = asyncio.create_task(engine.drain(20))
            for _ in range(3):
                assert (await call(port)).end_reason == "we_hung_up"
            assert len(busy.calls) == 1
            assert len(free.calls) == 3
            assert (await held).end_reason == "we_hung_up"
            await drained

    run(scene())


def test_a_node_that_dies_is_passed_over(tmp_path: Path) -> None:
    first, second = Answering(), Answering()

    async def scene() -> None:
        async with (
            engine_on_loopback(first) as one,
            engine_on_loopback(second) as two,
            kamailio(tmp_path, one, two) as port,
        ):
            await one.stop()
            for _ in range(3):
                assert (await call(port)).end_reason == "we_hung_up"
            assert len(second.calls) == 3

    run(scene())


def test_with_no_node_left_callers_are_told_so(tmp_path: Path) -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering(), max_calls=1) as only, kamailio(tmp_path, only) as port:
            held = asyncio.create_task(call(port, 1.0))
            await eventually(lambda: only.metrics()["sip_calls"])
            with pytest.raises(CallFailed, match="503"):
                await call(port)
            await held

    run(scene())
