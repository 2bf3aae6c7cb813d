"""One call from INVITE to the end: the steps a caller goes through, as a table."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime

from callflow.barge_in import BargeIn
from callflow.folder_of_call import FolderOfCall
from callflow.prompts import Prompts
from config.sections import CallflowSettings
from spool.facts import Answered, Digit, Ended, LineMeasured, NoAudio, PromptPlayed, Wish
from telephony.engine import CallEnded, CallStatistics, DigitPressed, EndReason, IncomingCall

logger = logging.getLogger(__name__)

KEY_FOR_A_PERSON = "0"
FIRST_MEASURED_SECONDS = 5.0
MEASURED_EVERY_SECONDS = 30.0
"Of a call that a crash cuts off so much is not known of its line; 200 calls write seven lines a second."
Clock = Callable[[], datetime]


class Conversation:
    """What is said to one caller and noted of them."""

    def __init__(
        self, call: IncomingCall, folder: FolderOfCall, prompts: Prompts, settings: CallflowSettings, clock: Clock
    ) -> None:
        self._call = call
        self._folder = folder
        self._prompts = prompts
        self._settings = settings
        self._clock = clock
        self._speaker = asyncio.Lock()  # one prompt at a time, in the order they were asked for
        self._interruptible = False
        self._interrupted = False
        self._barge_in: BargeIn | None = None
        self._asked_for_person = False
        self._background: set[asyncio.Future[None]] = set()

    async def run(self, ring_seconds: float) -> None:
        """Ring, answer, greet, listen until somebody hangs up; the folder is complete when this returns."""
        reason: EndReason | str = "failed"
        try:
            self._call.ring()
            await self._wait_or_ended(ring_seconds)
            await self._answer()
            await self._talk()
            reason = await self._call.ended
        except CallEnded:
            reason = await self._call.ended
        except asyncio.CancelledError:
            reason = "node_restarted"
            raise
        finally:
            self._close(str(reason))

    async def _answer(self) -> None:
        if self._folder.is_recorded:
            self._folder.on_failure = lambda: self._later(self._give_up_recording())
            self._folder.on_audio = self._hear
        await self._call.answer(self._folder)
        self._folder.open_recording(self._call.sample_rate)
        self._barge_in = BargeIn(self._call.sample_rate)
        self._note(Answered(at=self._clock(), codec=self._call.codec, sample_rate=self._call.sample_rate))

    async def _talk(self) -> None:
        """Play the greeting and note every key, both until the call is over."""
        if not self._folder.is_recorded:
            await self._say("not_recorded")
            await self._call.hang_up()
            return
        steps: tuple[Callable[[], Awaitable[None]], ...] = (
            *(self._greet, self._follow_keys, self._follow_silence, self._measure_line, self._end_after_longest),
        )
        tasks = [asyncio.ensure_future(step()) for step in steps]
        try:
            await asyncio.shield(self._call.ended)
            await self._note_keys_left()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _greet(self) -> None:
        """The recording notice in the first language is heard whole, as the law asks; the rest gives way to speech."""
        if not self._settings.greeting:
            return
        for number, language in enumerate(self._settings.prompt_languages):
            for name in ("greeting", "speak"):
                whole = await self._say(name, language, interruptible=bool(number) or name != "greeting")
                if not whole or self._interrupted:
                    return

    async def _follow_keys(self) -> None:
        while True:
            pressed = await self._call.digits.get()
            self._note_key(pressed)
            self._interrupt()
            if pressed.digit == KEY_FOR_A_PERSON and not self._asked_for_person:
                self._asked_for_person = True
                self._later(self._fetch_person())

    async def _fetch_person(self) -> None:
        """A person is reachable at any moment (GB/T 33358): transfer, or promise to be called back."""
        self._note(Wish(at=self._clock(), wish="person"))
        if self._settings.person_uri is None:
            await self._say("person_noted")
            return
        await self._say("transferring")
        if not await self._call.transfer(self._settings.person_uri):
            self._asked_for_person = False
            await self._say("transfer_failed")

    async def _measure_line(self) -> None:
        await asyncio.sleep(FIRST_MEASURED_SECONDS)
        while True:
            self._note(LineMeasured(at=self._clock(), statistics=measured(self._call.statistics)))
            await asyncio.sleep(MEASURED_EVERY_SECONDS)

    async def _end_after_longest(self) -> None:
        await asyncio.sleep(self._settings.max_call_seconds)
        await self._say("longest_call")
        await self._call.hang_up()

    async def _give_up_recording(self) -> None:
        await self._say("not_recorded")
        await self._call.hang_up()

    async def announce_end(self) -> None:
        """Tell the caller that the service stops and that what was said is kept."""
        await self._say("service_ends")

    async def _follow_silence(self) -> None:
        """Tell a caller who cannot be heard; a line that stays dead is given up, so that it does not hold a place."""
        while True:
            position = await self._call.no_audio.get()
            self._note(NoAudio(at=self._clock(), position=round(position, 3)))
            before = self._call.statistics.packets_received
            await self._say("no_audio")
            await asyncio.sleep(self._settings.dead_line_seconds)
            if self._call.statistics.packets_received == before:
                await self._call.hang_up()

    async def _say(self, name: str, language: str = "", *, interruptible: bool = True) -> bool:
        """Play a prompt and note when it was heard; return whether it was heard to its end."""
        prompt = self._prompts.get(name, language or self._settings.prompt_languages[0])
        if prompt is None:
            return True
        async with self._speaker:
            if self._call.ended.done():
                return False
            start = self._call.seconds()
            self._interruptible = interruptible
            whole = await self._call.play(prompt.pcm, prompt.sample_rate, interruptible=interruptible)
            self._interruptible = False
        times = {"start_time": round(start, 3), "end_time": round(self._call.seconds(), 3)}
        self._note(PromptPlayed(at=self._clock(), prompt=prompt.name, **times, interrupted=not whole))
        return whole

    def _hear(self, pcm: bytes) -> None:
        if self._barge_in is not None and self._barge_in.hear(pcm):
            self._interrupt()

    def _interrupt(self) -> None:
        self._interrupted = True
        if self._interruptible:
            self._call.stop_playing()

    def _note(self, fact: Answered | Digit | PromptPlayed | Wish | NoAudio | LineMeasured | Ended) -> None:
        self._folder.note(fact)

    def _note_key(self, pressed: DigitPressed) -> None:
        position = round(pressed.position, 3)
        self._note(Digit(at=self._clock(), digit=pressed.digit, position=position, method=pressed.method))

    async def _note_keys_left(self) -> None:
        with contextlib.suppress(asyncio.QueueEmpty):
            while True:
                self._note_key(self._call.digits.get_nowait())

    def _close(self, reason: str) -> None:
        statistics = self._call.statistics
        seconds = self._folder.close_recording()
        recorded = self._folder.is_recorded or seconds > 0
        self._note(
            Ended(
                at=self._clock(),
                end_reason=reason if recorded else "not_recorded",
                recorded_seconds=round(seconds, 3),
                packets_received=statistics.packets_received,
                packets_lost=statistics.packets_lost,
                statistics=measured(statistics),
            )
        )
        self._folder.tell_end()

    async def _wait_or_ended(self, seconds: float) -> None:
        if seconds > 0:
            await asyncio.wait({self._call.ended}, timeout=seconds)

    def _later(self, step: Awaitable[None]) -> None:
        task = asyncio.ensure_future(step)
        self._background.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._background.discard)


def measured(statistics: CallStatistics) -> dict[str, float | None]:
    """Return the statistics for a fact, in no finer steps than they are measured."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(statistics).items()}
