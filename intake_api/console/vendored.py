"""Third-party files below `static/vendor/`: each as its package was published, and a lock that proves it.

`vendor.lock.json` holds for every package its version, licence and the npm tarball's integrity, and for every file its
SHA-384 (Subresource Integrity, W3C). To take a new version: `npm pack NAME@VERSION`, copy the files, then
`python -m intake_api.console.vendored FOLDER VERSION LICENCE PACKAGE TARBALL`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

VENDOR_DIR = Path(__file__).parent / "static" / "vendor"
LOCK_FILE = VENDOR_DIR / "vendor.lock.json"


def integrity(content: bytes, algorithm: str) -> str:
    """Return `sha384-...` or `sha512-...` as Subresource Integrity and npm write it."""
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def read_lock() -> dict[str, Any]:
    """Return `{folder: {"package", "version", "licence", "tarball", "files": {name: integrity}}}`."""
    lock: dict[str, Any] = json.loads(LOCK_FILE.read_text(encoding="utf-8"))
    return lock


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the integrity of every file of one package as it lies here."""
    return {path.name: integrity(path.read_bytes(), "sha384") for path in sorted(folder.iterdir())}


def lock_package(folder: str, version: str, licence: str, package: str, tarball: Path) -> None:
    """Write one package's entry from its files here and the tarball that they came from."""
    lock = read_lock() if LOCK_FILE.exists() else {}
    lock[folder] = {
        "package": package,
        "version": version,
        "licence": licence,
        "tarball": integrity(tarball.read_bytes(), "sha512"),
        "files": file_hashes(VENDOR_DIR / folder),
    }
    LOCK_FILE.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    folder, version, licence, package, tarball = sys.argv[1:]
    lock_package(folder, version, licence, package, Path(tarball))
