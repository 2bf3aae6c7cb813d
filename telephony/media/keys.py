"""Key presses from three ways of telling them, each press told once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Literal

from telephony.engine import DigitPressed

Method = Literal["rtp", "info", "inband"]

SAME_PRESS_SECONDS: Final = 1.0
"A phone that sends a press both as RTP events and as INFO does so within one retransmission (T1) and a little."
MOST_UNMATCHED: Final = 64


class KeyMerger:
    """Passes presses on, but not the second telling of one by another method."""

    def __init__(self, on_digit: Callable[[DigitPressed], None]) -> None:
        self._on_digit = on_digit
        self._unmatched: deque[DigitPressed] = deque(maxlen=MOST_UNMATCHED)

    def press(self, digit: str, position: float, method: Method) -> None:
        """Take a press at a second of the call."""
        for known in self._unmatched:
            told = known.digit == digit and known.method != method
            if told and abs(known.position - position) < SAME_PRESS_SECONDS:
                self._unmatched.remove(known)  # a second press, told twice too, must find its own partner
                return
        pressed = DigitPressed(digit, position, method)
        self._unmatched.append(pressed)
        self._on_digit(pressed)
