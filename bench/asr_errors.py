"""Character errors of recognisers on corpora, side by side.

    python bench/asr_errors.py [--model NAME_OR_FOLDER ...] [--json FILE] CORPUS...

Without `--model` it is the bundled one. A corpus is a folder with index.tsv (`file`, `transcript`) and its recordings.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from asr.corpus import read_corpus
from asr.evaluation import evaluate
from asr.model_folder import ModelFolder
from asr.model_store import ModelStore
from asr.opening import recogniser_of


def main() -> None:
    """Print a table; with --json write the figures too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--every", type=int, default=1, help="measure each n-th recording")
    arguments = parser.parse_args()
    rows = []
    print("| Model | Corpus | n | CER % | sub / del / ins | whole % | calibration error | real-time factor |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.model or ["bundled"]:
            path = Path(model)
            model_folder = ModelFolder(path) if path.is_dir() else ModelStore(Path(folder)).find(model)
            for corpus in arguments.corpora:
                rows.append(measure(model, model_folder, corpus, arguments.every))
    if arguments.json:
        result = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "rows": rows,
        }
        arguments.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def measure(name: str, folder: ModelFolder, corpus: Path, every: int) -> dict[str, object]:
    """One line of the table."""
    samples = read_corpus(corpus)[::every]
    found = evaluate(recogniser_of(folder), samples)
    row = {
        "model": Path(name).name,
        "corpus": corpus.name,
        "recordings": found.recordings,
        "character_error_rate": round(found.character_error_rate, 4),
        "substitutions": found.substitutions,
        "deletions": found.deletions,
        "insertions": found.insertions,
        "whole": found.whole,
        "calibration_error": round(found.calibration_error, 3),
        "real_time_factor": round(found.real_time_factor, 4),
    }
    whole = 100 * found.whole / found.recordings
    print(
        f"| {row['model']} | {row['corpus']} | {found.recordings} | {100 * found.character_error_rate:.1f} "
        f"| {found.substitutions} / {found.deletions} / {found.insertions} | {whole:.0f} "
        f"| {found.calibration_error:.3f} | {found.real_time_factor:.3f} |",
        flush=True,
    )
    return row


if __name__ == "__main__":
    main()
