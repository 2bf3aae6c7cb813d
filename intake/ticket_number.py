"""A ticket's number: sixteen digits that a person can say in four fours and a caller can key on a telephone.

`YYMMDD`, the millisecond of the day (8 digits) and two random digits, in the city's time: it sorts by time, needs no
counter that nodes would share, and says when the matter was confirmed. At 13,000 tickets a day two databases that
know nothing of each other collide once in some hundred days of joint use; one database refuses the second
(`ticket_no` is unique) and the number is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

Draw = Callable[[int], int]
"A whole number from 0 up to, not including, the argument: `secrets.randbelow`."


def ticket_number(at: datetime, zone: ZoneInfo, draw: Draw) -> str:
    """Return a number for a ticket confirmed at a time."""
    local = at.astimezone(zone)
    seconds = (local.hour * 60 + local.minute) * 60 + local.second
    milliseconds = seconds * 1000 + local.microsecond // 1000
    return f"{local:%y%m%d}{milliseconds:08d}{draw(100):02d}"
