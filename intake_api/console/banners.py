"""What everybody at the console must know about the service itself: the checks of `/readyz` that are not well."""

from __future__ import annotations

from dataclasses import dataclass

from intake_api.console.language import Language, mark, translations
from intake_api.health import checks
from intake_api.needs import Service
from intake_api.security.rights import Actor, Right


@dataclass(frozen=True)
class Banner:
    """A line across the top of every page."""

    tone: str
    text: str
    href: str = ""
    link: str = ""


def banners(service: Service, language: Language, viewer: Actor) -> list[Banner]:
    """Return what is wrong at this moment; parked deliveries are told to those who can send them again."""
    found = [check for check in checks(service, service.clock()) if check.state != "ok"]
    lines = []
    for check in found:
        tone = "alarm" if check.state == "failed" else "warn"
        text = check.detail_zh if language == "zh" else check.detail
        if check.name != "deliveries":
            lines.append(Banner(tone, text))
        elif viewer.may(Right.SUPERVISE):
            link = translations(language).gettext(mark("Show them"))
            lines.append(Banner(tone, text, "/tickets?delivery=parked", link))
    return lines
