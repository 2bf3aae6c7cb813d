"""The whole recipe, small: from texts and one synthesiser to a model that stock vosk hears with."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

NEEDS = "missing: pip install -r training/requirements.txt (torch and kaldifst build models; the product needs neither)"
SENTENCES = "小区停水三天了\n路灯坏了没人修\n物业乱收停车费\n家里暖气不热\n我要投诉老板拖欠工资\n垃圾桶满了没有人收\n"


def checksums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_smoke_recipe_builds_a_model_that_hears(tmp_path: Path) -> None:
    for module in ("torch", "kaldifst", "kaldi_native_fbank"):
        pytest.importorskip(module, reason=NEEDS)
    build = [sys.executable, "-m", "training", "--smoke", "--work", str(tmp_path / "work")]
    subprocess.run(build, check=True, capture_output=True)
    model = tmp_path / "work" / "model"
    graph = checksums(model / "graph")
    (model / "graph" / "HCLG.fst").unlink()
    again = subprocess.run(build, check=True, capture_output=True, text=True)  # goes on: only the graph is made anew
    assert "hours in" not in again.stdout
    assert checksums(model / "graph") == graph

    said = tmp_path / "said.txt"
    said.write_text(SENTENCES, encoding="utf-8")
    measured = subprocess.run(
        [sys.executable, "-m", "training.measure", str(model), "--speak", str(said)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    errors = float(measured.stdout.split("CER ")[1].split(" %")[0])
    assert errors < 50, measured.stdout
