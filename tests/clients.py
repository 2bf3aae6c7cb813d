"""Real SIP clients from Debian's packages, each placing one call with speech: SIPp, baresip and Linphone."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.media.g711 import ALaw
from tests.ports import free_port
from tests.waiting import wait_for

SIPP_CALL = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a caller who speaks">
  <send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:12345@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "caller" <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:{caller}@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=sendrecv
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="200" rrs="true" rtd="1"/>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "caller" <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
[routes]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <nop><action><exec rtp_stream="{audio},1,8,PCMA/8000"/></action></nop>
  <pause milliseconds="{milliseconds}"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "caller" <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]-[call_number]
To: <sip:12345@[remote_ip]:[remote_port]>[peer_tag_param]
[routes]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""

BARESIP_CONFIG = """\
module_path {modules}
module stdio.so
module g711.so
module aufile.so
module menu.so
module_app account.so
module_app contact.so
audio_source aufile,{audio}
audio_player aufile,{folder}/heard.wav
audio_alert aufile,{folder}/alert.wav
audio_channels 1-1
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
"""


def needs(program: str, package: str) -> str:
    """Return the program's path, or skip: CI counts such a skip as a failure."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"missing: {program} (apt-get install {package})")
    return path


def write_wav(path: Path, pcm: bytes, sample_rate: int = 8000) -> Path:
    """Write 16-bit mono PCM."""
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, sample_rate, 0, "NONE", ""))
        out.writeframes(pcm)
    return path


def call_with_sipp(
    folder: Path,
    port: int,
    pcm: bytes,
    *,
    caller: str = "13800001234",
    transport: str = "u1",
    after: float = 0.5,
    calls: int = 1,
) -> subprocess.Popen[bytes]:
    """Start SIPp: it calls, plays 8 kHz PCM as A-law, waits `after` seconds and hangs up.

    The Call-ID is `sipp-1-<pid>@127.0.0.1`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speech.alaw").write_bytes(ALaw().encode(np.frombuffer(pcm, "<i2")))
    milliseconds = int(len(pcm) / 16 + after * 1000)
    scenario = folder / "call.xml"
    scenario.write_text(
        SIPP_CALL.format(caller=caller, audio=folder / "speech.alaw", milliseconds=milliseconds), encoding="utf-8"
    )
    command = [
        *(needs("sipp", "sip-tester"), f"127.0.0.1:{port}", "-sf", str(scenario), "-t", transport),
        *("-m", str(calls), "-l", str(calls), "-r", str(calls), "-trace_rtt", "-rtt_freq", "1"),
        *("-i", "127.0.0.1", "-cid_str", "sipp-%u-%p@%s", "-nostdin", "-trace_err", "-timeout", "120"),
    ]
    with (folder / "sipp.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


def sipp_call_id(process: subprocess.Popen[bytes]) -> str:
    """The Call-ID of the call that this SIPp places."""
    return f"sipp-1-{process.pid}@127.0.0.1"


def call_with_baresip(folder: Path, port: int, wav: Path, seconds: float, digits: str = "") -> None:
    """Place a call with baresip, press keys one a second after the first three, and hang up."""
    folder.mkdir(parents=True, exist_ok=True)
    program = needs("baresip", "baresip")
    (module,) = list(Path("/usr/lib").glob("**/baresip/modules/g711.so"))[:1]
    config = BARESIP_CONFIG.format(modules=module.parent, audio=wav, folder=folder)
    (folder / "config").write_text(config, encoding="utf-8")
    (folder / "accounts").write_text("<sip:13900005678@127.0.0.1>;regint=0\n", encoding="utf-8")
    (folder / "contacts").write_text("", encoding="utf-8")
    command = [program, "-f", str(folder), "-e", f"/dial sip:12345@127.0.0.1:{port}", "-t", str(int(seconds + 2))]
    with (folder / "baresip.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
    assert process.stdin is not None
    time.sleep(2.0)
    for digit in digits:
        process.stdin.write(digit.encode())
        process.stdin.flush()
        time.sleep(0.6)
    time.sleep(max(0.0, seconds - 2.0 - 0.6 * len(digits)))
    process.stdin.write(b"b")
    process.stdin.flush()
    time.sleep(0.5)
    process.stdin.write(b"q")
    process.stdin.close()
    process.wait(15)


def call_with_linphone(folder: Path, port: int, wav: Path, seconds: float, digits: str = "") -> None:
    """Place a call with linphonec, which plays a WAV file as its microphone."""
    folder.mkdir(parents=True, exist_ok=True)
    program = needs("linphonec", "linphone-cli")
    (folder / ".local/share/linphone").mkdir(parents=True)  # without its database's folder Linphone opens no port
    config = folder / "linphonerc"
    config.write_text(
        f"[sip]\nsip_port={free_port()}\nsip_tcp_port=0\ncontact=sip:13700009999@127.0.0.1\n"
        f"[rtp]\naudio_rtp_port={free_port()}\n"
    )
    environment = os.environ | {"HOME": str(folder)}
    with (folder / "linphone.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "-c", str(config)], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
        )
    assert process.stdin is not None

    def type_in(line: str, pause: float) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{line}\n".encode())
        process.stdin.flush()
        time.sleep(pause)

    def says(words: str) -> bool:
        return words in (folder / "linphone.log").read_text(errors="replace")

    wait_for(lambda: says("linphonec>"), 30)
    type_in("soundcard use files", 0.2)
    type_in(f"call sip:12345@127.0.0.1:{port}", 0.2)
    wait_for(lambda: says("connected."), 30)
    type_in(f"play {wav}", 1.0)
    for digit in digits:
        type_in(digit, 0.6)
    time.sleep(max(0.0, seconds - 1.0 - 0.6 * len(digits)))
    type_in("terminate", 0.5)
    type_in("quit", 0.5)
    process.stdin.close()
    process.wait(15)
