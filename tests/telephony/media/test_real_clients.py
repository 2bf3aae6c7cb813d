"""Real phones with our engine: what they send is heard, what we send they hear."""

from __future__ import annotations

import asyncio
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from config.sections import Address, TelephonySettings
from telephony.asyncio_engine import AsyncioEngine
from telephony.engine import CallStatistics, DigitPressed, IncomingCall
from telephony.media.g711 import Pcm
from tests.clients import needs, write_wav
from tests.telephony.contract.conftest import free_range
from tests.telephony.media.conftest import ListSink, tone

pytestmark = [pytest.mark.call, pytest.mark.timeout(90)]

CONFIG = """\
module_path {modules}
module stdio.so
module g711.so
module g722.so
module aufile.so
module aubridge.so
module sndfile.so
module menu.so
module_app account.so
module_app contact.so
audio_source aufile,{folder}/said.wav
audio_player aubridge,nobody
audio_alert aubridge,nobody
snd_path {folder}
audio_channels 1-1
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
"""


class Heard:
    """What our side knows of one call."""

    def __init__(self) -> None:
        self.sink = ListSink()
        self.codec, self.rate = "", 0
        self.seconds = 0.0
        self.digits: list[DigitPressed] = []
        self.statistics = CallStatistics()
        self.over = asyncio.Event()

    async def attend(self, call: IncomingCall) -> None:
        await call.answer(self.sink)
        self.codec, self.rate = call.codec, call.sample_rate
        await call.play(tone(1.5, hertz=700).tobytes(), 8000)
        await call.ended
        self.seconds, self.statistics = call.seconds(), call.statistics
        while not call.digits.empty():
            self.digits.append(call.digits.get_nowait())
        self.over.set()


def call_from_baresip(folder: Path, said: Pcm, rate: int, account: str, keys: str) -> Heard:
    needs("baresip", "baresip")
    module = next(iter(Path("/usr/lib").glob("**/baresip/modules/g722.so")))
    write_wav(folder / "said.wav", said.tobytes(), rate)
    (folder / "config").write_text(CONFIG.format(modules=module.parent, folder=folder))
    (folder / "accounts").write_text(f"<sip:13900005678@127.0.0.1>;regint=0{account}\n")
    (folder / "contacts").write_text("")
    return asyncio.run(_call_from_baresip(folder, keys))


async def _call_from_baresip(folder: Path, keys: str) -> Heard:
    low, heard = free_range(), Heard()
    bind = Address(host="127.0.0.1", port=0)
    engine = AsyncioEngine(TelephonySettings(bind=bind, rtp_ports=(low, low + 98)))
    await engine.start(heard.attend)
    process = await asyncio.create_subprocess_exec(
        *(needs("baresip", "baresip"), "-f", str(folder), "-e", f"/dial sip:12345@127.0.0.1:{engine.address[1]}"),
        *("-t", "30"),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    try:
        await asyncio.sleep(2.5)
        for key in keys + "b":
            process.stdin.write(key.encode())
            await process.stdin.drain()
            await asyncio.sleep(0.6)
        process.stdin.write(b"q")
        await asyncio.wait_for(heard.over.wait(), 15)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await engine.stop()
    return heard


def loudest_hertz(samples: Pcm, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


def test_baresip_speaks_wideband(tmp_path: Path) -> None:
    said = tone(6.0, rate=16000, hertz=5200)
    heard = call_from_baresip(tmp_path, said, 16000, ";audio_codecs=G722/16000/1", "1*9")
    assert (heard.codec, heard.rate) == ("G722", 16000)
    samples = heard.sink.samples
    assert len(samples) / 16000 == pytest.approx(heard.seconds, abs=0.1)
    assert loudest_hertz(samples[16000:32000], 16000) == pytest.approx(5200, abs=5), "above what G.711 carries"
    assert "".join(digit.digit for digit in heard.digits) == "1*9"
    with wave.open(str(next(tmp_path.glob("*dec.wav")))) as file:
        played = np.frombuffer(file.readframes(file.getnframes()), np.int16)[:: file.getnchannels()]
        rate = file.getframerate()
    loud = played[np.abs(played) > 1000]
    assert len(loud) / rate > 0.9
    first = int(np.flatnonzero(np.abs(played) > 1000)[0])
    assert loudest_hertz(played[first : first + rate], rate) == pytest.approx(700, abs=10)


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_baresip_speaks_g711(tmp_path: Path, codec: str) -> None:
    heard = call_from_baresip(tmp_path, tone(6.0), 8000, f";audio_codecs={codec}", "20#")
    assert (heard.codec, heard.rate) == (codec, 8000)
    assert len(heard.sink.samples) / 8000 == pytest.approx(heard.seconds, abs=0.1)
    assert loudest_hertz(heard.sink.samples[8000:16000], 8000) == pytest.approx(440, abs=5)
    assert "".join(digit.digit for digit in heard.digits) == "20#"
    assert heard.statistics.packets_lost == 0
    assert heard.statistics.mos is not None
    assert heard.statistics.mos > 4
