"""Who asks: the dependency of every route that is not open to everybody.

    @router.get("/drafts")
    def list_drafts(actor: Reader, ...): ...

`Reader`, `Operating`, `Supervising` and `Administering` answer 401 to nobody, 403 to somebody without the right, and
403 to an unsafe request by cookie without its CSRF token.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from intake_api.needs import Now, Service, ServiceNeeded
from intake_api.problems import csrf_missing, no_right, not_signed_in
from intake_api.security import api_tokens, web_session
from intake_api.security.cookies import SESSION, read_cookie
from intake_api.security.csrf import SentToken, is_forged
from intake_api.security.rights import RIGHT_OF_ROLE, RIGHT_OF_SCOPE, Actor, Right, Role, Scope

BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `hotline token create`.")
COOKIE = APIKeyCookie(
    name=SESSION,
    auto_error=False,
    scheme_name="session",
    description="The console's session; methods other than GET also need the header `X-CSRF-Token`.",
)

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]
SessionCookie = Annotated[str | None, Security(COOKIE)]


def actor_of_token(service: Service, secret: str, now: datetime) -> Actor | None:
    """Return the program that a bearer token names."""
    token = api_tokens.find_token(service.database, secret)
    if token is None:
        return None
    api_tokens.mark_used(service.database, token, now)
    # Names may be given twice; two programs must not pass for one and share what they have claimed.
    name = f"token:{token.name}-{token.id.hex[-6:]}" if token.name else f"token:{token.id.hex[-6:]}"
    return Actor(name=name, right=RIGHT_OF_SCOPE[Scope(token.scope)])


def actor_of_cookie(service: Service, cookie: str, now: datetime) -> Actor | None:
    """Return the person whose session a cookie opens."""
    found = web_session.find_session(service.database, cookie, now)
    if found is None:
        return None
    session, operator = found
    web_session.mark_seen(service.database, session, now)
    role = Role(operator.role)
    return Actor(
        name=operator.name,
        right=RIGHT_OF_ROLE[role],
        operator_id=operator.id,
        role=role,
        language=operator.language,
        session_hash=session.token_hash,
        csrf_token=session.csrf_token,
    )


def actor_or_nobody(request: Request, service: ServiceNeeded, now: Now) -> Actor | None:
    """Return who asks, by token when the request brings one, else by cookie; None for nobody."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return actor_of_token(service, secret.strip(), now)
    cookie = read_cookie(request, service, SESSION)
    return actor_of_cookie(service, cookie, now) if cookie else None


MaybeActor = Annotated[Actor | None, Depends(actor_or_nobody)]


def signed_in(
    request: Request, actor: MaybeActor, csrf_token: SentToken, _token: Credentials, _cookie: SessionCookie
) -> Actor:
    """Return who asks; 401 for nobody, 403 for a forged request. The last two are there for OpenAPI."""
    if actor is None:
        raise not_signed_in()
    if actor.session_hash is not None and is_forged(request, csrf_token, actor.csrf_token):
        raise csrf_missing()
    return actor


SignedIn = Annotated[Actor, Depends(signed_in)]


_NEEDED: dict[Callable[..., Any] | None, Right] = {}


def requires(right: Right) -> Callable[[Actor], Actor]:
    """Return the dependency that lets only actors with the right pass."""

    def with_right(actor: SignedIn) -> Actor:
        if not actor.may(right):
            raise no_right(right)
        return actor

    _NEEDED[with_right] = right
    return with_right


def right_needed(dependant: Dependant) -> Right | None:
    """Return the right that a route asks for; None for one that is open to everybody."""
    below = [right_needed(each) for each in dependant.dependencies]
    return max((right for right in (_NEEDED.get(dependant.call), *below) if right is not None), default=None)


Reader = Annotated[Actor, Depends(requires(Right.READ))]
Operating = Annotated[Actor, Depends(requires(Right.OPERATE))]
Supervising = Annotated[Actor, Depends(requires(Right.SUPERVISE))]
Administering = Annotated[Actor, Depends(requires(Right.ADMINISTER))]
