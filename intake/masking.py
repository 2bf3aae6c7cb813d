"""Numbers as logs, the audit log and screens show them."""

from __future__ import annotations

import re

SHORT = 6
"Numbers of services and extensions (110, 12345, 8001) name no person."
NUMBER = re.compile(r"\d(?:[\d -]*\d)?")


def mask_number(number: str) -> str:
    """Return a number without its middle: `13800001234` -> `138****1234`; short numbers as they are.

    What is hidden of other numbers is all but the first two and last two characters, as they may be foreign numbers or
    names in a SIP URI.
    """
    if len(number) <= SHORT:
        return number
    if len(number) == 11 and number.startswith("1") and number.isdigit():
        return f"{number[:3]}****{number[-4:]}"
    return f"{number[:2]}****{number[-2:]}"


def mask_numbers_in(text: str) -> str:
    """Return a text in which every long number is masked."""
    return NUMBER.sub(lambda found: mask_number(re.sub(r"[ -]", "", found[0])), text)
