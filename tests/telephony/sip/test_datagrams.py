"""The UDP socket: what came together is read together, and what cannot be served in time is refused."""

from __future__ import annotations

import asyncio
import socket
import time

from telephony.sip.datagrams import UdpTransport
from telephony.sip.flow import Flow
from tests.telephony.sip.engine import Answering, engine_on_loopback, eventually
from tests.telephony.sip.harness import Network, invite, request, statuses


def test_what_came_together_is_read_in_one_turn_of_the_loop() -> None:
    async def scene() -> None:
        read: list[bytes] = []
        transport = UdpTransport(lambda data, flow: read.append(data))
        transport.listen("127.0.0.1", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            for number in range(100):
                peer.sendto(b"message %d" % number, transport.local)
            for _ in range(3):  # turns, where asyncio's endpoint would need a hundred
                await asyncio.sleep(0)
        transport.close()
        assert read == [b"message %d" % number for number in range(100)]

    asyncio.run(scene())


def test_how_long_a_datagram_waited_is_known() -> None:
    async def scene() -> None:
        ages: list[float] = []
        transport = UdpTransport(lambda data, flow: ages.append(transport.age))
        transport.listen("127.0.0.1", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"message", transport.local)
            time.sleep(0.2)  # noqa: ASYNC251 - the loop does something else
            await asyncio.sleep(0.01)
            peer.sendto(b"message", transport.local)
            await asyncio.sleep(0.01)
        transport.close()
        assert ages[0] > 0.19
        assert 0 <= ages[1] < 0.1
        assert transport.age == 0.0

    asyncio.run(scene())


def test_what_the_kernel_throws_away_is_counted() -> None:
    async def scene() -> None:
        transport = UdpTransport(lambda data, flow: None)
        transport.listen("127.0.0.1", 0)
        assert transport.dropped == 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            for _ in range(1500):
                peer.sendto(bytes(8000), transport.local)
        assert transport.dropped > 0
        transport.close()
        transport.send(b"message", Flow("UDP", ("127.0.0.1", 9)))
        assert transport.dropped == 0

    asyncio.run(scene())


def test_a_new_call_that_waited_too_long_is_refused_and_a_known_one_served() -> None:
    behind = False
    network = Network()
    network.agent._behind = lambda: behind  # the socket's part is the test before
    ok = network.receive(invite())[-1]
    behind = True
    assert statuses(network.receive(invite(branch="z9hG4bK2", call_id="two"))) == [503]
    assert statuses(network.receive(request("OPTIONS", branch="z9hG4bK3", call_id="three"))) == [503]
    assert network.admission.refused["overload"] == 1
    bye = request("BYE", branch="z9hG4bK4", sequence=2, to_tag=ok.to.tag)
    assert statuses(network.receive(bye)) == [200]


def test_every_caller_of_a_rush_is_answered_one_way_or_the_other() -> None:
    """A stall of a second with 300 INVITEs in the queue: each gets 200 or 503, none silence."""
    answering = Answering(speak_seconds=0)

    async def scene() -> None:
        async with engine_on_loopback(answering, max_calls=1000, requests_per_second=10_000) as engine:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
                phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                phone.bind(("127.0.0.1", 0))
                phone.setblocking(False)
                for number in range(300):
                    made = invite(branch=f"z9hG4bKrush{number}", call_id=f"rush{number}")
                    phone.sendto(bytes(made), engine.address)
                time.sleep(1.0)  # noqa: ASYNC251 - the machine does something else
                finals: dict[str, bytes] = {}

                def all_answered() -> bool:
                    try:
                        while True:
                            answer = phone.recv(65536)
                            if answer[8:9] != b"1":
                                finals[answer.split(b"Call-ID: ")[1].split(b"\r\n")[0].decode()] = answer[8:11]
                    except BlockingIOError:
                        return len(finals) == 300

                await eventually(all_answered, 20)
                assert set(finals.values()) <= {b"200", b"503"}
                assert b"503" in finals.values(), "those at the end have waited longer than a caller does"
                assert engine.metrics()["sip_datagrams_dropped_total"] == 0

    asyncio.run(scene())
