"""Fits the confidence of a model on recordings of people and prints the points for its card.

    python bench/asr_calibration.py [--model NAME_OR_FOLDER] [--write] CORPUS...

Half of the recordings (every other one) fit, the other half say how true the result is; the points printed are fitted
on all. With `--write` they replace `word_confidence` in asr/bundled_model.toml: do so after every change of the model.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from asr.calibration import expected_error, fit
from asr.checked_recogniser import CheckedRecogniser
from asr.corpus import read_corpus
from asr.evaluation import evaluate
from asr.model_card import HERE
from asr.model_folder import ModelFolder
from asr.model_store import ModelStore
from asr.vosk_recogniser import VoskRecogniser


def main() -> None:
    """Fit, tell, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--model", default="bundled")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    samples = [sample for corpus in arguments.corpora for sample in read_corpus(corpus)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(arguments.model)
        model = ModelFolder(path) if path.is_dir() else ModelStore(Path(folder)).find(arguments.model)
        recogniser = CheckedRecogniser(VoskRecogniser(model))
        fitted_on, told_by = (evaluate(recogniser, samples[half::2]).observed for half in (0, 1))
    calibration = fit(fitted_on)
    print(f"characters: {len(fitted_on)} to fit, {len(told_by)} to tell")
    print(f"expected calibration error as stated: {expected_error(told_by):.3f}")
    print(f"calibrated: {expected_error((calibration(stated), right) for stated, right in told_by):.3f}")
    points = [list(point) for point in fit(fitted_on + told_by).points]
    line = f"word_confidence = {points}"
    print(line)
    if arguments.write:
        write(HERE / "bundled_model.toml", line)


def write(card: Path, line: str) -> None:
    """Replace or append the line."""
    text = card.read_text(encoding="utf-8")
    fresh, count = re.subn(r"^word_confidence = .*$", line, text, flags=re.MULTILINE)
    card.write_text(fresh if count else f"{text.rstrip()}\n{line}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
