"""Which exception becomes which answer: for programs problem details, for browsers a page when the console has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from intake.blob_store import BlobUnavailable
from intake.errors import Conflict, IntakeError, Invalid, NotAllowed, NotFound
from intake_api.problems import Problem, database_away, not_found, recordings_away, too_busy
from intake_api.security.guard import Locked
from intake_api.security.passwords import TooManySignIns

ProblemPage = Callable[[Request, Problem], Response]
PROGRAMS_PATHS = ("/api/", "/healthz", "/readyz", "/metrics")

SENTENCES = {
    404: ("not-found", "There is nothing at this address.", "此地址没有内容。"),
    405: ("method-not-allowed", "This address does not know this method.", "此地址不支持该方法。"),
    408: ("too-slow", "The request's body did not arrive in time.", "请求内容未及时到达。"),
    413: ("too-large", "The request's body is too large.", "请求内容过大。"),
}


def install_error_answers(app: FastAPI) -> None:
    """Answer every error of ours with a problem; `app.state.problem_page` makes pages of them for browsers."""
    add = app.add_exception_handler
    add(Problem, lambda request, error: answer(request, _as(Problem, error)))
    add(HTTPException, lambda request, error: answer(request, of_http(_as(HTTPException, error))))
    add(IntakeError, lambda request, error: answer(request, of_verb(_as(IntakeError, error))))
    add(RequestValidationError, lambda request, error: answer(request, of_input(_as(RequestValidationError, error))))
    for away in (OperationalError, InterfaceError, PoolTimeout):
        add(away, lambda request, _error: answer(request, database_away()))
    add(UnicodeEncodeError, lambda request, _error: answer(request, no_text()))
    add(TooManySignIns, lambda request, _error: answer(request, too_busy()))
    add(BlobUnavailable, lambda request, _error: answer(request, recordings_away()))
    add(Locked, lambda request, error: answer(request, locked(_as(Locked, error).seconds)))


def no_text() -> Problem:
    """JSON can escape half a character (a lone surrogate), which no database keeps."""
    return Problem(422, "bad-input", "A text holds half a character (a lone surrogate).", "文字中含有不完整的字符。")


def answer(request: Request, problem: Problem) -> Response:
    """Return a page when a browser asks for one, else the problem itself."""
    page: ProblemPage | None = getattr(request.app.state, "problem_page", None)
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(PROGRAMS_PATHS)
    return page(request, problem) if page and wants_page else problem.response()


def of_verb(error: IntakeError) -> Problem:
    """Return the problem for what a verb refused."""
    match error:
        case NotFound():
            return Problem(404, "not-found", error.sentence, error.sentence_zh)
        case Conflict():
            members: dict[str, Any] = {"state": error.state, "version": error.version, "by": error.by}
            return Problem(409, "conflict", error.sentence, error.sentence_zh, **members)
        case NotAllowed():
            return Problem(403, "no-right", error.sentence, error.sentence_zh)
        case Invalid():
            return Problem(422, "bad-input", error.sentence, error.sentence_zh, field=error.field)
        case _:
            return Problem(400, "refused", error.sentence, error.sentence_zh)


def of_http(error: HTTPException) -> Problem:
    """Return the problem for what the framework itself refuses."""
    kind, detail, detail_zh = SENTENCES.get(error.status_code, ("bad-request", str(error.detail), "请求无法理解。"))
    return Problem(error.status_code, kind, detail, detail_zh, headers=dict(error.headers or {}))


def of_input(error: RequestValidationError) -> Problem:
    """Return 422 with the place and reason of each fault; an id in the path that is none is simply not found."""
    errors: Sequence[dict[str, Any]] = error.errors()
    if any(fault["loc"][0] == "path" for fault in errors):
        return not_found("thing", "对象")
    faults = [{"where": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]} for fault in errors]
    sentence = "; ".join(f"{fault['where']}: {fault['message']}" for fault in faults[:3])
    return Problem(422, "bad-input", f"The request is not understood: {sentence}.", "请求内容有误。", errors=faults)


def locked(seconds: int) -> Problem:
    """Too many wrong passwords from here."""
    return Problem(
        429,
        "locked",
        f"Too many wrong passwords: try again in {seconds} seconds.",
        f"密码错误次数过多，请 {seconds} 秒后再试。",
        headers={"Retry-After": str(seconds)},
    )


def _as(kind: type[Any], error: Exception) -> Any:
    assert isinstance(error, kind)  # noqa: S101 - what add_exception_handler promises, in its looser type
    return error
