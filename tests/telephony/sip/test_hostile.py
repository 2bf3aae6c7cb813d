"""Hostile messages at a live engine: nothing crashes, hangs, grows or answers more than it was sent."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
import tracemalloc
from collections.abc import Coroutine
from random import Random
from typing import Any

import pytest

from telephony.asyncio_engine import AsyncioEngine
from tests.telephony.sip.engine import Answering, engine_on_loopback
from tests.telephony.sip.harness import OFFER, invite, request

GOOD = bytes(invite())
OPTIONS = bytes(request("OPTIONS"))
SIGNATURE = "z9hG4bKhostile"


def changed(old: bytes, new: bytes, message: bytes = GOOD) -> bytes:
    assert old in message
    return message.replace(old, new, 1)


def with_body(body: bytes, kind: str = "application/sdp") -> bytes:
    return bytes(invite(body=body, Content_Type=kind))


NEST = b"".join(b"--a%d\r\nContent-Type: multipart/mixed; boundary=a%d\r\n\r\n" % (n, n + 1) for n in range(1000))
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "one octet": b"\0",
    "blank lines": b"\r\n" * 2000,
    "noise": Random(1).randbytes(1400),
    "largest datagram": b"A" * 65000,
    "largest header": changed(b"Max-Forwards", b"X: " + b"x" * 60000 + b"\r\nMax-Forwards"),
    "many headers": changed(b"Max-Forwards", b"X: y\r\n" * 9000 + b"Max-Forwards"),
    "many vias": changed(b"Via: ", b"Via: SIP/2.0/UDP a;branch=z9hG4bKx\r\n" * 300 + b"Via: "),
    "vias in one line": changed(b"Via: ", b"Via: " + b"SIP/2.0/UDP a;branch=z9hG4bKx, " * 400),
    "spaces": changed(b"Via: SIP/2.0/UDP", b"Via: SIP/2.0/UDP" + b" " * 15000),
    "spaces before a name": changed(b"From: ", b"From: " + b"a " * 7000),
    "quotes": changed(b"From: ", b'From: "' + b'\\"' * 7000 + b'" '),
    "semicolons": changed(b";tag=peer", b";" * 10000),
    "parameters": changed(b";tag=peer", b";a=b" * 3000 + b";tag=peer"),
    "python's self": changed(b";tag=peer", b";self=1;kwargs=2;tag=peer"),
    "no via": changed(b"Via: ", b"X-Via: "),
    "no cseq": changed(b"CSeq: ", b"X-CSeq: "),
    "nul in call-id": changed(b"call-1", b"call\0-1"),
    "not utf-8": changed(b"call-1", b"\xff\xfe\xfd"),
    "huge cseq": changed(b"CSeq: 1 ", b"CSeq: " + b"9" * 5000 + b" "),
    "unicode digits": changed(b"CSeq: 1 ", "CSeq: １ ".encode()),
    "unicode length": changed(b"Content-Length: ", "Content-Length: ²".encode()),
    "length that lies": changed(b"Content-Length: ", b"Content-Length: 9999"),
    "negative length": changed(b"Content-Length: ", b"Content-Length: -"),
    "huge length": changed(b"Content-Length: ", b"Content-Length: 99999999999999999999"),
    "port 0": changed(b"192.0.2.10:5060;branch", b"192.0.2.10:0;branch"),
    "port 99999": changed(b"192.0.2.10:5060;branch", b"192.0.2.10:99999;branch"),
    "rport that lies": changed(b";rport", b";rport=1;received=6.6.6.6"),
    "broadcast via": changed(b"192.0.2.10:5060;branch", b"255.255.255.255:5060;branch"),
    "broadcast contact": changed(b"Contact: <sip:13800001234@192.0.2.10:5060>", b"Contact: <sip:255.255.255.255>"),
    "star contact": changed(b"Contact: <sip:13800001234@192.0.2.10:5060>", b"Contact: *"),
    "contact elsewhere": changed(b"Contact: <sip:13800001234@192.0.2.10:5060>", b"Contact: <mailto:a@b>"),
    "tel from": changed(b"From: <sip:13800001234@192.0.2.10>", b"From: <tel:+8613800001234>"),
    "escaped nul": changed(b"sip:12345@192.0.2.1", b"sip:%00%0d%0a@192.0.2.1"),
    "header injection": changed(b"sip:12345@192.0.2.1 ", b"sip:12345@192.0.2.1\rX: y "),
    "format string": changed(b"13800001234", b"%s%n%x{0}${jndi:x}"),
    "very long number": changed(b"13800001234", b"1" * 15000),
    "long request-uri": changed(b"sip:12345@", b"sip:" + b"1" * 30000 + b"@"),
    "lower case version": changed(b" SIP/2.0\r\n", b" sip/2.0\r\n"),
    "version 1": changed(b" SIP/2.0\r\n", b" SIP/1.0\r\n"),
    "no end": GOOD.partition(b"\r\n\r\n")[0],
    "cut short": GOOD[:60],
    "folded start": changed(b"\r\nVia", b"\r\n folded\r\nVia"),
    "bare carriage returns": GOOD.replace(b"\r\n", b"\r"),
    "http": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "stun": b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"a" * 12,
    "tls hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
    "sdp noise": with_body(Random(2).randbytes(500)),
    "sdp huge": with_body(OFFER + b"a=x:" + b"y" * 40000),
    "sdp many lines": with_body(OFFER + b"a=x\r\n" * 5000),
    "sdp many media": with_body(OFFER + b"m=audio 1 RTP/AVP 0\r\n" * 500),
    "sdp port": with_body(OFFER.replace(b"4000", b"400000")),
    "sdp port 0": with_body(OFFER.replace(b"4000", b"0")),
    "sdp payload types": with_body(OFFER.replace(b"8 101", b" ".join(b"%d" % n for n in range(2000)))),
    "sdp payload type": with_body(OFFER.replace(b"8 101", b"999 -1 a")),
    "sdp multicast": with_body(OFFER.replace(b"IN IP4 192.0.2.10", b"IN IP4 224.2.1.1/127")),
    "sdp broadcast": with_body(OFFER.replace(b"IN IP4 192.0.2.10", b"IN IP4 255.255.255.255")),
    "sdp no address": with_body(OFFER.replace(b"c=IN IP4 192.0.2.10\r\n", b"")),
    "multipart nest": with_body(b"--a0\r\n" + NEST, "multipart/mixed; boundary=a0"),
    "multipart without boundary": with_body(b"--a\r\n\r\n--a--", "multipart/mixed"),
    "content type": with_body(OFFER, ";;;"),
    "gzip": bytes(invite(Content_Encoding="gzip")),
    "session expires": bytes(invite(Supported="timer", Session_Expires="9" * 4000)),
    "session expires twice": bytes(invite(Supported="timer", Session_Expires="1800;refresher=uac;refresher=x;;")),
    "require": bytes(invite(Require=", ".join(["x"] * 3000))),
    "routes": bytes(invite(Record_Route=", ".join(["<sip:a;lr>"] * 800))),
    "broken route": bytes(invite(Record_Route="<<<>>>")),
    "authorization": bytes(invite(Authorization='Digest username="' + "a" * 9000)),
    "ack": bytes(request("ACK")),
    "cancel": bytes(request("CANCEL")),
    "bye": bytes(request("BYE", to_tag="x")),
    "prack": bytes(request("PRACK", to_tag="x", RAck="1 1 INVITE")),
    "unknown method": bytes(request("A" * 500)),
    "response": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\nCSeq: 1 INVITE\r\n\r\n",
    "response 99": b"SIP/2.0 099 x\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa\r\nCSeq: 1 INVITE\r\n\r\n",
    "response without all": b"SIP/2.0 200 OK\r\n\r\n",
}
UNANSWERED = {"empty", "one octet", "blank lines", "noise", "largest datagram", "http", "stun", "tls hello", "no via"}
UNANSWERED |= {"ack", "response", "response 99", "response without all", "bare carriage returns"}


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 60))


async def ask(
    phone: socket.socket, engine: AsyncioEngine, octets: bytes, seconds: float = 0.05, *, enough: int = 1000
) -> list[bytes]:
    """Send a datagram and return what comes back within a moment, or sooner when that is enough."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendto(phone, octets, engine.address)
    answers = []
    try:
        async with asyncio.timeout(seconds):
            while len(answers) < enough:
                answers.append(await loop.sock_recv(phone, 65535))
    except TimeoutError:
        pass
    return answers


def phone() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.setblocking(False)
    return made


def ping(number: int) -> bytes:
    return bytes(request("OPTIONS", branch=f"z9hG4bKping{number}", call_id=f"ping{number}"))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_datagram(name: str) -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering(), no_audio_seconds=1000) as engine:
            with phone() as attacker, phone() as friend:
                started = time.process_time()
                answers = await ask(attacker, engine, HOSTILE[name])
                assert time.process_time() - started < 0.5, "it took too long to read"
                assert not (name in UNANSWERED and answers)
                assert all(answer.startswith(b"SIP/2.0 ") for answer in answers)
                finals = {answer[8:11] for answer in answers if answer[8:9] != b"1"}
                assert len(finals) <= 1
                assert not finals or finals <= {
                    b"200",
                    b"400",
                    b"405",
                    b"413",
                    b"414",
                    b"415",
                    b"416",
                    b"420",
                    b"422",
                    b"481",
                } | {*(b"488", b"501", b"505", b"513")}
                assert sum(map(len, answers)) <= len(HOSTILE[name]) + 2000
                (answer,) = await ask(friend, engine, ping(1), 5, enough=1)
                assert answer.startswith(b"SIP/2.0 200")

    run(scene())


def test_a_flood_of_noise_leaves_nothing_behind() -> None:
    dice = Random(3)

    def spoiled() -> bytes:
        octets = bytearray(dice.choice([GOOD, OPTIONS]))
        for _ in range(dice.randrange(1, 20)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        return bytes(octets)

    async def scene() -> None:
        answering = Answering()
        async with engine_on_loopback(answering, allow=["192.0.2.0/24"]) as engine:
            with phone() as attacker, phone() as friend:
                for _ in range(300):
                    await ask(attacker, engine, spoiled(), 0.0005)
                gc.collect()
                tracemalloc.start()
                for _ in range(1500):
                    await ask(attacker, engine, spoiled(), 0.0002)
                gc.collect()
                grown, _ = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                assert grown < 1_000_000
                assert answering.calls == []
                assert len(engine.endpoint.agent.transactions) == 0
                (answer,) = await ask(friend, engine, ping(2), 5, enough=1)
                assert answer.startswith(b"SIP/2.0 403")

    run(scene())


def test_many_idle_connections_do_not_keep_others_out() -> None:
    async def scene() -> None:
        async with engine_on_loopback(Answering()) as engine:
            idle = [await asyncio.open_connection(*engine.address) for _ in range(200)]
            for _, writer in idle:
                writer.write(b"INVITE sip:")
            reader, writer = await asyncio.open_connection(*engine.address)
            writer.write(ping(3))
            assert (await reader.read(5000)).startswith(b"SIP/2.0 200")
            for _, each in [*idle, (reader, writer)]:
                each.close()

    run(scene())
