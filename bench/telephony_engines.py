"""Measures whole engines side by side on one machine: ours, pyVoIP behind our seam, pyVoIP as it is, and baresip.

    python bench/telephony_engines.py [--calls 10] [--seconds 20]

Each answers calls over UDP, hears 50 A-law packets a second from each caller and records them (baresip only plays
them to a null device). CPU and threads are those of the answering process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.telephony_media import RESULTS, FileSink
from config.sections import Address, TelephonySettings
from telephony.engine import IncomingCall
from telephony.media.g711 import ALaw

ENGINES = ("asyncio", "pyvoip", "pyVoIP as it is", "baresip")
RTP_PORTS = (32000, 33999)
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
REQUEST = (
    "{method} sip:12345@127.0.0.1:{to} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{branch};rport\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:1380000{number:04d}@127.0.0.1:{port}>;tag=f{number}\r\n"
    "To: <sip:12345@127.0.0.1:{to}>{tag}\r\nCall-ID: {number}-{run}@bench\r\nCSeq: {cseq} {method}\r\n"
    "Contact: <sip:1380000{number:04d}@127.0.0.1:{port}>\r\n{content}Content-Length: {length}\r\n\r\n{body}"
)
BARESIP = """\
module_path {modules}
module g711.so
module aubridge.so
module_app account.so
module_app contact.so
module_app menu.so
audio_source aubridge,nobody
audio_player aubridge,nobody
audio_alert aubridge,nobody
sip_listen 127.0.0.1:{port}
call_max_calls 300
"""


# -- those who answer -----------------------------------------------------------------------------------------------


async def serve(name: str, port: int, folder: str) -> None:
    """Answer every call and record it, until the process is ended."""
    from hotline.wiring import sip_engine

    class Settings:
        telephony = TelephonySettings(
            engine=name,  # type: ignore[arg-type]
            bind=Address(host="127.0.0.1", port=port),
            rtp_ports=RTP_PORTS,
            max_calls=1000,
            requests_per_second=10_000,
        )

    numbers = iter(range(10_000))

    async def attend(call: IncomingCall) -> None:
        await call.answer(FileSink(folder, next(numbers)))
        await call.ended

    await sip_engine(Settings()).start(attend)  # type: ignore[arg-type]
    await asyncio.Event().wait()


def serve_as_pyvoip_does(port: int, folder: str) -> None:
    """The answering machine of pyVoIP's own documentation, without a registrar."""
    from pyVoIP.VoIP import CallState, VoIPPhone

    numbers = iter(range(10_000))

    def attend(call: Any) -> None:
        call.answer()
        with (Path(folder) / f"{next(numbers)}.pcm").open("ab", buffering=0) as file:
            while call.state == CallState.ANSWERED:
                file.write(call.read_audio())

    phone: Any = VoIPPhone("127.0.0.1", port - 1, "12345", "", "127.0.0.1", attend, port, *RTP_PORTS)
    phone.sip.register = lambda: True
    phone.start()
    threading.Event().wait()


def start(engine: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start one of the engines."""
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if engine != "baresip":
        arguments = ["--serve", engine, "--port", str(port), "--folder", str(folder)]
        return subprocess.Popen([sys.executable, __file__, *arguments], **quiet)
    (module, *_) = Path("/usr/lib").glob("**/baresip/modules/g711.so")
    (folder / "config").write_text(BARESIP.format(modules=module.parent, port=port))
    (folder / "accounts").write_text("<sip:12345@127.0.0.1>;regint=0;answermode=auto\n")
    (folder / "contacts").write_text("")
    return subprocess.Popen(["baresip", "-f", str(folder)], **quiet)


# -- those who call -------------------------------------------------------------------------------------------------


class Callers:
    """Many calls from one SIP socket and one RTP socket."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.sip, self.rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (self.sip, self.rtp):
            sock.bind(("127.0.0.1", 0))
        self.sip.settimeout(5)
        self.rtp.setblocking(False)
        self.port = self.sip.getsockname()[1]
        self.run = time.time_ns()
        self.targets: list[int] = []
        self.tags: list[str] = []

    def _send(self, method: str, number: int, cseq: int, body: str = "", tag: str = "") -> None:
        content = "Content-Type: application/sdp\r\n" if body else ""
        values = {"to": self.to, "port": self.port, "number": number, "run": self.run, "cseq": cseq, "tag": tag}
        branch = f"{method}{number}x{cseq}x{self.run}"
        text = REQUEST.format(method=method, branch=branch, content=content, length=len(body), body=body, **values)
        # pyVoIP without a registrar sends its responses to the port below its own: it is told ours by `rport` only.
        self.sip.sendto(text.encode(), ("127.0.0.1", self.to))

    def call(self, number: int) -> float:
        """Place a call and return the milliseconds until it was answered."""
        began = time.perf_counter()
        self._send("INVITE", number, 1, OFFER.format(port=self.rtp.getsockname()[1]))
        while True:
            text = self.sip.recv(65536).decode()
            if text.startswith("SIP/2.0 200") and f"Call-ID: {number}-" in text:
                break
            if re.match(r"SIP/2.0 [3-6]", text):
                raise RuntimeError(text.split("\r\n")[0])
        took = (time.perf_counter() - began) * 1000
        found = re.search(r"(?im)^To:.*?(;tag=\S+)", text)
        self.tags.append(found[1] if found else "")
        self._send("ACK", number, 1, tag=self.tags[-1])
        media = re.search(r"m=audio (\d+)", text)
        self.targets.append(int(media[1]) if media else 9)
        return took

    def talk(self, seconds: float) -> None:
        """Send 50 packets a second for each call, and take what comes."""
        noise = ALaw().encode(np.random.default_rng(1).normal(0, 2000, 32000).astype(np.int16))
        started = time.monotonic()
        for number in range(int(seconds * 50)):
            payload = noise[number % 200 * 160 : (number % 200 + 1) * 160]
            for index, port in enumerate(self.targets):
                header = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, index + 1)
                self.rtp.sendto(header + payload, ("127.0.0.1", port))
            try:
                while True:
                    self.rtp.recv(4096)
            except BlockingIOError:
                pass
            time.sleep(max(0.0, started + (number + 1) * 0.02 - time.monotonic()))

    def hang_up(self) -> None:
        """End every call."""
        for number, tag in enumerate(self.tags):
            self._send("BYE", number, 2, tag=tag)


def wait_until_bound(port: int, seconds: float = 60.0) -> None:
    """Return when somebody listens on a UDP port, and a little later."""
    deadline = time.monotonic() + seconds
    while f":{port:04X} " not in Path("/proc/net/udp").read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody listens on port {port}")
        time.sleep(0.1)
    time.sleep(1.5)


def cpu_and_threads(pid: int) -> tuple[float, int]:
    """Return CPU seconds and the number of threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(fields[17])


def measure(engine: str, calls: int, seconds: float, port: int) -> dict[str, object]:
    """Return one engine's column."""
    with tempfile.TemporaryDirectory() as name:
        process = start(engine, port, Path(name))
        try:
            wait_until_bound(port)
            callers = Callers(port)
            if engine == "pyVoIP as it is":  # it answers to its server only: we stand in for it
                callers.sip.close()
                callers.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                callers.sip.bind(("127.0.0.1", port - 1))
                callers.sip.settimeout(5)
                callers.port = port - 1
            took = sorted(callers.call(number) for number in range(calls))
            callers.talk(1.0)
            before, _ = cpu_and_threads(process.pid)
            began = time.monotonic()
            callers.talk(seconds)
            after, threads = cpu_and_threads(process.pid)
            lasted = time.monotonic() - began
            callers.hang_up()
            time.sleep(1.0)
        finally:
            process.kill()
            process.wait()
    return {
        "engine": engine,
        "calls": calls,
        "cpu_seconds_per_call_minute": round((after - before) / calls / lasted * 60, 3),
        "threads": threads,
        "answer_p50_ms": round(took[len(took) // 2], 1),
        "answer_worst_ms": round(took[-1], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve")
    parser.add_argument("--port", type=int, default=16500)
    parser.add_argument("--folder", default=".")
    arguments = parser.parse_args()
    if arguments.serve == "pyVoIP as it is":
        serve_as_pyvoip_does(arguments.port, arguments.folder)
    if arguments.serve:
        asyncio.run(serve(arguments.serve, arguments.port, arguments.folder))
    engines = [engine for engine in ENGINES if engine != "baresip" or shutil.which("baresip")]
    rows = []
    for index, engine in enumerate(engines):
        rows.append(measure(engine, arguments.calls, arguments.seconds, arguments.port + 10 * index))
        print(rows[-1])
    write(rows)


def write(rows: list[dict[str, object]]) -> None:
    """Write the table, with machine and date."""
    when = datetime.now(UTC).isoformat(timespec="minutes")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    RESULTS.mkdir(exist_ok=True)
    results = {"date": when, "machine": machine, "engines": rows}
    (RESULTS / "telephony_engines.json").write_text(json.dumps(results, indent=1) + "\n")
    names = list(rows[0])
    page = f"# Engines side by side\n\n{when}, {machine}. Made by `python bench/telephony_engines.py`.\n\n"
    page += f"| {' | '.join(name.replace('_', ' ') for name in names)} |\n|{'---|' * len(names)}\n"
    page += "".join(f"| {' | '.join(str(row[name]) for name in names)} |\n" for row in rows)
    (RESULTS / "telephony_engines.md").write_text(page)


if __name__ == "__main__":
    main()
