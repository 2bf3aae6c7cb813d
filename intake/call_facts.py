"""What each fact of a call does to its rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from models.changes import announce
from models.states import CALL, CallEvent
from models.tables import Call, Utterance
from spool.facts import (
    Answered,
    Digit,
    Ended,
    Fact,
    Invited,
    LineMeasured,
    NoAudio,
    Transcribed,
    UtteranceHeard,
    Wish,
)

log = logging.getLogger(__name__)

MOST_DIGITS = 1_000
"Keys kept of a call: more than two hours of a person pressing them; a machine that sends tones is not kept on."
GAVE_UP = "the recogniser gave up"


def apply_fact(session: Session, call: Call, fact: Fact) -> None:
    """Change the call's rows as the fact says; a fact that was applied before, or is of no concern, changes nothing.

    A fact whose values are of the wrong kind is skipped and logged: one bad line must not keep the next from being
    kept.
    """
    apply = APPLIED.get(type(fact))
    if apply is None:
        return
    try:
        apply(session, call, fact)
    except (TypeError, ValueError) as error:
        log.warning("call %s: a %s fact was skipped: %s", call.id, fact.name, error)
        return
    announce(session, "call", call.id, call.id)


def _invited(_session: Session, call: Call, fact: Invited) -> None:
    call.sip_call_id = _text(fact.sip_call_id)
    call.caller_number = _text(fact.caller_number)
    call.caller_name = _text(fact.caller_name)
    call.called_number = _text(fact.called_number)
    call.remote_address = _text(fact.remote_address)
    call.trunk = _text(fact.trunk)
    call.node = _text(fact.node)
    call.invited_at = fact.at


def _answered(_session: Session, call: Call, fact: Answered) -> None:
    if not _advance(call, CallEvent.ANSWER):
        return
    call.answered_at = fact.at
    call.codec = _text(fact.codec)
    call.sample_rate = int(fact.sample_rate)


def _digit(_session: Session, call: Call, fact: Digit) -> None:
    if len(call.digits) < MOST_DIGITS:
        call.digits += _text(fact.digit)[:1]


def _wish(_session: Session, call: Call, fact: Wish) -> None:
    if fact.wish not in call.wishes:
        call.wishes = [*call.wishes, _text(fact.wish)]


def _no_audio(_session: Session, call: Call, fact: NoAudio) -> None:
    _remark(call, f"no audio arrived at {float(fact.position):.0f} s")


def _utterance_heard(session: Session, call: Call, fact: UtteranceHeard) -> None:
    query = select(Utterance).where(Utterance.call_id == call.id, Utterance.index == int(fact.index))
    utterance = session.exec(query).first() or Utterance(
        call_id=call.id, index=int(fact.index), start_time=0.0, end_time=0.0, text="", confidence=0.0
    )
    utterance.start_time = float(fact.start_time)
    utterance.end_time = float(fact.end_time)
    utterance.text = _text(fact.text)
    utterance.raw_text = _text(fact.raw_text)
    utterance.confidence = float(fact.confidence)
    utterance.words = list(fact.words)
    utterance.alternatives = list(fact.alternatives)
    utterance.model = _text(fact.model)
    session.add(utterance)
    session.flush()
    announce(session, "utterance", utterance.index, call.id)


def _line_measured(_session: Session, call: Call, fact: LineMeasured) -> None:
    if call.ended_at is None:  # the last word is that of the end
        statistics = dict(fact.statistics)
        call.packets_received = int(statistics.get("packets_received") or 0)
        call.packets_lost = int(statistics.get("packets_lost") or 0)
        call.statistics = statistics


def _ended(_session: Session, call: Call, fact: Ended) -> None:
    if not _advance(call, CallEvent.END):
        return
    call.ended_at = fact.at
    call.end_reason = _text(fact.end_reason)
    call.recorded_seconds = float(fact.recorded_seconds)
    call.packets_received = int(fact.packets_received)
    call.packets_lost = int(fact.packets_lost)
    call.statistics = dict(fact.statistics)
    if fact.end_reason == "node_restarted":
        _remark(call, "the node restarted during the call")


def _transcribed(_session: Session, call: Call, fact: Transcribed) -> None:
    call.transcribed_at = fact.at
    call.transcript_complete = bool(fact.complete)
    if not fact.complete:
        _remark(call, _text(fact.remark) or GAVE_UP)


APPLIED: dict[type[Fact], Callable[[Session, Call, Any], None]] = {
    Invited: _invited,
    Answered: _answered,
    Digit: _digit,
    Wish: _wish,
    NoAudio: _no_audio,
    LineMeasured: _line_measured,
    UtteranceHeard: _utterance_heard,
    Ended: _ended,
    Transcribed: _transcribed,
}


def _advance(call: Call, event: CallEvent) -> bool:
    """Move the call on; False when it is past that, as after a recovery that ended an ended call again."""
    state = CALL.get((call.state, event))
    if state is None:
        return False
    call.state = state
    return True


def _remark(call: Call, words: str) -> None:
    if words not in call.remark:
        call.remark = f"{call.remark}; {words}" if call.remark else words


def _text(value: str) -> str:
    """PostgreSQL keeps no NUL; a peer may send one in a name."""
    return str(value).replace("\x00", "")
