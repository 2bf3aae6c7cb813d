"""The engine on real sockets, called by our own softphone: UDP, TCP, TLS with SRTP, IPv4 and IPv6."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from telephony.softphone import CallFailed, Outcome, place_call
from tests.clients import needs
from tests.telephony.sip.engine import TONE, Answering, engine_on_loopback, eventually
from tests.telephony.sip.harness import invite, request


def run(scene: Coroutine[Any, Any, None]) -> None:
    """Play a scene that must be over in half a minute."""
    asyncio.run(asyncio.wait_for(scene, 30))


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Return a fresh certificate and key for an address."""
    program = needs("openssl", "openssl")
    paths = folder / "cert.pem", folder / "key.pem"
    command = [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-out", str(paths[0]), "-keyout", str(paths[1]), "-days", "2", "-subj", "/CN=hotline"]
    subprocess.run([*command, "-addext", f"subjectAltName=IP:{host}"], check=True, capture_output=True)
    return paths


@pytest.mark.parametrize("suffix", ["", ";transport=tcp"])
def test_a_call_is_answered_heard_and_speaks(suffix: str) -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering) as engine:
            uri = f"sip:12345@127.0.0.1:{engine.address[1]}{suffix}"
            outcome = await place_call(uri, TONE, 8000, digits="159*0#", seconds_after=0.3)
            await eventually(lambda: answering.calls[0].reason)
            check(outcome)

    def check(outcome: Outcome) -> None:
        (heard,) = answering.calls
        assert outcome.end_reason == "we_hung_up"
        assert heard.reason == "caller_hung_up"
        assert heard.keys == "159*0#"
        assert heard.call.caller_number == "13800001234"
        assert heard.call.codec == "PCMA"
        assert abs(heard.seconds - outcome.seconds) < 0.15
        assert len(outcome.heard) / 16000 > 1.0
        assert heard.call.statistics.packets_lost == 0
        summaries = [entry.summary for entry in heard.ladder]
        assert summaries[0] == "INVITE (SDP)"
        assert {"100 Trying to INVITE", "180 Ringing to INVITE", "200 OK to INVITE (SDP)", "ACK", "BYE"} <= set(
            summaries
        )

    run(scene())


def test_a_call_over_tls_has_srtp(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "127.0.0.1")
    answering = Answering()

    async def scene() -> None:
        tls = {"tls_bind": "127.0.0.1:0", "tls_certificate": cert, "tls_private_key": key}
        async with engine_on_loopback(answering, **tls) as engine:
            port = engine.endpoint.tls_address[1]
            trusted = ssl.create_default_context(cafile=str(cert))
            uri = f"sip:12345@127.0.0.1:{port};transport=tls"
            outcome = await place_call(uri, TONE, 8000, digits="42", authorities=trusted)
            await eventually(lambda: answering.calls[0].reason)
            assert answering.calls[0].keys == "42"
            assert any("RTP/SAVP" in entry.text for entry in answering.calls[0].ladder)
            assert len(outcome.heard) / 16000 > 1.0
            assert outcome.statistics.packets_received > 40
            with pytest.raises(CallFailed):
                await place_call(uri, b"", 8000)  # nobody vouches for this certificate

    run(scene())


def test_a_call_over_ipv6() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering, bind="[::1]:0") as engine:
            await place_call(f"sip:12345@[::1]:{engine.address[1]}", TONE, 8000, digits="7", seconds_after=0.1)
            await eventually(lambda: answering.calls[0].reason)
            assert answering.calls[0].keys == "7"

    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    run(scene())


def test_a_socket_for_both_families_takes_ipv4() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering, bind="0.0.0.0:0") as engine:
            await place_call(f"sip:12345@127.0.0.1:{engine.address[1]}", TONE, 8000, seconds_after=0.1)
            await eventually(lambda: answering.calls[0].reason)
            assert answering.calls[0].call.remote_address == "127.0.0.1"

    run(scene())


def test_a_caller_with_a_password() -> None:
    answering = Answering()
    settings = {"allow": ["192.0.2.0/24"], "inbound_users": {"6001": "secret"}}

    async def scene() -> None:
        async with engine_on_loopback(answering, **settings) as engine:
            uri = f"sip:12345@127.0.0.1:{engine.address[1]}"
            await place_call(uri, TONE, 8000, caller="6001", password="secret", seconds_after=0.0)
            with pytest.raises(CallFailed, match="401"):
                await place_call(uri, TONE, 8000, caller="6001", password="wrong")
            metrics = engine.metrics()
            assert metrics["sip_calls_answered_total"] == 1
            assert metrics['sip_requests_refused_total{reason="password"}'] == 1

    run(scene())


def test_full_then_draining() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering, max_calls=1) as engine:
            uri = f"sip:12345@127.0.0.1:{engine.address[1]}"
            first = asyncio.create_task(place_call(uri, TONE, 8000, seconds_after=1.0))
            await eventually(lambda: answering.calls)
            with pytest.raises(CallFailed, match="503"):
                await place_call(uri, TONE, 8000)
            drained = asyncio.create_task(engine.drain(10.0))
            await asyncio.sleep(0)
            with pytest.raises(CallFailed, match="503"):
                await place_call(uri, TONE, 8000)
            assert (await first).end_reason == "we_hung_up"
            await drained

    run(scene())


def test_what_is_left_at_the_end_of_draining_is_hung_up() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering) as engine:
            uri = f"sip:12345@127.0.0.1:{engine.address[1]}"
            call = asyncio.create_task(place_call(uri, TONE * 20, 8000))
            await eventually(lambda: answering.calls and answering.calls[0].call.codec)
            await engine.drain(0.2)
            assert (await call).end_reason == "caller_hung_up"
            assert answering.calls[0].reason == "we_hung_up"

    run(scene())


def test_an_address_in_use_is_said_in_words() -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering()) as engine:
            bind = f"127.0.0.1:{engine.address[1]}"
            with pytest.raises(OSError, match=f"SIP cannot listen on {bind}"):
                async with engine_on_loopback(Answering(), bind=bind):
                    pass

    run(scene())


def test_a_connection_that_sends_rubbish_is_closed_and_others_are_not() -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering()) as engine:
            for rubbish in (b"\0" * 70000, b"INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n", b"x" * 100_000):
                reader, writer = await asyncio.open_connection(*engine.address)
                writer.write(rubbish)
                assert (await reader.read(10_000))[:12] in {b"", b"SIP/2.0 400 "}
                writer.close()
            reader, writer = await asyncio.open_connection(*engine.address)
            writer.write(b"\r\n\r\n")
            assert await reader.read(100) == b"\r\n"
            octets = bytes(request("OPTIONS"))
            for octet in octets:
                writer.write(bytes([octet]))
                await asyncio.sleep(0)
            assert (await reader.read(10_000)).startswith(b"SIP/2.0 200")
            writer.close()

    run(scene())


def test_a_name_in_the_description_does_not_hold_up_the_loop() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering) as engine:
            body = b"v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 nowhere.invalid\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
                phone.sendto(bytes(invite(body=body)), engine.address)
                await eventually(lambda: answering.calls and answering.calls[0].call.codec)
                started = asyncio.get_running_loop().time()
                await asyncio.sleep(0.1)
                assert asyncio.get_running_loop().time() - started < 0.5

    run(scene())


def test_our_bye_finds_a_caller_whose_connection_is_gone() -> None:
    """Without the connection it goes to the Contact (RFC 3261 section 18.1.1)."""
    answering = Answering()

    async def scene() -> None:
        arrived: asyncio.Queue[bytes] = asyncio.Queue()

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            arrived.put_nowait(await reader.read(5000))
            writer.close()

        async with engine_on_loopback(answering) as engine, await asyncio.start_server(take, "127.0.0.1", 0) as contact:
            port = contact.sockets[0].getsockname()[1]
            _reader, writer = await asyncio.open_connection(*engine.address)
            calling = invite(
                Contact=f"<sip:a@127.0.0.1:{port};transport=tcp>", Via="SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKt"
            )
            writer.write(bytes(calling))
            await eventually(lambda: answering.calls and answering.calls[0].call.codec)
            writer.close()
            await asyncio.sleep(0.1)
            await engine.drain(0.0)
            assert (await asyncio.wait_for(arrived.get(), 5)).startswith(b"BYE sip:a@127.0.0.1")

    run(scene())


def test_both_families_on_one_port() -> None:
    answering = Answering()

    async def scene() -> None:
        async with engine_on_loopback(answering, bind="[::]:0") as engine:
            port = engine.address[1]
            for host in ("127.0.0.1", "[::1]"):
                for suffix in ("", ";transport=tcp"):
                    await place_call(f"sip:12345@{host}:{port}{suffix}", TONE[:3200], 8000, seconds_after=0.0)
        assert {heard.call.remote_address for heard in answering.calls} == {"127.0.0.1", "::1"}

    run(scene())
