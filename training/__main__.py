"""Builds the bundled model.

python -m training                      the default recipe; a broken build goes on where it stopped
python -m training --smoke              minutes, one synthesiser, no recordings: shows that the recipe works
python -m training --recipe large --device cuda --recordings FOLDER --pack
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from training.pack import ARCHIVE, pack
from training.recipe import RECIPES
from training.stages import Build


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description="Build the bundled speech model.")
    parser.add_argument("--recipe", choices=RECIPES, default="default")
    parser.add_argument("--smoke", action="store_const", dest="recipe", const="smoke")
    parser.add_argument("--work", type=Path, default=Path("build/model"))
    parser.add_argument("--recordings", type=Path, help="the folder of sources.toml's recordings and libime's archive")
    parser.add_argument("--device", default="cpu", help="where torch trains: cpu or cuda")
    parser.add_argument("--pack", action="store_true", help=f"replace {ARCHIVE.name}")
    return parser.parse_args()


def main() -> None:
    """Build, and pack when asked."""
    chosen = _options()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[remark]}"), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("building", remark="")

        def say(line: str) -> None:
            bar.console.print(line)
            bar.update(task, description=line.partition(":")[0], completed=0, remark="")

        def progress(done: int, total: int, remark: str) -> None:
            bar.update(task, completed=done, total=total, remark=remark)

        build = Build(RECIPES[chosen.recipe], chosen.work, chosen.recordings, chosen.device, progress, say)
        model = build.run()
    print(f"the model is in {model}")
    if chosen.pack:
        print(f"packed as {ARCHIVE}, SHA-256 {pack(model)}")


if __name__ == "__main__":
    main()
