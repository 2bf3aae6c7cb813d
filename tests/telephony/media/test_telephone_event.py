"""Keys by RFC 4733: captured presses, lost and repeated packets, long ones, and peers with habits of their own."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.media.rtp import RtpPacket
from telephony.media.telephone_event import DIGITS, KeyReceiver, TelephoneEvent, press
from tests.telephony.media.test_rtp import captured


def heard(packets: list[tuple[int, TelephoneEvent]]) -> str:
    receiver = KeyReceiver()
    told = (receiver.receive(RtpPacket(101, 0, at & 0xFFFFFFFF, 1, bytes(event))) for at, event in packets)
    return "".join(digit for digit in told if digit)


@given(st.integers(0, 255), st.booleans(), st.integers(0, 63), st.integers(0, 0xFFFF))
def test_what_is_written_is_read(event: int, end: bool, volume: int, duration: int) -> None:
    value = TelephoneEvent(event, end, volume, duration)
    assert TelephoneEvent.parse(bytes(value)) == value


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.binary(max_size=8)), max_size=30))
def test_any_payload_is_a_key_or_a_value_error(payloads: list[tuple[int, bytes]]) -> None:
    receiver = KeyReceiver()
    for timestamp, payload in payloads:
        try:
            digit = receiver.receive(RtpPacket(101, 0, timestamp, 1, payload))
        except ValueError:
            assert len(payload) < 4
        else:
            assert digit is None or digit in DIGITS


@pytest.mark.parametrize("client", ["baresip", "linphone"])
def test_captured_presses_are_heard_once(client: str) -> None:
    events = [
        p for _, data in captured(client) if data[0] >> 6 == 2 and (p := RtpPacket.parse(data)).payload_type == 101
    ]
    receiver = KeyReceiver()
    assert "".join(filter(None, map(receiver.receive, events))) == "12#"
    unmarked = KeyReceiver()
    assert "".join(filter(None, (unmarked.receive(p) for p in events if not p.marker))) == "12#"


@pytest.mark.parametrize("kept", range(10))
def test_any_one_packet_of_a_press_is_enough(kept: int) -> None:
    presses = [[(start, event) for event in press(digit, 160, 1120)] for start, digit in ((0, "4"), (3000, "4"))]
    assert heard([packets[min(kept, len(packets) - 1)] for packets in presses]) == "44"


@pytest.mark.parametrize("seed", range(10))
def test_order_and_copies_do_not_matter(seed: int) -> None:
    chance, packets = random.Random(seed), []
    for number, digit in enumerate("7733*"):
        one = [(number * 1600, event) for event in press(digit, 160, 800)] * 2
        chance.shuffle(one)
        packets += one
    assert heard(packets) == "7733*"


@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_a_press_of_twenty_seconds_is_one_press(lost: float) -> None:
    chance, packets = random.Random(1), []
    for segment, start in enumerate(range(0, 160_000, 0xFFFF)):
        for duration in range(160, 0xFFFF, 160):
            packets.append((start, TelephoneEvent(5, False, 10, duration)))
        packets.append((start, TelephoneEvent(5, segment == 2, 10, 0xFFFF)))
    assert heard([packet for packet in packets if chance.random() >= lost]) == "5"


def test_a_peer_that_stamps_every_packet_anew_is_understood() -> None:
    packets = [(160 * n, TelephoneEvent(8, False, 10, 160 * (n + 1))) for n in range(6)]
    packets += [(2000 + 160 * n, TelephoneEvent(8, False, 10, 160 * (n + 1))) for n in range(6)]
    assert heard(packets) == "88"


def test_the_same_key_twice_without_an_end_between_is_two() -> None:
    first = [(0, event) for event in itertools.islice(press("2", 160, 800), 3)]
    second = [(1600, event) for event in press("2", 160, 800)]
    assert heard(first + second) == "22"


def test_flash_and_other_events_are_no_keys() -> None:
    assert heard([(0, TelephoneEvent(16, False, 10, 160)), (900, TelephoneEvent(36, True, 10, 800))]) == ""
