"""The `recogniser` process."""

from asr.service import run

__all__ = ["run"]
