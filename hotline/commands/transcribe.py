"""`hotline transcribe`: offline decoding of recordings."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import settings, stop_with


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV, FLAC, Opus or MP3, any rate, mono or stereo.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file and line.")] = False,
    srt: Annotated[bool, typer.Option(help="Subtitles.")] = False,
    model: Annotated[str | None, typer.Option(help="A model's name or folder (default: the one in use).")] = None,
) -> None:
    """Decode recordings with words, times and confidences, as the live path would."""
    from asr.model_folder import ModelUnusable
    from asr.opening import open_recogniser
    from asr.transcribe import UnreadableAudio, as_srt, as_text, transcribe_file

    failed = False
    try:
        recogniser = open_recogniser(settings(), model)
    except ModelUnusable as error:
        stop_with(f"{error}.")
    for number, path in enumerate(files):
        if sys.stderr.isatty() and len(files) > 1:
            print(f"[{number + 1}/{len(files)}] {path}", file=sys.stderr)
        if not path.exists():
            print(f"{path}: there is no such file", file=sys.stderr)
            failed = True
            continue
        try:
            result = transcribe_file(path, recogniser)
        except UnreadableAudio as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
            continue
        if as_json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            print(as_srt(result) if srt else as_text(result), flush=True)
    if failed:
        raise SystemExit(1)
