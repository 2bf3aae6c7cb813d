"""The messages of templates and Python files, as Babel extracts them; `python -m tests.console.messages` lists what
the Chinese catalogue lacks and what it no longer needs."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from intake_api.console.language import LOCALES_DIR, read_po

CONSOLE_DIR = LOCALES_DIR.parent
METHODS = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
CHINESE = LOCALES_DIR / "zh" / "LC_MESSAGES" / "console.po"
PLACES = re.compile(r"%\(\w+\)s")


def messages() -> set[str]:
    """Return every message that a page may say."""
    found = set()
    for _file, _line, message, _comments, _context in extract_from_dir(CONSOLE_DIR, METHODS, OPTIONS, KEYWORDS):
        found.add(message if isinstance(message, str) else message[0])
    return found


def catalogue(path: Path = CHINESE) -> dict[str, str]:
    """Return the Chinese catalogue."""
    return {message: said for (_context, message), said in read_po(path.read_text(encoding="utf-8")).items()}


if __name__ == "__main__":
    said, known = messages(), catalogue()
    for missing in sorted(said - known.keys()):
        print("missing:", missing)
    for obsolete in sorted(known.keys() - said):
        print("obsolete:", obsolete)
