"""A call as the telephone network saw it: how the line was, and every SIP message."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlmodel import select

from config.settings import Settings
from intake_api.console.language import mark
from intake_api.console.page import OperatorPage
from intake_api.needs import Reading
from intake_api.problems import not_found
from models.tables import Call, Draft

GOOD_MOS: Final = 4.0
FAIR_MOS: Final = 3.6
"ITU-T G.107, annex B: from 4.0 on users are satisfied, below 3.6 many are not."
LOSS_HEARD: Final = 0.02
"Concealed losses of two per cent and more can be heard, and cost words."


def show_call(page: OperatorPage, db: Reading, call_id: UUID) -> Response:
    """Show the line's figures in words and the ladder."""
    call = load(db, call_id)
    settings = page.service.settings
    return page.show(
        "call.html",
        here="queue",
        call=call,
        draft_id=db.exec(select(Draft.id).where(Draft.call_id == call_id)).first(),
        statistics=call.statistics,
        loss=loss_of(call),
        judged=judged(call),
        messages=read_ladder(settings, call_id),
        keep_days=settings.storage.keep_spool_days,
        clock_of=lambda at: datetime.fromtimestamp(at, ZoneInfo(settings.time_zone)),
    )


def export_ladder(page: OperatorPage, db: Reading, call_id: UUID) -> Response:
    """Return the messages as text, for an integrator's mail."""
    call = load(db, call_id)
    messages = read_ladder(page.service.settings, call_id)
    if not messages:
        raise not_found("record of SIP messages", "SIP 信令记录")
    headers = {"Content-Disposition": f'attachment; filename="sip-{call_id}.txt"'}
    return Response(ladder_text(call, messages), headers=headers, media_type="text/plain; charset=utf-8")


def load(db: Reading, call_id: UUID) -> Call:
    """Return the call, or a problem."""
    call = db.get(Call, call_id)
    if call is None:
        raise not_found("call", "通话")
    return call


def read_ladder(settings: Settings, call_id: UUID) -> list[dict[str, Any]]:
    """Return a call's SIP messages, masked as they were written; none when its folder is gone."""
    try:
        text = (settings.spool_dir / str(call_id) / "sip.jsonl").read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines()]


def ladder_text(call: Call, messages: list[dict[str, Any]]) -> str:
    """Return a ladder as text: a line for each message with its time, way and peer, then the messages in full."""
    lines = [f"{moment(m)} {arrow(m)} {m['transport']} {m['peer']}  {m['summary']}" for m in messages]
    whole = [f"--- {line}\n{m['text']}" for line, m in zip(lines, messages, strict=True)]
    head = f"Call {call.id}, Call-ID {call.sip_call_id}, node {call.node}; times UTC, numbers and secrets masked."
    return "\n".join([head, "", *lines, "", *whole]) + "\n"


def moment(message: dict[str, Any]) -> str:
    """Return a message's time with milliseconds."""
    return datetime.fromtimestamp(message["at"], UTC).strftime("%H:%M:%S.%f")[:-3]


def arrow(message: dict[str, Any]) -> str:
    """Return which way a message went."""
    return "<-" if message["direction"] == "in" else "->"


def loss_of(call: Call) -> float | None:
    """Return the share of packets that were lost or came too late to be heard; None when none came."""
    late = int(call.statistics.get("packets_late") or 0)
    expected = call.packets_received + call.packets_lost
    return (call.packets_lost + late) / expected if expected else None


def judged(call: Call) -> tuple[str, str]:
    """Return the line's quality as a tone and a sentence."""
    mos, loss = call.statistics.get("mos"), loss_of(call)
    if loss is None:
        return ("alarm", mark("No audio came from the caller.")) if call.answered_at else ("", mark("Not answered."))
    if (mos is not None and mos < FAIR_MOS) or loss >= 2 * LOSS_HEARD:
        return "alarm", mark("A bad line: words were lost on the way.")
    if (mos is not None and mos < GOOD_MOS) or loss >= LOSS_HEARD:
        return "warn", mark("A fair line: some words may have suffered.")
    return "good", mark("A good line.")
