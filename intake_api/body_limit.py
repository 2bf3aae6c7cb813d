"""A request's body has limits: of size, whether it says its length or comes in chunks, and of patience."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intake_api.errors import of_http

PART_SECONDS = 30.0
"Between two parts of a body: the slowest line sends something in this time."


class BodyLimit:
    """Answers 413 to a body of more than `largest` bytes, before it is read where its length is announced."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._largest:
            await self._refuse(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        received, complete = 0, False

        async def counted() -> Message:
            nonlocal received, complete
            message = await (receive() if complete else _in_time(receive))
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)  # afterwards only the peer's leaving is waited for
            if received > self._largest:
                raise HTTPException(413)
            return message

        return counted

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = of_http(HTTPException(413, headers={"Connection": "close"})).response()
        await response(scope, receive, send)


async def _in_time(receive: Receive) -> Message:
    try:
        return await asyncio.wait_for(receive(), PART_SECONDS)
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
