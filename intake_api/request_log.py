"""One line for each request that changes something or fails, with an id that the answer carries too."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intake_api.errors import answer
from intake_api.metrics import REQUEST_SECONDS
from intake_api.problems import Problem
from intake_api.security.csrf import SAFE_METHODS

logger = logging.getLogger(__name__)
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADER = "X-Request-ID"
API = "/api/v1"


class RequestLog:
    """Gives each request an id, counts it and logs it; the query is never logged, it may hold what is searched for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:  # the request's outermost line
            logger.exception("request failed", extra={"request_id": request_id, "path": scope["path"]})
            if not status:
                response = await run_in_threadpool(_answer, Request(scope), _failed(request_id))
                await response(scope, receive, send_with_id)
        finally:
            _note(scope, status, request_id, time.monotonic() - started)


def _request_id(scope: Scope) -> str:
    brought = Headers(scope=scope).get(HEADER, "")
    return brought if SANE_ID.fullmatch(brought) else secrets.token_hex(8)


def _template(scope: Scope) -> str:
    """Return the route without its ids: FastAPI keeps it without the prefix that it was included under."""
    path: str = getattr(scope.get("route"), "path", "none")
    return API + path if scope["path"].startswith(API) and not path.startswith(API) else path


def _answer(request: Request, problem: Problem) -> Response:
    """Return a page to a browser, unless that fails too."""
    try:
        return answer(request, problem)
    except Exception:
        logger.exception("the page that tells of a fault failed")
        return problem.response()


def _failed(request_id: str) -> Problem:
    sentence = "This is a fault of the service; its log tells more under the request's id."
    return Problem(500, "fault", sentence, "服务内部错误，详见日志中的请求编号。", request_id=request_id)


def _note(scope: Scope, status: int, request_id: str, seconds: float) -> None:
    route = _template(scope)
    method = scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 8 else "other"
    REQUEST_SECONDS.labels(method, route, str(status)).observe(seconds)
    worth_a_line = status >= 400 or method not in SAFE_METHODS
    logger.log(
        logging.INFO if worth_a_line else logging.DEBUG,
        "%s %s %d",
        method,
        scope["path"],
        status,
        extra={"request_id": request_id, "milliseconds": round(seconds * 1000)},
    )
