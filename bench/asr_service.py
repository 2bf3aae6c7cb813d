"""Measures the recogniser process: streams a core beside a bare Vosk loop, latency, memory, start-up.

    python bench/asr_service.py [--calls 1 10 20] [--seconds 24]

Callers are synthesised (espeakng-loader) and speak in real time into a spool. The bare loop holds as many streams of
the same audio at once with the same model, block by block, and asks for partial results as often. Both are counted in
processor seconds, so that a busy machine blurs only the latencies. A word's latency runs from the moment its last
sample was recorded to the moment a partial or final text that holds it reaches the bus.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from asr.model_store import ModelStore
from asr.service_status import read_status
from config.settings import Settings
from hotline.voice import say
from live_bus.local_bus import LocalBus
from tests.asr.calls import Callers, utterances, wait_until_transcribed
from tests.asr.conftest import PAUSE, SENTENCES

RESULTS = Path(__file__).parent / "results"
SERVICE = "import threading, asr.service, config.settings as c; asr.service.run(c.Settings(), threading.Event())"
BARE = """
import sys, time, vosk
vosk.SetLogLevel(-1)
model = vosk.Model(sys.argv[1])
speeches = [open(path, "rb").read() for path in sys.argv[2:]]
decoders = [vosk.KaldiRecognizer(model, 8000) for _ in speeches]
for decoder in decoders:
    decoder.SetWords(True)
begun = time.process_time()
for number, start in enumerate(range(0, max(map(len, speeches)), 1600)):
    for decoder, pcm in zip(decoders, speeches):
        if decoder.AcceptWaveform(pcm[start:start + 1600]):
            decoder.Result()
        elif number % 2:
            decoder.PartialResult()
for decoder in decoders:
    decoder.FinalResult()
print((time.process_time() - begun) / (sum(map(len, speeches)) / 16000))
"""


def main() -> None:
    """Measure and write bench/results/asr_service.json."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 10, 20])
    parser.add_argument("--seconds", type=float, default=24.0)
    arguments = parser.parse_args()
    speeches = spoken(arguments.seconds)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ModelStore(data / "models").find("bundled")
        rows = [measure(data, speeches, calls) for calls in arguments.calls]
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average": os.getloadavg()[0],
        "seconds_of_each_call": arguments.seconds,
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "asr_service.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def spoken(seconds: float) -> list[bytes]:
    """What five callers say."""
    sentences = [say(sentence, 8000) + PAUSE for sentence in SENTENCES]
    orders = [b"".join(sentences[(first + i) % 5] for i in range(8)) for first in range(5)]
    return [speech[: int(seconds * 8000) * 2] for speech in orders]


def measure(data: Path, speeches: list[bytes], calls: int) -> dict[str, float]:
    """One service process with so many callers at once, and the bare loop on the same audio before and after it."""
    settings = Settings(data_dir=data)
    speeches = [speeches[i % 5] for i in range(calls)]
    bare = [bare_loop(data, speeches)]
    started = time.monotonic()
    environment = os.environ | {"HOTLINE_DATA_DIR": str(data)}
    process = subprocess.Popen([sys.executable, "-c", SERVICE], env=environment)
    try:
        start_seconds = wait_for_status(settings, process.pid) - started
        wait_for_self_test(settings)
        row = follow_calls(settings, process.pid, speeches)
    finally:
        process.kill()
        process.wait()
    bare.append(bare_loop(data, speeches))
    factor = statistics.mean(bare)
    return {
        "calls": calls,
        "start_seconds": round(start_seconds, 2),
        "bare_streams_a_core": round(1 / factor, 1),
        "service_streams_a_core": round(1 / row["service_factor"], 1),
        "service_share_of_bare": round(factor / row.pop("service_factor"), 3),
        **row,
    }


def bare_loop(data: Path, speeches: list[bytes]) -> float:
    """Processor seconds a second of audio."""
    paths = [data / f"{number}.pcm" for number in range(len(speeches))]
    for path, speech in zip(paths, speeches, strict=True):
        path.write_bytes(speech)
    folder = ModelStore(data / "models").find("bundled").path
    command = [sys.executable, "-c", BARE, str(folder), *map(str, paths)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def wait_for_status(settings: Settings, pid: int) -> float:
    """The moment at which the process follows the spool."""
    while (status := read_status(settings.runtime_dir)) is None or status.pid != pid:
        time.sleep(0.005)
    return time.monotonic()


def wait_for_self_test(settings: Settings) -> None:
    """Its processor time is not the calls'."""
    while (status := read_status(settings.runtime_dir)) is None or status.hears is None:
        time.sleep(0.1)


def follow_calls(settings: Settings, pid: int, speeches: list[bytes]) -> dict[str, float]:
    """Speak, and listen on the bus like the console."""
    bus = LocalBus(settings.runtime_dir)
    news = bus.subscribe("partial"), bus.subscribe("facts")
    process = psutil.Process(pid)
    before, memory = sum(process.cpu_times()[:2]), process.memory_info().rss
    callers = Callers(settings, bus, speeches, speed=1.0)
    folders = {folder.call_id: folder for folder, _ in callers.calls}
    seen: dict[str, list[tuple[float, int, str]]] = {call_id: [] for call_id in folders}
    done = threading.Event()
    listeners = [threading.Thread(target=listen, args=(one, folders, seen, done)) for one in news]
    for thread in [callers, *listeners]:
        thread.start()
    peak = memory
    while callers.is_alive():
        peak = max(peak, process.memory_info().rss)
        time.sleep(0.1)
    finished = wait_until_transcribed(list(folders.values()))
    used = sum(process.cpu_times()[:2]) - before
    time.sleep(0.3)
    done.set()
    for thread in listeners:
        thread.join()
    latencies = [
        latency for call_id, folder in folders.items() for latency in word_latencies(folder, callers, seen[call_id])
    ]
    return {
        "service_factor": used / sum(len(speech) / 16000 for speech in speeches),
        "word_to_bus_ms_p50": round(1000 * statistics.median(latencies)),
        "word_to_bus_ms_p95": round(1000 * statistics.quantiles(latencies, n=20)[18]),
        "words": len(latencies),
        "end_to_transcribed_ms": round(1000 * (finished - callers.ended_at)),
        "memory_idle_mb": round(memory / 1e6, 1),
        "memory_a_stream_mb": round((peak - memory) / 1e6 / len(speeches), 2),
    }


def listen(news, folders, seen, done) -> None:
    """Note when each text was known."""
    while not done.is_set():
        message = news.receive(0.1)
        if message is None or message["call_id"] not in folders:
            continue
        now, call_id = time.monotonic(), message["call_id"]
        if "text" in message:
            seen[call_id].append((now, message["index"], message["text"]))
        else:
            seen[call_id] += [(now, u.index, u.text) for u in utterances(folders[call_id])[-1:]]


def word_latencies(folder, callers, seen) -> list[float]:
    """For each final word: when a text of its utterance first began with all words up to it."""
    found = []
    for utterance in utterances(folder):
        text = ""
        for word in utterance.words:
            text += word["word"]
            known = [at for at, index, said in seen if index == utterance.index and said.startswith(text)]
            if known:
                found.append(min(known) - (callers.begun + word["end"]))
    return found


if __name__ == "__main__":
    main()
