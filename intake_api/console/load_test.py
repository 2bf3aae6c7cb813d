"""How many calls this machine can hear: one decoder is measured in the background, with the lowest priority.

The decoder's processor time is counted, not the clock, so that calls in progress neither suffer nor spoil the figure.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from intake_api.console.language import mark
from intake_api.console.model_commands import Model, ModelRefused, run_hotline

logger = logging.getLogger(__name__)

FILE = "load_test.json"
LONGEST_SECONDS = 600.0
SPEECHES = 40
"Prompts heard in one test: about three minutes of speech, which a small model decodes in some ten seconds."
HEADROOM = 0.8
"Of the decoders' time; the rest is for peaks, for the telephone and for pages."
MEMORY_OF_SIZE = 3
"A decoder needs about so many times its model's size on disk."


@dataclass(frozen=True)
class LoadTest:
    """The last test: `running`, `done` or `failed`."""

    state: str
    at: str
    model: str
    threads: int
    real_time_factor: float = 0.0
    sentence: str = ""

    @property
    def calls_a_thread(self) -> float:
        """Calls that one decoder thread can hear at once, with nothing to spare."""
        return 1 / self.real_time_factor if self.real_time_factor else 0.0

    @property
    def calls(self) -> int:
        """Calls that this machine can hear at once."""
        return int(HEADROOM * self.threads * self.calls_a_thread)


def last_test(settings: Settings) -> LoadTest | None:
    """Return the last test on this machine."""
    try:
        return LoadTest(**json.loads((settings.runtime_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def start(settings: Settings, model: Model, speeches: Sequence[Path]) -> threading.Thread:
    """Measure in the background; raises `ModelRefused` when there is nothing to hear or no room for a second model."""
    if not speeches:
        raise ModelRefused(mark("There is no speech to measure with: prompts are made when calls are answered here."))
    if needed := missing_memory(model):
        message = mark("The test loads the model once more, for which %(size)s GB of memory are missing.")
        raise ModelRefused(message, size=round(needed / 1e9, 1))
    begun = LoadTest("running", datetime.now(UTC).isoformat(), model.name, settings.asr.threads)
    write_test(settings, begun)
    thread = threading.Thread(target=_measure, args=(settings, begun, speeches), daemon=True, name="load test")
    thread.start()
    return thread


def speeches_of(settings: Settings) -> list[Path]:
    """Return recordings of speech that are on every machine that answers calls: the prompts."""
    return sorted((settings.prompts_dir / "zh").glob("*.wav"))


def missing_memory(model: Model, meminfo: Path = Path("/proc/meminfo")) -> int:
    """Return how many bytes are missing to load the model once more; 0 when there is room, or nobody knows."""
    try:
        lines = dict(line.split(":") for line in meminfo.read_text(encoding="ascii").splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return 0
    return max(0, MEMORY_OF_SIZE * model.unpacked_bytes - free)


def _measure(settings: Settings, begun: LoadTest, speeches: Sequence[Path]) -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            corpus = _corpus(Path(folder), speeches)
            said = run_hotline(
                settings, "evaluate", begun.model, str(corpus), "--json", seconds=LONGEST_SECONDS, niced=True
            )
        factor = float(json.loads(said)["real_time_factor"])
        write_test(settings, LoadTest("done", begun.at, begun.model, begun.threads, factor))
    except ModelRefused as refused:
        write_test(settings, LoadTest("failed", begun.at, begun.model, begun.threads, sentence=str(refused)))
    except Exception as error:  # the thread's outermost line
        logger.exception("the load test failed")
        write_test(settings, LoadTest("failed", begun.at, begun.model, begun.threads, sentence=type(error).__name__))


def _corpus(folder: Path, speeches: Sequence[Path]) -> Path:
    lines = ["file\ttranscript"]
    for number in range(SPEECHES):
        name = f"{number}.wav"
        shutil.copy(speeches[number % len(speeches)], folder / name)
        lines.append(f"{name}\t")
    (folder / "index.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_test(settings: Settings, test: LoadTest) -> None:
    """Keep a test as the last one, in one step."""
    path = settings.runtime_dir / FILE
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(asdict(test), ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
