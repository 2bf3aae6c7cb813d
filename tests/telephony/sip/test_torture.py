"""RFC 4475: each of its 49 messages gets an answer of the class that the RFC names for an endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from telephony.sip.stream import MessageStream
from tests.telephony.sip.harness import TCP, Network, statuses

MESSAGES = Path(__file__).parent / "rfc4475"
WELL_FORMED = {200, 404, 405, 481, 501}
"Anything that shows the message was read: we are no registrar (405), and know no dialog of `wsinv`'s To tag (481)."

EXPECTED: dict[str, set[int]] = {
    # 3.1.1 valid messages
    "wsinv": {481},
    "intmeth": {501},
    "esc01": {200},
    "escnull": {405},
    "esc02": {501},
    "lwsdisp": {200},
    "longreq": {200},
    "dblreq": {405},
    "semiuri": {200},
    "transports": {200},
    "mpart01": {405},
    "unreason": set(),
    "noreason": set(),
    # 3.1.2 invalid messages
    "badinv01": {400},
    "clerr": {400},
    "ncl": {400},
    "scalar02": {400},
    "scalarlg": set(),
    "quotbal": {400},
    "ltgtruri": {400},
    "lwsruri": {400},
    "lwsstart": {400},
    "trws": {200, 400},
    "escruri": {400},
    "baddate": {200, 400},
    "regbadct": {400, 405},
    "badaspec": {200, 400},
    "baddn": {400},
    "badvers": {505},
    "mismatch01": {400},
    "mismatch02": {400, 501},
    "bigcode": set(),
    # 3.2 transaction layer
    "badbranch": {200, 400},
    # 3.3 application layer
    "insuf": {400},
    "unkscm": {416},
    "novelsc": {416},
    "unksm2": {405},
    "bext01": {420},
    "invut": {415},
    "regaut01": {405},
    "multi01": {400},
    "mcl01": {400},
    "bcast": set(),
    "zeromf": {200},
    "cparam01": {405},
    "cparam02": {405},
    "regescrt": {405},
    "sdp01": {406},
    # 3.4 backward compatibility
    "inv2543": {200},
}


def test_all_messages_of_the_rfc_are_here() -> None:
    assert {path.stem for path in MESSAGES.glob("*.dat")} == set(EXPECTED)
    assert len(EXPECTED) == 49


@pytest.mark.parametrize("name", EXPECTED)
def test_answer_over_udp(name: str) -> None:
    network = Network()
    final = {status for status in statuses(network.receive((MESSAGES / f"{name}.dat").read_bytes())) if status >= 200}
    assert final <= EXPECTED[name]
    assert bool(final) == bool(EXPECTED[name])


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"clerr", "dblreq"}))
def test_answer_over_tcp(name: str) -> None:
    stream, network = MessageStream(), Network()
    messages = stream.feed((MESSAGES / f"{name}.dat").read_bytes())
    answers = [status for message in messages for status in statuses(network.receive(message, TCP)) if status >= 200]
    assert set(answers[:1]) <= EXPECTED[name]
    assert bool(answers) == bool(EXPECTED[name])


def test_two_requests_in_one_datagram_are_one_but_two_in_a_stream() -> None:
    octets = (MESSAGES / "dblreq.dat").read_bytes()
    assert statuses(Network().receive(octets)) == [405]
    network = Network()
    answers = [status for each in MessageStream().feed(octets) for status in statuses(network.receive(each, TCP))]
    assert answers == [405, 100, 200]


def test_a_message_that_never_ends_waits_in_a_stream() -> None:
    stream = MessageStream()
    assert stream.feed((MESSAGES / "clerr.dat").read_bytes()) == []
    assert stream.unfinished


def test_a_negative_length_ends_the_connection() -> None:
    stream = MessageStream()
    assert len(stream.feed((MESSAGES / "ncl.dat").read_bytes())) == 1
    assert stream.broken
