"""Errors on the wire: RFC 9457 problem details, a plain sentence in English (`detail`) and Chinese (`detail_zh`)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from intake_api.security.rights import RIGHT_ZH, Right

MEDIA_TYPE = "application/problem+json"
TYPES_AT = "/api/v1/docs#"
"A problem's `type` is this and its kind: a page that says what it means."

KINDS = {
    "not-signed-in": (401, "Neither a token nor a session that is valid.", "未登录，或令牌无效。"),
    "no-right": (403, "Signed in, but this is for somebody else.", "没有此操作的权限。"),
    "csrf": (403, "A request by cookie came without its CSRF token, or from another site.", "缺少跨站请求令牌。"),
    "not-found": (404, "There is nothing with that id, or at that address.", "没有此对象。"),
    "method-not-allowed": (405, "The address does not know the method.", "不支持该方法。"),
    "too-slow": (408, "The request's body did not arrive in time.", "请求内容未及时到达。"),
    "conflict": (
        409,
        "The state, version or holder is not what you took it for; `state`, `version` and `by` are current.",
        "状态、版本或受理人与预期不符；state、version、by 为当前值。",
    ),
    "too-large": (413, "The body is larger than the service takes.", "请求内容过大。"),
    "range": (416, "The range begins behind the last byte.", "请求的范围超出录音。"),
    "bad-input": (422, "A value cannot be understood or kept; `errors` or `field` says which.", "输入有误。"),
    "locked": (429, "Too many wrong passwords; `Retry-After` says when to try again.", "密码错误次数过多。"),
    "fault": (500, "A fault of the service; its log tells more under `request_id`.", "服务内部错误。"),
    "too-busy": (503, "More is asked at this moment than can be done.", "当前请求过多。"),
    "database-away": (503, "The database is away; calls are answered all the same.", "数据库暂不可用。"),
    "store-away": (503, "The case store is away; tickets wait.", "工单系统暂不可用。"),
    "recordings-away": (503, "The store of recordings is away.", "录音存储暂不可用。"),
    "bad-request": (400, "The request is not HTTP as this service understands it.", "请求无法理解。"),
    "refused": (400, "The service refuses this; the sentence says why.", "请求被拒绝。"),
}
"Every kind: its status and what it means."


class Problem(Exception):
    """Something the asker must know; `kind` names it (`type` in the answer), `members` are its particulars."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        detail_zh: str,
        *,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.kind = kind
        self.detail = detail
        self.detail_zh = detail_zh
        self.headers = headers
        self.members = members

    def response(self) -> JSONResponse:
        """Return the answer, `application/problem+json`."""
        content = {
            "type": TYPES_AT + self.kind,
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            "detail_zh": self.detail_zh,
            **self.members,
        }
        return JSONResponse(content, self.status, self.headers, media_type=MEDIA_TYPE)


def not_found(what: str, what_zh: str) -> Problem:
    """There is nothing with that id."""
    return Problem(404, "not-found", f"There is no such {what}.", f"没有这个{what_zh}。")


def not_signed_in() -> Problem:
    """Neither a token nor a session that is valid."""
    return Problem(
        401,
        "not-signed-in",
        "Sign in at the console, or send a valid token: 'Authorization: Bearer TOKEN'.",
        "请先登录，或发送有效令牌：“Authorization: Bearer TOKEN”。",
        headers={"WWW-Authenticate": 'Bearer realm="hotline"'},
    )


def no_right(needed: Right) -> Problem:
    """Signed in, but this is for somebody else."""
    return Problem(
        403,
        "no-right",
        f"You may not do this; it needs the right to {needed.name.lower()}.",
        f"您没有此操作的权限（需要“{RIGHT_ZH[needed]}”权限）。",
        needs=needed.name.lower(),
    )


def csrf_missing() -> Problem:
    """An unsafe request with a cookie came without the session's CSRF token, or from another site."""
    return Problem(
        403,
        "csrf",
        "The page is out of date or belongs to another site: reload it and try again.",
        "页面已过期或来自其他网站：请刷新后重试。",
    )


def too_busy(seconds: int = 2) -> Problem:
    """More work at this moment than can be done."""
    return Problem(
        503,
        "too-busy",
        "Too many requests of this kind at this moment: try again in a few seconds.",
        "当前请求过多，请几秒后重试。",
        headers={"Retry-After": str(seconds)},
    )


def database_away() -> Problem:
    """The database cannot be reached; calls are answered and recorded all the same."""
    return Problem(
        503,
        "database-away",
        "The database is away; calls are still answered and recorded. Try again in a few seconds.",
        "数据库暂不可用，来电仍在接听和录音。请几秒后重试。",
        headers={"Retry-After": "5"},
    )


def recordings_away() -> Problem:
    """The store of finished recordings cannot be reached."""
    return Problem(
        503,
        "recordings-away",
        "The store of recordings is away. Try again in a few seconds.",
        "录音存储暂不可用，请几秒后重试。",
        headers={"Retry-After": "10"},
    )
