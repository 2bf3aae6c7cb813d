"""The console's two languages: English stands in the source, Chinese in `locales/zh/LC_MESSAGES/console.po`.

The .po file is read at start, so that no compiled catalogue can fall behind it; Babel is needed only to extract.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Final, Literal

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
NAMES: Final = {"zh": "中文", "en": "English"}
LOCALES_DIR: Final = Path(__file__).parent / "locales"

Catalogue = dict[tuple[str, str], str]
"(context, message) -> translation; context is empty for most."

LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr|msgstr\[0\])\s+)?(".*")')


def mark(message: str) -> str:
    """Mark a message for extraction where it stands; it is translated where it is shown."""
    return message


def read_po(text: str) -> Catalogue:
    """Return the messages of a .po file (GNU gettext manual, section 3); comments and obsolete entries are skipped."""
    catalogue: Catalogue = {}
    for entry in _entries(text):
        if entry.get("msgid") and (translation := entry.get("msgstr") or entry.get("msgstr[0]")):
            catalogue[entry.get("msgctxt", ""), entry["msgid"]] = translation
    return catalogue


def _entries(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"\n\s*\n", text):
        entry: dict[str, str] = {}
        key = ""
        for line in block.splitlines():
            if match := LINE.fullmatch(line.strip()):
                key = match[1] or key
                entry[key] = entry.get(key, "") + ast.literal_eval(match[2])
        yield entry


class ChineseTranslations(NullTranslations):
    """Messages from the .po file; Chinese has one plural form."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue

    def gettext(self, message: str) -> str:
        """Return the Chinese message, or the English one when there is none."""
        return self.catalogue.get(("", message), message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the one Chinese form, or the English one for the number."""
        return self.catalogue.get(("", msgid1)) or super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        """Return the message of a context."""
        return self.catalogue.get((context, message), message)


@cache
def translations(language: Language) -> NullTranslations:
    """Return the catalogue of a language."""
    if language == "en":
        return NullTranslations()
    path = LOCALES_DIR / language / "LC_MESSAGES" / "console.po"
    return ChineseTranslations(read_po(path.read_text(encoding="utf-8")))


def as_language(value: str | None, otherwise: Language) -> Language:
    """Return the language that a cookie or a form names, if we speak it."""
    return "zh" if value == "zh" else "en" if value == "en" else otherwise
