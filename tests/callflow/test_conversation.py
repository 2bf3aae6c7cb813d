"""A conversation, with the telephone line faked and the folder real."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from callflow.answering import Answering
from callflow.folder_of_call import open_folder
from callflow.prompts import Prompts
from config.sections import CallflowSettings, StorageSettings
from config.settings import Settings
from live_bus.local_bus import LocalBus
from spool.call_folder import CallFolder, call_folders
from spool.call_id import uuid7
from spool.facts import Answered, Digit, Ended, Fact, Invited, LineMeasured, NoAudio, PromptPlayed, Wish
from telephony.engine import LadderEntry
from tests.callflow.fake_call import FakeCall
from tests.clients import write_wav

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMES = (
    "greeting",
    "speak",
    "person_noted",
    "transferring",
    "transfer_failed",
    "not_recorded",
    "longest_call",
    "no_audio",
)
PCM = {name: bytes(2 * (100 + number)) for number, name in enumerate(NAMES)}
LOUD = (np.sin(np.arange(8000) / 8) * 12000).astype("<i2").tobytes()

Story = Callable[[FakeCall], Awaitable[None]]


async def settle() -> None:
    """Let every task of the conversation come to rest."""
    for _ in range(50):
        await asyncio.sleep(0)


def lead(data_dir: Path, story: Story, settings: Settings | None = None, **call: bool) -> tuple[FakeCall, CallFolder]:
    """Lead one conversation beside the caller's story and return the call and its folder."""
    found = settings or Settings(data_dir=data_dir)
    found.spool_dir.mkdir(parents=True)
    found.runtime_dir.mkdir(parents=True, exist_ok=True)
    for name, pcm in PCM.items():
        (data_dir / "prompts/zh").mkdir(parents=True, exist_ok=True)
        write_wav(data_dir / "prompts/zh" / f"{name}.wav", pcm)

    async def both() -> FakeCall:
        fake = FakeCall(**call)
        answering = Answering(found, Prompts(data_dir / "prompts"), LocalBus(found.runtime_dir), lambda: AT)
        talk = asyncio.create_task(answering.take(fake))
        await story(fake)
        await asyncio.wait_for(talk, 5)
        return fake

    fake = asyncio.run(both())
    (folder,) = call_folders(found.spool_dir)
    return fake, folder


def facts(folder: CallFolder) -> list[Fact]:
    return [line.fact for line in folder.facts() if line.fact]


def plays(name: str, *, whole: bool = False) -> str:
    return f"play {len(PCM[name])}{' whole' if whole else ''}"


def test_a_call_leaves_its_facts_and_its_audio(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        await settle()
        assert call.sink is not None
        call.sink.write(LOUD)
        call.press("5", 0.5)
        await settle()
        call.end("caller_hung_up")

    call, folder = lead(tmp_path, story)
    kinds = [type(fact) for fact in facts(folder)]
    assert kinds[0] is Invited
    assert kinds[1] is Answered
    assert kinds[-1] is Ended
    assert call.acts[:2] == ["ring", "answer"]
    ended = facts(folder)[-1]
    assert isinstance(ended, Ended)
    assert (ended.end_reason, ended.recorded_seconds, ended.packets_lost) == ("caller_hung_up", 1.0, 1)
    assert [fact.digit for fact in facts(folder) if isinstance(fact, Digit)] == ["5"]
    with wave.open(str(folder.audio_path)) as recording:
        assert recording.readframes(8000) == LOUD


def test_the_line_is_measured_while_the_call_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callflow.conversation.FIRST_MEASURED_SECONDS", 0.01)
    monkeypatch.setattr("callflow.conversation.MEASURED_EVERY_SECONDS", 0.01)

    async def story(call: FakeCall) -> None:
        await asyncio.sleep(0.2)
        call.end("caller_hung_up")

    _, folder = lead(tmp_path, story)
    measured = [fact for fact in facts(folder) if isinstance(fact, LineMeasured)]
    assert len(measured) > 1
    assert measured[0].statistics["packets_received"] == 10
    assert isinstance(facts(folder)[-1], Ended)


def test_the_notice_is_heard_whole_and_the_rest_gives_way_to_speech(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        await settle()
        assert call.sink is not None
        call.sink.write(LOUD)
        assert "stop" not in call.acts
        assert call.playing is not None
        call.playing.set_result(True)
        await settle()
        call.end("caller_hung_up")

    call, _ = lead(tmp_path, story, prompts_wait=True)
    assert plays("greeting", whole=True) in call.acts
    assert plays("speak") not in call.acts, "who spoke over the notice is not asked to speak"


def test_speech_stops_an_interruptible_prompt(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        await settle()
        assert call.playing is not None
        call.playing.set_result(True)
        await settle()
        assert call.sink is not None
        call.sink.write(LOUD)
        await settle()
        call.end("caller_hung_up")

    call, folder = lead(tmp_path, story, prompts_wait=True)
    assert "stop" in call.acts
    played = [fact for fact in facts(folder) if isinstance(fact, PromptPlayed)]
    assert [fact.interrupted for fact in played] == [False, True]


def test_key_0_without_a_person_is_a_wish_noted_once(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        call.press("0")
        call.press("0")
        await settle()
        call.end("caller_hung_up")

    call, folder = lead(tmp_path, story)
    assert [fact.wish for fact in facts(folder) if isinstance(fact, Wish)] == ["person"]
    assert call.acts.count(plays("person_noted")) == 1


@pytest.mark.parametrize("transfers", [True, False])
def test_key_0_transfers_to_a_person(tmp_path: Path, transfers: bool) -> None:
    async def story(call: FakeCall) -> None:
        call.press("0")
        await settle()
        call.end("caller_hung_up")

    settings = Settings(data_dir=tmp_path, callflow=CallflowSettings(person_uri="sip:8000@127.0.0.1"))
    call, folder = lead(tmp_path, story, settings, transfers=transfers)
    assert "transfer sip:8000@127.0.0.1" in call.acts
    assert (plays("transfer_failed") in call.acts) is not transfers
    ended = facts(folder)[-1]
    assert isinstance(ended, Ended)
    assert ended.end_reason == ("transferred" if transfers else "caller_hung_up")


def test_a_caller_who_gives_up_while_it_rings_is_noted(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        call.end("caller_cancelled")
        await settle()

    call, folder = lead(tmp_path, story)
    assert "answer" not in call.acts
    assert [type(fact) for fact in facts(folder)] == [Invited, Ended]


def test_a_full_disk_is_said_to_the_caller(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        await settle()

    settings = Settings(data_dir=tmp_path, storage=StorageSettings(full_disk_bytes=10**18))
    call, folder = lead(tmp_path, story, settings)
    assert plays("not_recorded") in call.acts
    assert call.acts[-1] == "hang up"
    ended = facts(folder)[-1]
    assert isinstance(ended, Ended)
    assert ended.end_reason == "not_recorded"
    assert not folder.audio_path.exists()


def test_a_call_may_not_last_for_ever(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        await asyncio.wait_for(asyncio.shield(call.ended), 5)

    limits = CallflowSettings.model_construct(
        greeting=False, max_call_seconds=0, prompt_languages=("zh",), person_uri=None
    )
    call, _ = lead(tmp_path, story, Settings(data_dir=tmp_path).model_copy(update={"callflow": limits}))
    assert call.acts[-2:] == [plays("longest_call"), "hang up"]


def test_a_dead_line_is_told_noted_and_hung_up(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        call.no_audio.put_nowait(20.0)
        await asyncio.wait_for(asyncio.shield(call.ended), 5)

    settings = Settings(data_dir=tmp_path, callflow=CallflowSettings(greeting=False, dead_line_seconds=0.0))
    call, folder = lead(tmp_path, story, settings)
    assert call.acts[-2:] == [plays("no_audio"), "hang up"]
    assert [fact.position for fact in facts(folder) if isinstance(fact, NoAudio)] == [20.0]


def test_the_ladder_is_kept_beside_the_facts(tmp_path: Path) -> None:
    async def story(call: FakeCall) -> None:
        call.ladder.append(
            LadderEntry(1.0, "in", "UDP", "127.0.0.1:5061", "INVITE (SDP)", "INVITE sip:12345@x SIP/2.0")
        )
        await settle()
        call.end("caller_hung_up")

    _, folder = lead(tmp_path, story)
    (line,) = (folder.path / "sip.jsonl").read_text().splitlines()
    assert json.loads(line)["summary"] == "INVITE (SDP)"


def test_facts_that_a_full_disk_refuses_are_written_when_it_takes_them(tmp_path: Path) -> None:
    spool_dir = tmp_path / "spool"
    spool_dir.write_text("a file where the folder should be: nothing can be written")
    invited = Invited(at=AT, call_id=str(uuid7()), sip_call_id="x", caller_number="1", called_number="2", node="n")
    (tmp_path / "run").mkdir()
    folder = open_folder(spool_dir, invited, LocalBus(tmp_path / "run"), 0)
    folder.note(Ended(at=AT, end_reason="not_recorded"))
    assert not folder.is_written
    assert not folder.is_recorded
    spool_dir.unlink()
    folder.write_again()
    assert folder.is_written
    (written,) = call_folders(spool_dir)
    assert [type(fact) for fact in facts(written)] == [Invited, Ended]
