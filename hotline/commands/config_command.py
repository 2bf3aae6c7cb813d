"""`hotline config show|check`."""

from __future__ import annotations

import json

import typer

from hotline.commands import settings

app = typer.Typer(no_args_is_help=True, help="See and check the settings.")


@app.command()
def show() -> None:
    """Print every setting in force as JSON; secrets are hidden."""
    print(json.dumps(settings().model_dump(mode="json"), ensure_ascii=False, indent=2))


@app.command()
def check() -> None:
    """Say whether the settings and the city's data can be used."""
    from config.city import load_city

    found = settings()
    load_city(found.city)
    print(f"The settings are good; the city is {found.city}, the data folder {found.data_dir.absolute()}.")
