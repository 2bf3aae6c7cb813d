"""The values of From, To, Contact, Route and their like: name-addr or addr-spec (RFC 3261 section 20.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from telephony.sip.parameters import QUOTED, Parameters, parse_parameters, split_list, unquote
from telephony.sip.uri import Uri, parse_uri

# Unquoted display names may hold Chinese, though the grammar says tokens: PBXs send them.
NAME_ADDR = re.compile(rf"\s*(?P<name>{QUOTED}|[^<>\",;]*?)\s*<\s*(?P<uri>[^<>]*?)\s*>", re.DOTALL)
ADDR_SPEC = re.compile(r"\s*(?P<uri>[^\s<>\";,?]+)")


@dataclass(frozen=True)
class Address:
    """A URI with a display name and header parameters."""

    uri: Uri
    name: str = ""
    parameters: Parameters = field(default_factory=dict, hash=False, compare=False)

    @property
    def tag(self) -> str:
        """The dialog tag, empty when there is none."""
        return self.parameters.get("tag") or ""


def parse_address(text: str) -> Address:
    """Return one address; raises `ValueError` when it is not exactly one."""
    match = NAME_ADDR.match(text) if "<" in text else ADDR_SPEC.match(text)
    if match is None:
        raise ValueError("Address is not valid")
    name = match.groupdict().get("name") or ""
    return Address(parse_uri(match["uri"]), unquote(name), parse_parameters(text[match.end() :]))


def parse_addresses(values: list[str]) -> list[Address]:
    """Return every address of a header that may be repeated or hold a list; a header left empty holds none."""
    return [parse_address(item) for value in values if value.strip() for item in split_list(value)]
