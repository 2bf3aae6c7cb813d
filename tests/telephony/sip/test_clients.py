"""Real clients from Debian's packages call the engine: SIPp, baresip (TLS and SRTP too), Linphone and sipsak."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.clients import call_with_baresip, call_with_linphone, call_with_sipp, needs, write_wav
from tests.telephony.sip.engine import TONE, Answering, Heard, engine_on_loopback, eventually
from tests.telephony.sip.test_engine import certificate

pytestmark = [pytest.mark.call, pytest.mark.slow]


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 60))


def loudest_hertz(heard: Heard) -> float:
    """The frequency with most energy in what was heard."""
    samples = np.frombuffer(bytes(heard.pcm), np.int16).astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum[10:]) + 10) * heard.call.sample_rate / len(samples)


def calls_with(client: Callable[[int], None], **settings: Any) -> Heard:
    """Let a client call the engine, and return the call when it is over."""
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering, **settings) as engine:
            port = engine.endpoint.tls_address[1] if "tls_bind" in settings else engine.address[1]
            await asyncio.to_thread(client, port)
            await eventually(lambda: answering.calls and answering.calls[0].reason)

    run(scene())
    (heard,) = answering.calls
    return heard


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_sipp(tmp_path: Path, transport: str) -> None:
    heard = calls_with(lambda port: wait_for(call_with_sipp(tmp_path, port, TONE * 2, transport=transport)))
    assert heard.reason == "caller_hung_up"
    assert heard.call.codec == "PCMA"
    assert abs(heard.seconds - 2.5) < 0.4
    assert abs(loudest_hertz(heard) - 440) < 5
    assert heard.call.statistics.packets_lost == 0


def wait_for(process: subprocess.Popen[bytes]) -> None:
    assert process.wait(30) == 0


def test_baresip_with_keys(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "tone.wav", TONE * 8)
    heard = calls_with(lambda port: call_with_baresip(tmp_path / "b", port, wav, 6.0, "159#"))
    assert heard.reason == "caller_hung_up"
    assert heard.keys == "159#"
    assert abs(loudest_hertz(heard) - 440) < 5


def test_baresip_over_tls_with_srtp(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "127.0.0.1")
    wav = write_wav(tmp_path / "tone.wav", TONE * 8)
    tls = {"tls_bind": "127.0.0.1:0", "tls_certificate": cert, "tls_private_key": key}
    heard = calls_with(lambda port: baresip_over_tls(tmp_path / "b", port, wav, cert), **tls)
    assert heard.reason == "caller_hung_up"
    assert any("RTP/SAVP" in entry.text for entry in heard.ladder)
    assert abs(loudest_hertz(heard) - 440) < 5


def baresip_over_tls(folder: Path, port: int, wav: Path, cert: Path) -> None:
    """Call over TLS with mandatory SDES."""
    folder.mkdir()
    program = needs("baresip", "baresip")
    (module, *_) = Path("/usr/lib").glob("**/baresip/modules/srtp.so")
    lines = [f"module_path {module.parent}", "module stdio.so", "module g711.so", "module aufile.so", "module srtp.so"]
    lines += ["module menu.so", "module_app account.so", "module_app contact.so", f"audio_source aufile,{wav}"]
    lines += [f"audio_player aufile,{folder}/heard.wav", f"audio_alert aufile,{folder}/alert.wav"]
    lines += ["sip_listen 127.0.0.1:0", "net_interface 127.0.0.1", f"sip_cafile {cert}"]
    (folder / "config").write_text("\n".join([*lines, ""]))
    (folder / "accounts").write_text("<sip:13900005678@127.0.0.1;transport=tls>;regint=0;mediaenc=srtp-mand\n")
    (folder / "contacts").write_text("")
    command = [program, "-f", str(folder), "-e", f"/dial sip:12345@127.0.0.1:{port};transport=tls", "-t", "5"]
    with (folder / "baresip.log").open("wb") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=30, check=False)


def test_linphone_with_keys(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "tone.wav", TONE * 8)
    heard = calls_with(lambda port: call_with_linphone(tmp_path / "l", port, wav, 7.0, "42"))
    assert heard.reason == "caller_hung_up"
    assert heard.keys == "42"
    assert abs(loudest_hertz(heard) - 440) < 5


def test_sipsak_gets_an_answer_to_its_ping() -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering()) as engine:
            command = [needs("sipsak", "sipsak"), "-v", "-s", f"sip:12345@127.0.0.1:{engine.address[1]}"]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=20, check=False)
            assert done.returncode == 0
            assert b"SIP/2.0 200 OK" in done.stdout

    run(scene())
