"""`hotline migrate`, `backup`, `restore`: the database and the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import settings, stop_with


def migrate() -> None:
    """Bring the database to the tables of this version (`hotline serve` does it by itself)."""
    from models.migration import migrate as bring_up_to_date

    found = settings()
    found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    changed = bring_up_to_date(found.database_url)
    print("The database was brought up to date." if changed else "The database is up to date.")


def backup(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")]) -> None:
    """Copy the database, recordings and spool, with checksums, while the service may go on."""
    from intake.backup import BackupFailed, back_up

    try:
        print(back_up(settings(), folder))
    except BackupFailed as error:
        stop_with(str(error))


def restore(folder: Annotated[Path, typer.Argument(help="What `hotline backup` wrote.")]) -> None:
    """Put a backup into an empty data folder; the service must be stopped."""
    from intake.backup import BackupFailed, bring_back

    try:
        print(bring_back(settings(), folder))
    except BackupFailed as error:
        stop_with(str(error))
