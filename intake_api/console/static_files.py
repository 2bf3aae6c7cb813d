"""The console's own static files: kept by browsers for good, compressed once."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_DIR: Final = Path(__file__).parent / "static"
COMPRESSED: Final = {".css", ".js", ".svg", ".json"}
YEAR_SECONDS: Final = 31_536_000


@cache
def fingerprint() -> str:
    """Return ten hex digits that change with any static file; modules find each other below it by relative paths."""
    digest = hashlib.sha256()
    for path in sorted(STATIC_DIR.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC_DIR).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file, new with every version."""
    return f"/static/{fingerprint()}/{name}"


@cache
def compressed(path: Path) -> bytes:
    """Return the file, gzipped; some twenty files are kept so."""
    return gzip.compress(path.read_bytes(), compresslevel=9, mtime=0)


class ConsoleStatic(StaticFiles):
    """Serves `static/` at `/static/<fingerprint>/`, gzipped to browsers that take it."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC_DIR)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file with its caching and compression headers."""
        version, _, name = path.partition("/")
        response = await super().get_response(name, scope)
        file = STATIC_DIR / name
        if response.status_code == 200 and file.suffix in COMPRESSED:
            response.headers["vary"] = "accept-encoding"
            if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                response = _gzipped(file, response)
        forever = f"public, max-age={YEAR_SECONDS}, immutable"
        response.headers["cache-control"] = forever if version == fingerprint() else "no-cache"
        return response


def _gzipped(file: Path, response: Response) -> Response:
    headers = {name: response.headers[name] for name in ("etag", "last-modified", "vary") if name in response.headers}
    media_type = response.headers["content-type"]
    return Response(compressed(file), headers={**headers, "content-encoding": "gzip"}, media_type=media_type)
