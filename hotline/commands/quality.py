"""`hotline evaluate` and `hotline export-corpus`: how well a model hears, on a corpus of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import settings, stop_with


def evaluate(
    model: Annotated[str, typer.Argument(help="A model's name or folder.")],
    corpus: Annotated[Path, typer.Argument(help="A folder with index.tsv (columns file, transcript).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Count a model's character errors on a corpus, before it is put to use."""
    import json

    from asr.corpus import CorpusUnusable, read_corpus
    from asr.evaluation import evaluate as count
    from asr.model_folder import ModelUnusable
    from asr.opening import open_recogniser

    try:
        found = count(open_recogniser(settings(), model), read_corpus(corpus))
    except (CorpusUnusable, ModelUnusable) as error:
        stop_with(f"{error}.")
    figures = {
        "model": model,
        "recordings": found.recordings,
        "characters": found.characters,
        "character_error_rate": round(found.character_error_rate, 4),
        "substitutions": found.substitutions,
        "deletions": found.deletions,
        "insertions": found.insertions,
        "recordings_without_error": found.whole,
        "calibration_error": round(found.calibration_error, 4),
        "real_time_factor": round(found.real_time_factor, 4),
    }
    print(json.dumps(figures) if as_json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def export_corpus(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")]) -> None:
    """Write operators' corrections as a corpus: audio and words, without numbers; confidential calls are left out."""
    from delivery.opening import open_recordings
    from hotline.corpus_export import export_corpus as export
    from models.database import open_database

    found = settings()
    database = open_database(found.database_url)
    try:
        written = export(database, open_recordings(found), folder)
    except FileExistsError:
        stop_with(f"{folder} exists already; exports are not mixed.")
    finally:
        database.dispose()
    print(f"{written.utterances} utterances, {written.seconds / 60:.1f} minutes, in {folder}")
