"""Operators: who may sign in, as what, and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from intake.errors import NotFound
from intake.people import add_operator, set_active, set_password, set_role
from intake_api.needs import Now, Reading, ServiceNeeded
from intake_api.problems import Problem
from intake_api.security.actors import Administering
from intake_api.security.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, PasswordUnfit, check_fit
from intake_api.security.rights import Role
from intake_api.wire.page import Cursor, Limit, Page, read_page
from models.tables import Operator

router = APIRouter(prefix="/operators", tags=["operators"])

Password = Annotated[
    str,
    Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, examples=["a long sentence is a good password"]),
]


class OperatorOut(BaseModel):
    """A person, without anything secret."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    role: Role
    language: str
    active: bool
    created_at: datetime


class NewOperator(BaseModel):
    """A person to be let in."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=50, examples=["li"])]
    role: Role
    password: Password


class OperatorEdit(BaseModel):
    """What is to change; a new password or `active: false` ends the person's sessions."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    active: bool | None = None
    password: Password | None = None


@router.get("")
def list_operators(db: Reading, _actor: Administering, limit: Limit = 50, cursor: Cursor = None) -> Page[OperatorOut]:
    """Everybody, the newest first."""
    return read_page(db, select(Operator), Operator.id, cursor, limit, OperatorOut.model_validate)


@router.get("/{operator_id}")
def get_operator(operator_id: UUID, db: Reading, _actor: Administering) -> OperatorOut:
    """One person."""
    operator = db.get(Operator, operator_id)
    if operator is None:
        raise NotFound("operator", "坐席")
    return OperatorOut.model_validate(operator)


@router.post("", status_code=201)
def add(new: NewOperator, service: ServiceNeeded, actor: Administering, now: Now) -> OperatorOut:
    """Let a person in."""
    _check(new.password, new.name)
    password_hash = service.passwords.hash(new.password)
    language = service.settings.language
    by = actor.name
    operator = add_operator(service.database, new.name, new.role, password_hash, by, at=now, language=language)
    return OperatorOut.model_validate(operator)


@router.patch("/{operator_id}")
def change(
    operator_id: UUID, edit: OperatorEdit, service: ServiceNeeded, db: Reading, actor: Administering, now: Now
) -> OperatorOut:
    """Change a role, keep a person out or let them in again, set a password."""
    found = get_operator(operator_id, db, actor)
    db.close()
    database = service.database
    if edit.password is not None:
        _check(edit.password, found.name)
        set_password(database, operator_id, service.passwords.hash(edit.password), actor.name, at=now)
    if edit.role is not None:
        set_role(database, operator_id, edit.role, actor.name, at=now)
    if edit.active is not None:
        set_active(database, operator_id, edit.active, actor.name, at=now)
    with database.reading() as fresh:
        return get_operator(operator_id, fresh, actor)


def _check(password: str, name: str) -> None:
    try:
        check_fit(password, name)
    except PasswordUnfit as unfit:
        sentence_zh = "密码须为 8 到 256 个字符，且不能与姓名相同。"
        raise Problem(422, "bad-input", str(unfit), sentence_zh, field="password") from None
