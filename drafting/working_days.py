"""Working days by the Chinese holiday calendar: `chinesecalendar` for the years it knows, else the city's own file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import chinese_calendar

FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
"Statutory days with fixed dates (2024 revision), for years whose calendar is not published yet."


def is_working_day(day: date, holidays: Mapping[date, str]) -> bool:
    """Return whether offices work on a day; a year nobody has published yet has weekends and fixed holidays."""
    stated = holidays.get(day)
    if stated is not None:
        return stated == "workday"
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS


def is_published(day: date, holidays: Mapping[date, str]) -> bool:
    """Return whether the day's year is in the calendar or the city's file."""
    if any(known.year == day.year for known in holidays):
        return True
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def add_working_days(moment: datetime, days: int, holidays: Mapping[date, str]) -> datetime:
    """Return the same clock time `days` working days later; the day itself is not counted."""
    day = moment.date()
    while days > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            days -= 1
    return datetime.combine(day, moment.timetz())
