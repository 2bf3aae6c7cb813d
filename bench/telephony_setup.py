"""Measures how fast calls are set up: INVITE to 200 idle and under load, and memory after many calls.

    python bench/telephony_setup.py [--idle 200] [--rate 20] [--turns 1000] [--engines asyncio pyvoip baresip]

The caller is this process, one UDP socket with messages made beforehand; what answers is another process on the same
machine. Nothing is recorded or recognised.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
RTP_PORTS = (34000, 36999)
CALL_SECONDS = 3.0
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"


class Caller:
    """Places calls from one socket and notes the time from INVITE to 200 of each."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.server = server
        self.port = self.socket.getsockname()[1]
        self.began: dict[str, float] = {}
        self.took: list[float] = []
        self.refused = 0
        self.up: dict[str, tuple[float, str]] = {}
        self.number = 0

    def invite(self) -> None:
        """Send an INVITE."""
        self.number += 1
        name = f"{self.port}-{self.number}"
        self.began[name] = time.perf_counter()
        self.send("INVITE", name, 1, "<sip:12345@127.0.0.1>", SDP)

    def send(self, method: str, name: str, sequence: int, to: str, body: str = "") -> None:
        """Send a request of a call."""
        lines = [
            f"{method} sip:12345@127.0.0.1:{self.server[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{name}-{method}",
            f"From: <sip:bench@127.0.0.1>;tag={name}",
            f"To: {to}",
            f"Call-ID: {name}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:bench@127.0.0.1:{self.port}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.socket.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self.server)

    def receive(self, timeout: float) -> None:
        """Take what has come: acknowledge answers, hang up calls that are old enough."""
        if select.select([self.socket], [], [], max(0.0, timeout))[0]:
            self._take(self.socket.recv(65535).decode("utf-8", "replace"), time.perf_counter())
        now = time.perf_counter()
        for name, (since, to) in list(self.up.items()):
            if now - since > CALL_SECONDS:
                del self.up[name]
                self.send("BYE", name, 2, to)

    def _take(self, text: str, now: float) -> None:
        status = text[8:11]
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in text.split("\r\n"))}
        name = headers.get("call-id", "")
        if not headers.get("cseq", "").endswith("INVITE") or status < "200":
            return
        self.send("ACK", name, 1, headers["to"])
        began = self.began.pop(name, None)
        if began is None:
            return
        if status == "200":
            self.took.append(now - began)
            self.up[name] = now, headers["to"]
        else:
            self.refused += 1

    def finish(self, seconds: float = 10.0) -> None:
        """Wait for the answers that are due and end every call."""
        deadline = time.perf_counter() + seconds
        while (self.began or self.up) and time.perf_counter() < deadline:
            self.receive(0.05)


def idle(server: tuple[str, int], count: int) -> Caller:
    """One call after the other, each answered and hung up before the next begins."""
    caller = Caller(server)
    for _ in range(count):
        caller.invite()
        deadline = time.perf_counter() + 5
        while caller.began and time.perf_counter() < deadline:
            caller.receive(0.5)
        for name, (_, to) in list(caller.up.items()):
            del caller.up[name]
            caller.send("BYE", name, 2, to)
        time.sleep(0.02)
    return caller


def loaded(server: tuple[str, int], rate: float, seconds: float) -> Caller:
    """Calls at an even pace, each lasting `CALL_SECONDS`."""
    caller = Caller(server)
    due = time.perf_counter()
    end = due + seconds
    while due < end:
        if time.perf_counter() >= due:
            caller.invite()
            due += 1 / rate
        caller.receive(due - time.perf_counter())
    caller.finish()
    return caller


def resident(process: int) -> float:
    """Resident memory of a process in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def processor_seconds(process: int) -> float:
    """Processor time a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def summary(caller: Caller) -> dict[str, float]:
    """Return milliseconds."""
    took = sorted(caller.took) or [float("nan")]
    return {
        "calls": len(caller.took),
        "unanswered": len(caller.began),
        "refused": caller.refused,
        "p50_ms": round(statistics.median(took) * 1000, 2),
        "p95_ms": round(took[int(0.95 * (len(took) - 1))] * 1000, 2),
        "max_ms": round(took[-1] * 1000, 2),
    }


@contextmanager
def serving(engine: str) -> Iterator[tuple[tuple[str, int], int]]:
    """Run what answers; yields its address and process."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = baresip(Path(folder), port) if engine == "baresip" else [sys.executable, __file__, "--serve", engine]
        environment = os.environ | {"BENCH_PORT": str(port), "PYTHONPATH": str(Path(__file__).parents[1])}
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(3)
        try:
            yield ("127.0.0.1", port), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()  # pyVoIP's threads outlive their loop


def baresip(folder: Path, port: int) -> list[str]:
    """Return the command of a baresip that answers everything."""
    (module, *_) = Path("/usr/lib").glob("**/baresip/modules/g711.so")
    modules = ["g711.so", "aufile.so", "ausine.so"]
    lines = [f"module_path {module.parent}", *(f"module {name}" for name in modules), "module_app account.so"]
    lines += ["module_app menu.so", f"sip_listen 127.0.0.1:{port}", "net_interface 127.0.0.1", "call_max_calls 0"]
    lines += [f"audio_player aufile,{folder}/heard.wav", "audio_source ausine,440", "audio_alert aufile,/dev/null"]
    lines += [f"rtp_ports {RTP_PORTS[0]}-{RTP_PORTS[1]}", "ausrc_srate 48000"]
    (folder / "config").write_text("\n".join([*lines, ""]))
    (folder / "accounts").write_text("<sip:12345@127.0.0.1>;regint=0;answermode=auto\n")
    (folder / "contacts").write_text("")
    return [shutil.which("baresip") or "baresip", "-f", str(folder)]


def serve(engine: str) -> None:
    """Answer every call at once and drop what is heard."""
    from config.sections import TelephonySettings
    from telephony.engine import IncomingCall, SipEngine

    settings = TelephonySettings.model_validate(
        {
            **{"bind": f"127.0.0.1:{os.environ['BENCH_PORT']}", "rtp_ports": RTP_PORTS},
            **{"max_calls": 1000, "requests_per_second": 100_000},
        }
    )

    class Sink:
        def write(self, pcm: bytes) -> None:
            """Drop it."""

    async def take(call: IncomingCall) -> None:
        await call.answer(Sink())
        await call.ended

    async def run() -> None:
        made: SipEngine
        if engine == "pyvoip":
            from telephony.pyvoip_engine import PyVoipEngine

            made = PyVoipEngine(settings)
        else:
            from telephony.asyncio_engine import AsyncioEngine

            made = AsyncioEngine(settings)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await made.start(take)
        await stop.wait()
        await made.stop()

    asyncio.run(run())


def measure(engine: str, options: argparse.Namespace) -> dict[str, object]:
    """Run every measurement on one engine."""
    with serving(engine) as (server, process):
        idle(server, 10)
        used = processor_seconds(process)
        row: dict[str, object] = {"idle": summary(idle(server, options.idle))}
        row["processor_ms_per_setup"] = round((processor_seconds(process) - used) * 1000 / options.idle, 2)
        row[f"{options.rate:g} calls/s"] = summary(loaded(server, options.rate, options.seconds))
        time.sleep(35)  # until the transactions of those calls are forgotten (RFC 3261, 64*T1)
        before = resident(process)
        turns = loaded(server, options.rate * 2, options.turns / (options.rate * 2)) if options.turns else None
        time.sleep(35 if turns else 0)
        row["memory_mb"] = {"before": round(before, 1), f"after {options.turns} calls": round(resident(process), 1)}
        return row


def main() -> None:
    """Measure and write the result beside the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--engines", nargs="+", default=["asyncio"])
    parser.add_argument("--serve")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, loopback",
        "load average at the start": round(os.getloadavg()[0], 2),
        "engines": {engine: measure(engine, options) for engine in options.engines},
    }
    text = json.dumps(result, indent=2)
    (RESULTS / "telephony_setup.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
