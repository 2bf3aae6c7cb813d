"""How long to wait before a ticket is tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from config.sections import DeliverySettings


def retry_after(settings: DeliverySettings, attempts: int, random: Callable[[], float]) -> timedelta:
    """Return the wait after so many attempts: doubling from the first to the longest, less up to half of it by chance
    so that tickets that failed together do not come back together."""
    doubled = settings.first_retry_seconds * 2 ** min(attempts - 1, 30)
    longest = min(settings.longest_retry_seconds, doubled)
    return timedelta(seconds=longest * (1 - random() / 2))
