"""Requests that a browser was tricked into: refused by the session's CSRF token and by what the browser says itself."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends, Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "X-CSRF-Token"
FORM_FIELD = "csrf_token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def from_this_site(request: Request) -> bool:
    """Whether the browser says that one of our own pages asks (Fetch Metadata; older browsers say nothing)."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def sent_token(request: Request) -> str:
    """Return the CSRF token of a request: the header's, or a form's field; empty when there is none."""
    if request.method in SAFE_METHODS:
        return ""
    header = request.headers.get(HEADER)
    if header is not None:
        return header
    if not request.headers.get("content-type", "").startswith(FORMS):
        return ""
    value = (await request.form()).get(FORM_FIELD)
    return value if isinstance(value, str) else ""


SentToken = Annotated[str, Depends(sent_token)]


def is_forged(request: Request, sent: str, expected: str) -> bool:
    """Whether an unsafe request came without the session's token or from another site."""
    if request.method in SAFE_METHODS:
        return False
    return not from_this_site(request) or not secrets.compare_digest(sent.encode(), expected.encode())
