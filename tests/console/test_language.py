"""Nothing on a page is untranslated, and nothing in the catalogue is left over."""

from __future__ import annotations

import re

import pytest

from intake_api.console.language import LOCALES_DIR, as_language, read_po, translations
from intake_api.console.static_files import STATIC_DIR
from tests.console.messages import PLACES, catalogue, messages

HAN = re.compile(r"[\u4e00-\u9fff]")
SAID_IN_CHINESE_TOO = {"中文"}


def test_every_message_has_its_chinese() -> None:
    assert messages() - catalogue().keys() == set()


def test_no_translation_is_left_over() -> None:
    assert catalogue().keys() - messages() == set()


def test_placeholders_are_kept() -> None:
    for english, chinese in catalogue().items():
        assert set(PLACES.findall(english)) == set(PLACES.findall(chinese)), english


@pytest.mark.parametrize("folder", [LOCALES_DIR.parent / "templates", STATIC_DIR / "js"])
def test_templates_and_scripts_say_nothing_in_chinese_themselves(folder: object) -> None:
    for path in sorted(folder.rglob("*.*")):  # type: ignore[attr-defined]
        said = path.read_text(encoding="utf-8")
        for words in SAID_IN_CHINESE_TOO:
            said = said.replace(words, "")
        assert not HAN.search(said), path.name


def test_a_po_file_is_read_with_contexts_continued_lines_and_plurals() -> None:
    text = """
msgid ""
msgstr "Language: zh"

#, fuzzy
msgctxt "call"
msgid "end"
msgstr "结束"

msgid "one "
"line"
msgstr "一"
"行"

msgid "%(n)s row"
msgid_plural "%(n)s rows"
msgstr[0] "%(n)s 行"

#~ msgid "gone"
#~ msgstr "无"
"""
    assert read_po(text) == {("call", "end"): "结束", ("", "one line"): "一行", ("", "%(n)s row"): "%(n)s 行"}


def test_an_unknown_language_is_the_usual_one() -> None:
    assert as_language("fr", "en") == "en"
    assert translations("en").gettext("Queue") == "Queue"
    assert translations("zh").gettext("Queue") == "受理"
