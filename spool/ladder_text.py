"""A call's SIP messages as text, to send to whoever runs the other side: a ladder, then every message in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

WIDTH = 48
"Of an arrow; the longest usual label is `481 Call/Transaction Does Not Exist to CANCEL`."


def ladder_text(messages: Iterable[Mapping[str, Any]], title: str = "", zone: tzinfo = UTC) -> str:
    """Return what the lines of `sip.jsonl` hold (`telephony.engine.LadderEntry`, masked already) as text.

    Times are shown in `zone`, and in seconds from the first message on.
    """
    kept = list(messages)
    if not kept:
        return f"{title}\n\nno SIP messages\n".lstrip()
    first = float(kept[0]["at"])
    lines = [title, ""] if title else []
    lines += [f"{datetime.fromtimestamp(first, zone).isoformat(timespec='milliseconds')}  peer <-> us", ""]
    lines += [_rung(message, first) for message in kept]
    for number, message in enumerate(kept, 1):
        way = "received from" if message["direction"] == "in" else "sent to"
        at = datetime.fromtimestamp(float(message["at"]), zone).isoformat(timespec="milliseconds")
        lines += ["", f"--- {number}. {at} {way} {message['peer']} ({message['transport']})"]
        lines += str(message["text"]).rstrip("\n").split("\n")
    return "\n".join(lines) + "\n"


def _rung(message: Mapping[str, Any], first: float) -> str:
    label = f" {message['summary']} "[:WIDTH]
    arrow = f"{label:-^{WIDTH}}"
    arrow = f"{arrow}->" if message["direction"] == "in" else f"<-{arrow}"
    return f"{float(message['at']) - first:9.3f}  {message['peer']:<21} |{arrow}|"
