"""Operators: who may sign in, as what; never deleted, as the audit log and tickets name them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from intake.audit import record
from intake.errors import Conflict, Invalid, NotAllowed, NotFound
from models import tables
from models.database import Database
from models.tables import KnownBrowser, Operator

ROLES = ("operator", "supervisor", "admin")
NAME = re.compile(r"[^\W_][\w.@ -]{0,49}")
"Letters of any script; no colon, which would look like a token's name (`token:...`) in the audit log."


def add_operator(
    database: Database, name: str, role: str, password_hash: str, actor: str, *, at: datetime, language: str = "zh"
) -> Operator:
    """Add a person; raises `Conflict` when the name is taken, in whatever case, `Invalid` for a name or role that
    cannot be."""
    trimmed = name.strip()
    _check_role(role)
    check_name(trimmed)
    operator = Operator(name=trimmed, role=role, password_hash=password_hash, language=language, created_at=at)
    try:
        with database.session() as session:
            session.add(operator)
            session.flush()
            record(session, actor, "operator_added", "operator", operator.id, at, name=trimmed, role=role)
    except IntegrityError:
        sentence, sentence_zh = f"There is an operator {trimmed} already.", f"已有名为 {trimmed} 的坐席。"
        raise Conflict(sentence, sentence_zh, state="active", version=0) from None
    return operator


def check_name(name: str) -> None:
    """Refuse what cannot be a person's name; raises `Invalid`."""
    if not NAME.fullmatch(name):
        raise Invalid(
            "name",
            "A name is 1 to 50 letters, digits, spaces or . _ @ - and begins with a letter or digit.",
            "姓名为 1 到 50 个字母、汉字、数字、空格或 . _ @ -，并以字母、汉字或数字开头。",
        )


def set_password(database: Database, operator_id: UUID, password_hash: str, actor: str, *, at: datetime) -> Operator:
    """Change a person's password and end every session, also of who may have learnt the old one."""
    with database.session() as session:
        operator = _load(session, operator_id)
        operator.password_hash = password_hash
        _end_sessions(session, operator_id)
        record(session, actor, "password_set", "operator", operator.id, at)
        return operator


def set_role(database: Database, operator_id: UUID, role: str, actor: str, *, at: datetime) -> Operator:
    """Change what a person may do; raises `NotAllowed` when no administrator would be left."""
    _check_role(role)
    with database.session() as session:
        operator = _load(session, operator_id)
        former = operator.role
        operator.role = role
        _check_an_admin_is_left(session, former)
        record(session, actor, "role_set", "operator", operator.id, at, **{"from": former, "to": role})
        return operator


def set_active(database: Database, operator_id: UUID, active: bool, actor: str, *, at: datetime) -> Operator:
    """Let a person in or keep them out, their sessions ended; raises `NotAllowed` for the last administrator."""
    with database.session() as session:
        operator = _load(session, operator_id)
        operator.active = active
        _check_an_admin_is_left(session, operator.role)
        if not active:
            _end_sessions(session, operator_id)
        action = "operator_reactivated" if active else "operator_deactivated"
        record(session, actor, action, "operator", operator.id, at)
        return operator


def all_operators(database: Database) -> Sequence[Operator]:
    """Return everybody, by name."""
    with database.reading() as session:
        return session.exec(select(Operator).order_by(col(Operator.name))).all()


def _load(session: Session, operator_id: UUID) -> Operator:
    """The rows of all administrators are locked with it: two who demote each other must not both succeed."""
    query = select(Operator).where((col(Operator.id) == operator_id) | (col(Operator.role) == "admin"))
    found = {row.id: row for row in session.exec(query.order_by(col(Operator.id)).with_for_update())}
    if operator_id not in found:
        raise NotFound("operator", "坐席")
    return found[operator_id]


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid("role", f"A role is one of {', '.join(ROLES)}.", f"角色只能为 {', '.join(ROLES)}。")


def _check_an_admin_is_left(session: Session, former: str) -> None:
    if former != "admin":
        return
    session.flush()
    query = select(Operator.id).where(Operator.role == "admin", Operator.active)
    if session.exec(query).first() is None:
        raise NotAllowed("The last administrator stays one.", "至少保留一名管理员。")


def _end_sessions(session: Session, operator_id: UUID) -> None:
    session.execute(delete(tables.Session).where(col(tables.Session.operator_id) == operator_id))
    session.execute(delete(KnownBrowser).where(col(KnownBrowser.operator_id) == operator_id))
