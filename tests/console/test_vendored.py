"""The vendored files are those that were published, and the lock and the notices name them all."""

from __future__ import annotations

import re
from pathlib import Path

from intake_api.console.vendored import LOCK_FILE, VENDOR_DIR, file_hashes, read_lock

NOTICES = Path(__file__).parents[2] / "NOTICES.md"


def test_every_file_is_as_it_was_published() -> None:
    lock = read_lock()
    folders = {path.name for path in VENDOR_DIR.iterdir() if path.is_dir()}
    assert folders == lock.keys()
    assert {name: file_hashes(VENDOR_DIR / name) for name in folders} == {name: lock[name]["files"] for name in lock}


def test_every_package_has_its_licence_and_its_notice() -> None:
    notices = NOTICES.read_text(encoding="utf-8")
    for name, entry in read_lock().items():
        assert (VENDOR_DIR / name / "LICENSE").is_file()
        assert f"| {entry['package']}" in notices
        assert entry["version"] in notices


def test_the_lock_names_no_host() -> None:
    assert not re.search(r"https?://", LOCK_FILE.read_text(encoding="utf-8"))
