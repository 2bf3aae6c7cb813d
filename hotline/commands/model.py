"""`hotline models list|install|verify|use`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from hotline.commands import settings, stop_with

if TYPE_CHECKING:
    from asr.model_store import ModelStore

app = typer.Typer(no_args_is_help=True, help="Recogniser models: see, install, check and choose them.")
T = TypeVar("T")


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print every known model, its size, language, published error, and whether it is installed and in use."""
    import json
    from dataclasses import asdict

    listed = _store().list()
    if as_json:
        rows = [asdict(model.card) | {"installed": model.installed, "in_use": model.in_use} for model in listed]
        print(json.dumps(rows, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "language", "size", "error", "here", "good for")
    for model in listed:
        card = model.card
        here = "in use" if model.in_use else "installed" if model.installed else ""
        words = "\n".join(part for part in (card.good_for_zh, card.good_for_en) if part)
        size = f"{card.size_bytes / 1e6:.0f} MB" if card.size_bytes else ""
        table.add_row(card.name, card.language, size, card.published_error, here, words)
    Console().print(table)


@app.command()
def install(
    source: Annotated[str, typer.Argument(help="A name from `hotline models list`, or a zip, tar or folder.")],
    file: Annotated[Path | None, typer.Option("--from", help="The zip or folder, on a closed network.")] = None,
) -> None:
    """Install a model: fetched with resume and checksum, or from a file; it is there whole or not at all."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    with Progress("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(source, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        folder = _plainly(lambda: _store().install(str(file) if file else source, show))
    print(f"{folder.path.name} is installed. Use it with: hotline models use {folder.path.name}")


@app.command()
def verify(name: str) -> None:
    """Check every byte of a model and load it once."""
    _plainly(lambda: _store().verify(name))
    print(f"{name} is whole and can be loaded.")


@app.command()
def use(name: str) -> None:
    """Choose the model for the next start of the recogniser."""
    _plainly(lambda: _store().use(name))
    print(f"{name} is used from the next start of the recogniser on.")


def _store() -> ModelStore:
    from asr.model_store import ModelStore

    return ModelStore(settings().models_dir)


def _plainly(act: Callable[[], T]) -> T:
    from asr.model_folder import ModelUnusable

    try:
        return act()
    except ModelUnusable as error:
        stop_with(f"{str(error)[:1].upper()}{str(error)[1:]}.")
