"""A trunk registers with Kamailio as its PBX, is called through it, and takes its binding back."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from telephony.softphone import CallFailed, place_call
from tests.clients import needs
from tests.service import free_port
from tests.telephony.sip.engine import TONE, Answering, engine_on_loopback, eventually

pytestmark = [pytest.mark.call, pytest.mark.slow]

CONFIG = Path(__file__).with_name("registrar.cfg")


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 60))


def start_registrar(folder: Path, port: int, algorithm: str) -> subprocess.Popen[bytes]:
    program = needs("kamailio", "kamailio")
    command = [program, "-f", str(CONFIG), "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(folder), "-w", str(folder)]
    command += ["-A", f"LISTEN=udp:127.0.0.1:{port}", "-A", f'ALGORITHM="{algorithm}"']
    with (folder / "kamailio.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def trunk(port: int, password: str = "secret") -> dict[str, str]:
    return {"name": "pbx", "registrar": f"sip:127.0.0.1:{port}", "username": "6001", "password": password}


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_call_through_the_pbx(tmp_path: Path, algorithm: str) -> None:
    answering, port = Answering(), free_port()

    async def scene() -> None:
        # Nobody is on the allow list: the call is admitted because the PBX has taken our registration.
        async with engine_on_loopback(answering, allow=[], trunks=[trunk(port)]) as engine:
            await eventually(lambda: engine.trunks()[0].registered, 15)
            assert "120 s" in engine.trunks()[0].detail
            outcome = await place_call(f"sip:6001@127.0.0.1:{port}", TONE, 8000, digits="3", seconds_after=0.2)
            assert outcome.end_reason == "we_hung_up"
            await eventually(lambda: answering.calls[0].reason)
            assert answering.calls[0].call.trunk == "pbx"
            assert answering.calls[0].keys == "3"
            await engine.drain(1.0)
            assert not engine.trunks()[0].registered
            with pytest.raises(CallFailed, match="404"):
                await place_call(f"sip:6001@127.0.0.1:{port}", TONE, 8000)

    process = start_registrar(tmp_path, port, algorithm)
    try:
        run(scene())
    finally:
        process.terminate()
        process.wait(10)


def test_a_wrong_password_is_said_in_words(tmp_path: Path) -> None:
    port = free_port()

    async def scene() -> None:
        async with engine_on_loopback(Answering(), trunks=[trunk(port, "wrong")]) as engine:
            await eventually(lambda: "password" in engine.trunks()[0].detail, 15)
            assert engine.trunks()[0].detail == "wrong user name or password"

    process = start_registrar(tmp_path, port, "MD5")
    try:
        run(scene())
    finally:
        process.terminate()
        process.wait(10)
