"""Measures the media loop alone: CPU per call-minute, lateness with 50 and 200 calls, memory, sound, impaired lines.

    python bench/telephony_media.py [--calls 50 200] [--seconds 30] [--turns 1000]

Callers are another process on the same machine: it sends and receives 50 packets a second for each call.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import os
import platform
import resource
import socket
import struct
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from telephony.media.codecs import SUPPORTED, coder
from telephony.media.g711 import ALaw
from telephony.media.media_loop import MediaLoop
from telephony.media.session import MediaSession
from telephony.media.turn import SO_TIMESTAMPNS

PORTS = (30000, 34999)
RESULTS = Path(__file__).parent / "results"


class FileSink:
    """The recording as the call flow writes it: one unbuffered append for each batch."""

    def __init__(self, folder: str, number: int) -> None:
        self.path = Path(folder) / f"{number}.pcm"
        self.file = self.path.open("ab", buffering=0)

    def write(self, pcm: bytes) -> None:
        self.file.write(pcm)

    def __del__(self) -> None:
        self.file.close()


def callers(ports: list[int], seconds: float, pipe: Connection) -> None:
    """Send speech-like A-law to every port each 20 ms, and tell how late each packet that comes back is."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    pipe.send(sock.getsockname()[1])
    pipe.recv()
    noise = ALaw().encode(np.random.default_rng(1).normal(0, 2000, 8000 * 4).astype(np.int16))
    arrivals: dict[int, list[tuple[int, float]]] = {}
    started = time.monotonic()
    for number in range(int(seconds * 50)):
        payload = noise[number % 200 * 160 : (number % 200 + 1) * 160]
        for index, port in enumerate(ports):
            header = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, index + 1)
            sock.sendto(header + payload, ("127.0.0.1", port))
        _collect(sock, arrivals)
        time.sleep(max(0.0, started + (number + 1) * 0.02 - time.monotonic()))
    pipe.send(_lateness(arrivals))


def _collect(sock: socket.socket, arrivals: dict[int, list[tuple[int, float]]]) -> None:
    while True:
        try:
            data, control, _, _ = sock.recvmsg(2048, 64)
        except BlockingIOError:
            return
        whole, part = struct.unpack("@ll", control[0][2])
        timestamp, ssrc = struct.unpack_from("!II", data, 4)
        arrivals.setdefault(ssrc, []).append((timestamp, whole + part * 1e-9))


def _lateness(arrivals: dict[int, list[tuple[int, float]]]) -> list[float]:
    """Return milliseconds behind each stream's own fastest packet."""
    late: list[float] = []
    for packets in arrivals.values():
        transit = np.array([at - (timestamp - packets[0][0]) % (1 << 32) / 8000 for timestamp, at in packets])
        late += list((transit - np.sort(transit)[len(transit) // 100]) * 1000)
    return late


async def hold_calls(calls: int, seconds: float) -> dict[str, float]:
    """Hold calls that are recorded to disk and hear silence; return CPU, lateness and loss."""
    media_loop = MediaLoop()
    with tempfile.TemporaryDirectory() as folder:
        sessions = [MediaSession.create(media_loop, "127.0.0.1", PORTS) for _ in range(calls)]
        ours, theirs = multiprocessing.Pipe()
        ports = [session.local_port for session in sessions]
        process = multiprocessing.get_context("spawn").Process(target=callers, args=(ports, seconds, theirs))
        process.start()
        peer = await asyncio.to_thread(ours.recv)
        for number, session in enumerate(sessions):
            session.configure(("127.0.0.1", peer), SUPPORTED["PCMA"], 101)
            session.start(FileSink(folder, number), lambda digit: None, lambda position: None)
        cpu, began = _cpu(), time.monotonic()
        ours.send("go")
        late = await asyncio.to_thread(ours.recv)
        spent, lasted = _cpu() - cpu, time.monotonic() - began
        statistics = [session.statistics for session in sessions]
        ticks = sorted(media_loop.lateness)
        for session in sessions:
            session.close()
        process.join()
    media_loop.close()
    return {
        "calls": calls,
        "cpu_seconds_per_call_minute": round(spent / calls / lasted * 60, 4),
        "packet_lateness_p50_ms": round(float(np.percentile(late, 50)), 2),
        "packet_lateness_p99_ms": round(float(np.percentile(late, 99)), 2),
        "tick_lateness_p99_ms": round(float(np.percentile(ticks, 99)) * 1000, 2),
        "packets_received": sum(s.packets_received for s in statistics),
        "packets_lost": sum(s.packets_lost for s in statistics),
        "expected": int(seconds * 50) * calls,
    }


async def memory_of_calls(turns: int) -> dict[str, float]:
    """Return megabytes after few and after many calls, one second each, 100 at a time."""
    media_loop = MediaLoop()
    before = _megabytes()
    after_first = peak = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(0, turns, 100):
            sessions = [MediaSession.create(media_loop, "127.0.0.1", PORTS) for _ in range(100)]
            for number, session in enumerate(sessions):
                session.configure(("127.0.0.1", sessions[number - 1].local_port), SUPPORTED["PCMA"], 101)
                session.start(FileSink(folder, number), lambda digit: None, lambda position: None)
            await asyncio.sleep(1.0)
            peak = _megabytes()
            for session in sessions:
                session.close()
            sessions.clear()
            gc.collect()
            after_first = after_first or _megabytes()
    media_loop.close()
    return {
        "calls": turns,
        "megabytes_before": before,
        "megabytes_after_100_calls": after_first,
        "megabytes_after_all": _megabytes(),
        "megabytes_while_100_last": peak,
        "megabytes_per_call": round((peak - before) / 100, 3),
    }


async def sound(codec: str, seconds: float) -> dict[str, float | str]:
    """Return the signal to noise ratio of a call at every second, and the slip between the first and the last."""
    media_loop = MediaLoop()
    said = _speech_like(seconds)
    heard: list[bytes] = []
    caller, callee = (MediaSession.create(media_loop, "127.0.0.1", PORTS) for _ in range(2))
    for session, other in ((caller, callee), (callee, caller)):
        session.configure(("127.0.0.1", other.local_port), SUPPORTED[codec], 101)
    sink = type("Sink", (), {"write": lambda self, pcm: heard.append(pcm)})()
    callee.start(sink, lambda digit: None, lambda position: None)
    caller.start(type("Sink", (), {"write": lambda self, pcm: None})(), lambda digit: None, lambda position: None)
    await caller.play(said.tobytes(), 8000)
    await asyncio.sleep(0.1)
    for session in (caller, callee):
        session.close()
    media_loop.close()
    samples = np.frombuffer(b"".join(heard), np.int16).astype(float)
    offsets = [_offset(samples, said, at) for at in range(0, int(seconds) - 1, max(1, int(seconds) // 10))]
    part = samples[offsets[0] : offsets[0] + len(said) - 800]
    noise = part - said[: len(part)]
    ratio = 10 * np.log10(np.sum(said.astype(float) ** 2) / np.sum(noise**2))
    return {"codec": codec, "seconds": seconds, "snr_db": round(float(ratio), 1), "slips": len(set(offsets)) - 1}


def _speech_like(seconds: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 3000, int(seconds * 8000))
    return (noise * (0.3 + 0.7 * np.abs(np.sin(np.arange(len(noise)) / 2000)))).astype(np.int16)


def _offset(heard: np.ndarray, said: np.ndarray, second: int) -> int:
    """Return by how many samples this second of what was said stands later in what was heard."""
    wanted = said[second * 8000 : second * 8000 + 4000].astype(float)
    around = heard[second * 8000 : second * 8000 + 8000]
    return int(np.argmax(np.correlate(around, wanted, "valid")))


def cost_of_codecs() -> dict[str, float]:
    """Return CPU seconds for a minute of audio, decoded and encoded."""
    samples = np.tile(_speech_like(10.0), 6)
    costs: dict[str, float] = {}
    for name in SUPPORTED:
        encoder, decoder = coder(SUPPORTED[name]), coder(SUPPORTED[name])
        wide = np.repeat(samples, 2) if name == "G722" else samples
        began = time.process_time()
        data = encoder.encode(wide)
        costs[f"{name}_encode"] = round(time.process_time() - began, 3)
        began = time.process_time()
        for start in range(0, len(data), 640):
            decoder.decode(data[start : start + 640])
        costs[f"{name}_decode"] = round(time.process_time() - began, 3)
    return costs


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Return everything, with machine and date."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}",
        "load_at_start": os.getloadavg()[0],
        "held": [asyncio.run(hold_calls(calls, arguments.seconds)) for calls in arguments.calls],
        "memory": asyncio.run(memory_of_calls(arguments.turns)),
        "sound": [asyncio.run(sound(codec, arguments.seconds)) for codec in ("PCMA", "PCMU")],
        "cpu_seconds_per_minute_of_audio": cost_of_codecs(),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_markdown(results: dict[str, object]) -> str:
    """Return the results as a page."""
    page = f"# Media loop\n\n{results['date']}, {results['machine']}; load at start {results['load_at_start']:.1f}.\n"
    page += "Made by `python bench/telephony_media.py`.\n"
    for title in ("held", "memory", "sound", "cpu_seconds_per_minute_of_audio"):
        value = results[title]
        rows = value if isinstance(value, list) else [value]
        names = list(rows[0])
        page += f"\n## {title.replace('_', ' ').capitalize()}\n\n| {' | '.join(n.replace('_', ' ') for n in names)} |\n"
        page += f"|{'---|' * len(names)}\n"
        page += "".join(f"| {' | '.join(str(row[name]) for name in names)} |\n" for row in rows)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="*", default=[50, 200])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--turns", type=int, default=1000)
    results = measure(parser.parse_args())
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "telephony_media.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "telephony_media.md").write_text(as_markdown(results))
    print(as_markdown(results))


if __name__ == "__main__":
    main()
