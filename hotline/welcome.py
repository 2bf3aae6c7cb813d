"""What `hotline serve` prints once it is up."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from config.settings import Settings


def prepare(roles: Sequence[str]) -> None:
    """Import what the first sign-in link needs while the processes start."""
    if "web" in roles:
        import models.database  # noqa: F401


def is_up(settings: Settings, roles: Sequence[str], pids: Mapping[str, int]) -> bool:
    """Whether every role that a caller or an operator meets answers."""
    if not set(roles) - {"deliver"} <= set(pids):  # it starts a little later, and nobody meets it
        return False
    status_files = [role for role in ("calls", "recogniser") if role in roles]
    if not all(_status(settings, role).get("pid") == pids[role] for role in status_files):
        return False
    return "web" not in roles or _answers(settings)


def welcome(settings: Settings, roles: Sequence[str]) -> str:
    """The lines, in English with their Chinese beside them."""
    lines = ["", "12345 voice intake is up / 语音受理已启动", ""]
    if "calls" in roles:
        lines.append(f"  Dial / 拨打       sip:12345@{settings.telephony.bind}  (UDP, TCP)")
    if "web" in roles:
        url = settings.web.public_url or f"http://{settings.web.bind}"
        lines.append(f"  Console / 坐席台  {url}")
        if link := _first_sign_in(settings):
            lines.append(f"  First sign-in / 首次登录 (once, 24 h / 一次有效)\n                    {url}{link}")
    if "recogniser" in roles:
        status = _status(settings, "recogniser")
        lines.append(f"  Recogniser / 识别 {status.get('model', '?')}")
        lines += [f"                    {status[key]}" for key in ("good_for_zh", "good_for_en") if status.get(key)]
    lines += ["", f"  Data / 数据       {settings.data_dir.absolute()}", "  Stop / 停止       Ctrl-C", ""]
    return "\n".join(lines)


def _status(settings: Settings, role: str) -> Mapping[str, object]:
    try:
        status = json.loads((settings.runtime_dir / f"{role}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return status if isinstance(status, dict) else {}


def _answers(settings: Settings) -> bool:
    bind = settings.web.bind
    try:
        socket.create_connection((bind.host, bind.port), 0.5).close()
    except OSError:
        return False
    return True


def _first_sign_in(settings: Settings) -> str | None:
    """The path of a one-time link while there is no administrator yet; None too while the database is away."""
    from intake_api.security.sign_in_link import PATH, new_link
    from models.database import DATABASE_AWAY, open_database

    database = open_database(settings.database_url)
    try:
        secret = new_link(database, datetime.now(UTC))
    except DATABASE_AWAY:
        return None
    finally:
        database.dispose()
    return f"{PATH}?token={secret}" if secret else None
