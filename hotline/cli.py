"""The command line `hotline`: one file a command in `hotline/commands/`, imported when it is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import call, config_command, draft, keep, model, people, quality, serve, train, transcribe
from hotline.commands import doctor as doctor_command

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Answers a city's 12345 hotline, hears callers offline and drafts tickets for operators to confirm.",
)


@app.callback()
def with_settings(
    config: Annotated[Path | None, typer.Option(help="TOML file with settings (default: hotline.toml).")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder for everything that is kept.")] = None,
) -> None:
    """Arguments are handed on through the environment, so that every process of the service sees them."""
    if config is not None:
        os.environ["HOTLINE_CONFIG"] = str(config.absolute())
    if data_dir is not None:
        os.environ["HOTLINE_DATA_DIR"] = str(data_dir.absolute())


app.command()(serve.serve)
app.command()(call.call)
app.command()(transcribe.transcribe)
app.command()(quality.evaluate)
app.command()(quality.export_corpus)
app.command()(draft.draft)
app.command()(train.train)
app.add_typer(people.operator_app, name="operator")
app.add_typer(people.token_app, name="token")
app.add_typer(model.app, name="models")
app.add_typer(config_command.app, name="config")
app.command()(doctor_command.doctor)
app.command()(keep.migrate)
app.command()(keep.backup)
app.command()(keep.restore)


def main() -> None:
    """Run the command line."""
    app()
