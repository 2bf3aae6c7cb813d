"""Roles of people, scopes of tokens, and the four rights that routes ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person is employed to do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a program's token is good for."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


class Right(IntEnum):
    """What a route asks for; each right includes those before it."""

    READ = 1
    OPERATE = 2
    SUPERVISE = 3
    ADMINISTER = 4


RIGHT_ZH = {Right.READ: "查看", Right.OPERATE: "受理", Right.SUPERVISE: "督导", Right.ADMINISTER: "管理"}

RIGHT_OF_ROLE = {Role.OPERATOR: Right.OPERATE, Role.SUPERVISOR: Right.SUPERVISE, Role.ADMIN: Right.ADMINISTER}
RIGHT_OF_SCOPE = {Scope.READ: Right.READ, Scope.OPERATE: Right.OPERATE, Scope.ADMIN: Right.ADMINISTER}


@dataclass(frozen=True)
class Actor:
    """Who is asking: a person at the console or a program with a token; `name` is what the audit log records."""

    name: str
    right: Right
    operator_id: UUID | None = None
    "None for a token."
    role: Role | None = None
    language: str = "zh"
    session_hash: str | None = None
    "The browser session that asks; None for a token."
    csrf_token: str = ""

    def may(self, right: Right) -> bool:
        """Whether the actor has the right."""
        return self.right >= right

    @property
    def sees_numbers(self) -> bool:
        """Whether callers' numbers are shown in full: to programs that operate; a person at the console reveals one,
        with a reason, and that is logged."""
        return self.session_hash is None and self.right >= Right.OPERATE
