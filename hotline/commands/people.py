"""`hotline operator add` and `hotline token create`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.commands import settings, stop_with

if TYPE_CHECKING:
    from models.database import Database

operator_app = typer.Typer(no_args_is_help=True, help="People who may sign in.")
token_app = typer.Typer(no_args_is_help=True, help="Keys for programs.")

ACTOR = "command line"


@operator_app.callback()
def operators() -> None:
    """People who may sign in."""


@operator_app.command("add")
def add_operator(
    name: str, role: Annotated[str, typer.Option(help="operator, supervisor or admin")] = "operator"
) -> None:
    """Add a person; the password is asked for, or read from standard input when that is not a terminal."""
    from intake.errors import IntakeError
    from intake.people import add_operator as add
    from intake_api.security.passwords import Passwords, PasswordUnfit, check_fit
    from intake_api.security.rights import Role

    if role not in list(Role):
        stop_with(f"There is no role {role}. The roles are {', '.join(Role)}.", 2)
    password = _read_password()
    try:
        check_fit(password, name)
        hashed, language = Passwords().hash(password), settings().language
        operator = add(_database(), name, Role(role), hashed, ACTOR, at=datetime.now(UTC), language=language)
    except (PasswordUnfit, IntakeError) as error:
        stop_with(str(error))
    print(f"{operator.name} may sign in as {operator.role}.")


@token_app.callback()
def tokens() -> None:
    """Keys for programs."""


@token_app.command("create")
def create_token(
    scope: Annotated[str, typer.Option(help="read, operate or admin")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Print a new token, alone; it is not shown again and only its hash is kept."""
    from intake_api.security.api_tokens import create_token as create
    from intake_api.security.rights import Scope

    if scope not in list(Scope):
        stop_with(f"There is no scope {scope}. The scopes are {', '.join(Scope)}.", 2)
    _, secret = create(_database(), Scope(scope), name, ACTOR, datetime.now(UTC))
    print(secret)


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _database() -> Database:
    """The database, migrated: a command may be the first thing ever run."""
    from models.database import open_database
    from models.migration import migrate

    found = settings()
    found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(found.database_url)
    return open_database(found.database_url)
