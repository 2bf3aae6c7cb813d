"""Sentences that are shown once, on the page after a form."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

from intake_api.console.language import Language, mark, translations

FLASHES: Final = {
    "confirmed": ("good", mark("Confirmed as ticket %(what)s.")),
    "discarded": ("good", mark("The draft is discarded; a supervisor can reopen it.")),
    "reopened": ("good", mark("The draft is open again.")),
    "released": ("good", mark("The draft is back in the queue.")),
    "handed_over": ("good", mark("The draft is handed over to %(what)s.")),
    "asked": ("good", mark("A supervisor is asked; the answer appears here.")),
    "decided": ("good", mark("The decision is written down and told.")),
    "agreed_first": ("good", mark("You agreed; one more person must agree.")),
    "drawn": ("good", mark("%(what)s drafts were drawn.")),
    "reviewed": ("good", mark("The verdict is kept: %(what)s.")),
    "model_chosen": ("good", mark("%(what)s is used from the recogniser's next start on.")),
    "recogniser_restarted": ("good", mark("The recogniser starts anew and goes on where it was.")),
    "load_test": ("good", mark("The load test runs in the background.")),
    "merged": ("good", mark("The draft is merged into the earlier matter.")),
    "resent": ("good", mark("The ticket is being sent again.")),
    "too_late": ("alarm", "%(what)s"),
    "password_changed": ("good", mark("The password is changed: sign in with the new one.")),
    "signed_out_everywhere": ("good", mark("You are signed out everywhere.")),
    "operator_added": ("good", mark("%(what)s can sign in now.")),
    "saved": ("good", mark("Saved.")),
    "token_revoked": ("good", mark("The token is revoked.")),
}


def flash_cookie(name: str, what: str = "") -> str:
    """Return the cookie's value for a sentence and the one thing it names."""
    return quote(f"{name}:{what}")


def sentence(cookie: str, language: Language) -> dict[str, str] | None:
    """Return tone and text of the sentence that a cookie names; anything else is nothing."""
    name, _, what = unquote(cookie).partition(":")
    if name not in FLASHES:
        return None
    tone, text = FLASHES[name]
    said = translations(language).gettext(text)
    return {"tone": tone, "text": said % {"what": what[:300]} if "%(" in said else said}
