"""Everything that may become of a call, a draft and a delivery: tables of (state, event) -> state.

A state not in its table here does not exist; a row's update repeats the guard (`WHERE state = ? AND version = ?`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


class CallState(StrEnum):
    """A call as the telephone network sees it."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class CallEvent(StrEnum):
    """What happens to a call."""

    ANSWER = "answer"
    END = "end"


class DraftState(StrEnum):
    """A draft ticket from the first word to an operator's decision."""

    LISTENING = "listening"
    READY = "ready"
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    MERGED = "merged"


class DraftEvent(StrEnum):
    """What the recogniser, an operator or the clock does to a draft."""

    TRANSCRIBE = "transcribe"
    "The call has ended and its words are complete."
    CLAIM = "claim"
    RELEASE = "release"
    "Given back by the operator or by an expired lease."
    CONFIRM = "confirm"
    DISCARD = "discard"
    MERGE = "merge"
    REOPEN = "reopen"


class DeliveryState(StrEnum):
    """A ticket on its way to the case store."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    PARKED = "parked"


class DeliveryEvent(StrEnum):
    """What the dispatcher or a supervisor does."""

    SEND = "send"
    ACCEPT = "accept"
    RETRY = "retry"
    PARK = "park"
    RESEND = "resend"


CALL: Mapping[tuple[CallState, CallEvent], CallState] = {
    (CallState.RINGING, CallEvent.ANSWER): CallState.ANSWERED,
    (CallState.RINGING, CallEvent.END): CallState.ENDED,
    (CallState.ANSWERED, CallEvent.END): CallState.ENDED,
}

DRAFT: Mapping[tuple[DraftState, DraftEvent], DraftState] = {
    (DraftState.LISTENING, DraftEvent.TRANSCRIBE): DraftState.READY,
    (DraftState.READY, DraftEvent.CLAIM): DraftState.CLAIMED,
    (DraftState.CLAIMED, DraftEvent.CLAIM): DraftState.CLAIMED,
    (DraftState.CLAIMED, DraftEvent.RELEASE): DraftState.READY,
    (DraftState.CLAIMED, DraftEvent.CONFIRM): DraftState.CONFIRMED,
    (DraftState.CLAIMED, DraftEvent.DISCARD): DraftState.DISCARDED,
    (DraftState.CLAIMED, DraftEvent.MERGE): DraftState.MERGED,
    (DraftState.DISCARDED, DraftEvent.REOPEN): DraftState.READY,
    (DraftState.MERGED, DraftEvent.REOPEN): DraftState.READY,
}

DELIVERY: Mapping[tuple[DeliveryState, DeliveryEvent], DeliveryState] = {
    (DeliveryState.WAITING, DeliveryEvent.SEND): DeliveryState.SENDING,
    (DeliveryState.SENDING, DeliveryEvent.ACCEPT): DeliveryState.DELIVERED,
    (DeliveryState.SENDING, DeliveryEvent.RETRY): DeliveryState.WAITING,
    (DeliveryState.SENDING, DeliveryEvent.SEND): DeliveryState.SENDING,
    (DeliveryState.SENDING, DeliveryEvent.PARK): DeliveryState.PARKED,
    (DeliveryState.PARKED, DeliveryEvent.RESEND): DeliveryState.WAITING,
}


class IllegalTransition(Exception):
    """The state does not allow the event; `state` is the one it is in."""

    def __init__(self, state: StrEnum, event: StrEnum) -> None:
        super().__init__(f"{state} does not allow {event}")
        self.state = state
        self.event = event


def advance(table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """Return the state after an event; raises `IllegalTransition`."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
