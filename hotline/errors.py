"""What keeps a process from starting however often it is tried."""

from __future__ import annotations


class CannotListen(Exception):
    """An address of the settings cannot be had; the sentence names it."""
