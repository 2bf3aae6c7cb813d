"""The tables of RFC 3261 section 17, against a clock of numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from telephony.sip.message import Message, Request, Response
from telephony.sip.response import respond
from telephony.sip.schedule import Schedule
from telephony.sip.transaction import DURATION, FIRST, T1, TABLE, Kind, Transaction
from tests.telephony.sip.harness import TCP, UDP, invite, request


class Line:
    """One transaction, what it sends and when, and what it passes up."""

    def __init__(self, kind: Kind, message: Request, flow: object = UDP) -> None:
        self.now = 0.0
        self.schedule = Schedule()
        self.sent: list[tuple[float, Message]] = []
        self.passed: list[int | None] = []
        self.over = False

        def terminated() -> None:
            self.over = True

        self.transaction = Transaction(
            kind,
            message,
            flow,  # type: ignore[arg-type]
            self.schedule,
            lambda message, flow: self.sent.append((self.now, message)),
            pass_up=lambda response, now: self.passed.append(response.status if response else None),
            on_terminated=terminated,
        )

    def at(self, when: float, act: Callable[[float], None]) -> None:
        self.run(when)
        act(when)

    def run(self, until: float) -> None:
        while (due := self.schedule.next()) is not None and due <= until:
            self.now = due
            self.schedule.run(due)
        self.now = until

    @property
    def times(self) -> list[float]:
        return [round(when, 3) for when, _ in self.sent]


def test_invite_client_doubles_timer_a_until_b() -> None:
    line = Line("invite client", invite())
    line.transaction.start(0.0)
    line.run(40)
    assert line.times == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert line.passed == [None]
    assert line.over


def test_invite_client_is_quiet_after_a_provisional_response() -> None:
    line = Line("invite client", invite())
    line.transaction.start(0.0)
    line.at(0.7, lambda now: line.transaction.receive_response(respond(line.transaction.request, 180), now))
    line.run(200)
    assert line.times == [0, 0.5]
    assert line.passed == [180]


def test_invite_client_acknowledges_every_failure_and_passes_one() -> None:
    line = Line("invite client", invite())
    line.transaction.start(0.0)
    busy = respond(line.transaction.request, 486, tag="x")
    for when in (0.1, 0.6, 1.6):
        line.at(when, lambda now: line.transaction.receive_response(busy, now))
    acks = [message for _, message in line.sent if isinstance(message, Request) and message.method == "ACK"]
    assert len(acks) == 3
    assert acks[0].header("Via") == line.transaction.request.header("Via")
    assert acks[0].to.tag == "x"
    assert line.passed == [486]
    line.run(33)
    assert line.over


def test_invite_client_passes_every_success() -> None:
    line = Line("invite client", invite())
    line.transaction.start(0.0)
    for when in (0.1, 0.2):
        line.at(when, lambda now: line.transaction.receive_response(respond(line.transaction.request, 200), now))
    assert line.passed == [200, 200]
    assert line.times == [0]


def test_client_retransmits_up_to_t2_until_f() -> None:
    line = Line("client", request("OPTIONS"))
    line.transaction.start(0.0)
    line.run(40)
    assert line.times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert line.passed == [None]


def test_client_sends_once_over_a_stream() -> None:
    line = Line("client", request("OPTIONS"), TCP)
    line.transaction.start(0.0)
    line.run(40)
    assert line.times == [0]
    assert line.passed == [None]


def test_client_takes_one_final_response() -> None:
    line = Line("client", request("OPTIONS"))
    line.transaction.start(0.0)
    for when in (0.1, 0.2):
        line.at(when, lambda now: line.transaction.receive_response(respond(line.transaction.request, 200), now))
    line.run(4)
    assert not line.over
    line.run(6)
    assert line.over
    assert line.passed == [200]
    assert line.times == [0]


def test_invite_server_repeats_a_failure_until_ack() -> None:
    line = Line("invite server", invite())
    line.transaction.respond(respond(line.transaction.request, 100), 0.0)
    line.at(1.0, lambda now: line.transaction.respond(respond(line.transaction.request, 486), now))
    line.at(5.0, line.transaction.receive_ack)
    line.run(9)
    assert line.times == [0, 1, 1.5, 2.5, 4.5]
    assert not line.over
    line.run(11)
    assert line.over


def test_invite_server_gives_up_after_h() -> None:
    line = Line("invite server", invite())
    line.transaction.respond(respond(line.transaction.request, 486), 0.0)
    line.run(100)
    assert line.times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert line.over


def test_invite_server_answers_retransmissions_from_memory() -> None:
    line = Line("invite server", invite())
    line.transaction.receive_request(0.0)
    assert line.sent == []
    line.transaction.respond(respond(line.transaction.request, 180), 0.0)
    line.transaction.receive_request(0.1)
    assert [message.status for _, message in line.sent if isinstance(message, Response)] == [180, 180]


def test_server_answers_retransmissions_for_32_seconds() -> None:
    line = Line("server", request("OPTIONS"))
    line.transaction.receive_request(0.0)
    assert line.sent == []
    line.transaction.respond(respond(line.transaction.request, 200), 0.0)
    line.at(31.9, line.transaction.receive_request)
    assert line.times == [0, 31.9]
    line.run(32.1)
    assert line.over


@pytest.mark.parametrize("kind", FIRST)
def test_every_state_can_be_reached_and_ends(kind: Kind) -> None:
    rows = {(state, event): row for (each, state, event), row in TABLE.items() if each == kind}
    reached, border = {FIRST[kind]}, [FIRST[kind]]
    while border:
        state = border.pop()
        following = {row[0] for (each, _), row in rows.items() if each == state} - reached
        reached |= following
        border += following
    assert reached == {state for state, _ in rows} | {"TERMINATED"}


def test_timers_have_the_values_of_table_4() -> None:
    assert {letter: unreliable / T1 for letter, (unreliable, _) in DURATION.items()} == {
        **{"A": 1, "B": 64, "D": 64, "E": 1, "F": 64, "G": 1},
        **{"H": 64, "I": 10, "J": 64, "K": 10, "L": 64, "M": 64},
    }
