"""`hotline call`: a demo softphone, so that the whole way can be seen with no other program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotline.commands import stop_with

ENDINGS = {"caller_hung_up": "the other side hung up", "we_hung_up": "hung up"}
"The engine's words are the called side's; here we are the caller."


def call(
    uri: Annotated[str, typer.Argument(help="For example sip:12345@127.0.0.1:5060")],
    say: Annotated[str | None, typer.Option(help="Words, spoken by the machine voice.")] = None,
    play: Annotated[Path | None, typer.Option(help="A WAV file.")] = None,
    dtmf: Annotated[str, typer.Option(help="Keys to press after speaking.")] = "",
    caller: Annotated[str, typer.Option(help="The number to call from.")] = "13800001234",
    wait: Annotated[float, typer.Option(help="Seconds to stay on the line after the last word.")] = 1.5,
) -> None:
    """Call, speak, press keys, hang up."""
    import asyncio

    from telephony.softphone import CallFailed, place_call

    pcm, rate = _speech(say, play)
    try:
        outcome = asyncio.run(place_call(uri, pcm, rate, digits=dtmf, caller=caller, seconds_after=wait))
    except CallFailed as error:
        stop_with(f"The call failed: {error}.")
    ending = ENDINGS.get(outcome.end_reason, outcome.end_reason)
    print(
        f"Answered after {outcome.seconds_to_answer * 1000:.0f} ms, {outcome.seconds:.1f} s on the line, "
        f"{len(outcome.heard) / 2 / outcome.sample_rate:.1f} s heard, {ending}. "
        f"Call-ID {outcome.sip_call_id}"
    )


def _speech(say: str | None, play: Path | None) -> tuple[bytes, int]:
    """The words or the file as 16-bit mono PCM; without either, two seconds of silence."""
    if say is not None and play is not None:
        stop_with("Give --say or --play, not both.", 2)
    if say is not None:
        from hotline.voice import say as speak

        return speak(say, 8000, "zh"), 8000
    if play is not None:
        return _read(play)
    return bytes(2 * 16000), 8000


def _read(path: Path) -> tuple[bytes, int]:
    """Any recording that libsndfile reads, its first channel."""
    import soundfile

    try:
        samples, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    except (OSError, RuntimeError):
        stop_with(f"{path} is not a recording that can be read (WAV, FLAC, Opus, Ogg or MP3).")
    return bytes(samples[:, 0].astype("<i2").tobytes()), int(rate)
