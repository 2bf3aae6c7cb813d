"""Parameters of a header or URI: `;name=value`, names without case (RFC 3261 section 7.3.1 and 25.1).

`sipmessage.Parameters` is not used: it splits inside quoted strings, undoes and redoes percent-escapes (a branch must
come back octet for octet), minds the case of names, and raises `TypeError` for `;self=1`.
"""

from __future__ import annotations

import re

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]+"  # noqa: S105 - the grammar's word, no secret
QUOTED = r'"(?:[^"\\]|\\.)*+"'
# After `=` everything up to the next separator is taken: real peers send `/`, `:` and `[::1]` unquoted.
PARAMETER = re.compile(rf"\s*;\s*({TOKEN}|\[[^\]\s]*\])(?:\s*=\s*({QUOTED}|[^;,\s\"<>?]*))?", re.DOTALL)

Parameters = dict[str, str | None]


def unquote(text: str) -> str:
    """Return the text of a quoted string without its quotes and backslashes."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    return text


def quote(text: str) -> str:
    """Return a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_parameters(text: str, position: int = 0) -> tuple[Parameters, int]:
    """Return the parameters found from `position` on and where they end."""
    parameters: Parameters = {}
    while match := PARAMETER.match(text, position):
        name, value = match.groups()
        parameters.setdefault(name.lower(), None if value is None else unquote(value))
        position = match.end()
    return parameters, position


def parse_parameters(text: str) -> Parameters:
    """Return all parameters of `text`, which is nothing else."""
    parameters, end = read_parameters(text)
    if text[end:].strip():
        raise ValueError("Parameters are not valid")
    return parameters


def split_list(text: str) -> list[str]:
    """Split at commas that are neither in a quoted string nor in angle brackets (RFC 3261 section 7.3.1)."""
    if "," not in text:
        return [text.strip()]
    items, start, quoted, bracketed, position = [], 0, False, False, 0
    while position < len(text):
        char = text[position]
        if quoted:
            position += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "<>":
            bracketed = char == "<"
        elif char == "," and not bracketed:
            items.append(text[start:position].strip())
            start = position + 1
        position += 1
    items.append(text[start:].strip())
    return items
