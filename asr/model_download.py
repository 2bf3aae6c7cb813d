"""Fetches a model's archive: resumed after a break, its checksum told from its bytes, the disk looked at first."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from asr.model_archive import SPARE_DISK
from asr.model_card import ModelCard
from asr.model_folder import ModelUnusable, file_sha256

if TYPE_CHECKING:
    import httpx2

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"Told bytes done and bytes in all (0 when unknown)."
BLOCK = 1 << 18
TIMEOUT = 30.0  # seconds without a byte


def no_progress(done: int, total: int) -> None:
    """Tells nobody."""


def download(card: ModelCard, part: Path, progress: Progress = no_progress) -> Path:
    """Complete `part` from the card's address, from where an earlier try stopped, and return it when it is right.

    Raises `ModelUnusable` when it cannot be fetched, does not fit, or is not the file its publisher made.
    """
    import httpx2

    _check_disk(card, part)
    try:
        with httpx2.Client(follow_redirects=True, timeout=TIMEOUT) as client:
            _fetch(client, card, part, progress)
    except httpx2.HTTPError as error:
        raise ModelUnusable(
            f"{card.name} could not be fetched ({type(error).__name__}); run the command again to go on, "
            "or install it from a file on a closed network"
        ) from error
    if card.sha256 and file_sha256(part) != card.sha256:
        part.unlink()
        raise ModelUnusable(f"what was fetched for {card.name} is not the published file: its checksum differs")
    return part


def _fetch(client: httpx2.Client, card: ModelCard, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", card.url, headers=headers) as answer:
        if answer.status_code == 416:  # nothing is left to send
            return
        if answer.status_code not in (200, 206):
            raise ModelUnusable(f"{card.name} could not be fetched: the server answered {answer.status_code}")
        if answer.status_code == 200:  # the server does not resume
            have = 0
        total = have + int(answer.headers.get("Content-Length", 0))
        with part.open("ab" if have else "wb") as output:
            progress(have, total)
            for block in answer.iter_bytes(BLOCK):
                output.write(block)
                have += len(block)
                progress(have, total)
            output.flush()
            os.fsync(output.fileno())


def _check_disk(card: ModelCard, part: Path) -> None:
    """The archive and the unpacked model lie side by side for a moment."""
    have = part.stat().st_size if part.exists() else 0
    needed = card.size_bytes - have + card.unpacked_bytes + SPARE_DISK
    free = shutil.disk_usage(part.parent).free
    if free < needed:
        raise ModelUnusable(
            f"{card.name} needs {needed // 1_000_000} MB of disk in {part.parent}, and {free // 1_000_000} MB are free"
        )
