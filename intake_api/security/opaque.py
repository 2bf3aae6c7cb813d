"""Opaque secrets: 256 random bits, of which only a hash is kept (no salt: they cannot be guessed)."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "hotline_"  # noqa: S105 - a mark that secret scanners can look for, and never a leading "-" in a shell
TOKEN_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """Return a new secret for a cookie, a link or, with `TOKEN_PREFIX`, an API token."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
