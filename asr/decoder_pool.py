"""Decoder threads: each call belongs to one, which gives its turns to the call that has waited longest."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from asr.call_decoding import CallDecoding
from asr.crash_journal import CrashJournal

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"After a full disk or an error a call rests this long and is then taken up from its last final utterance."


class DecoderThread:
    """One thread and its calls."""

    def __init__(self, slot: int, journal: CrashJournal, done: Callable[[CallDecoding], None]) -> None:
        self._slot = slot
        self._journal = journal
        self._done = done
        self._calls: dict[str, CallDecoding] = {}
        self._condition = threading.Condition()
        self._stopping = False
        self.decoded_seconds = 0.0
        self._thread = threading.Thread(target=self._run, name=f"decoder-{slot}", daemon=True)
        self._thread.start()

    def add(self, call: CallDecoding) -> None:
        """Take a call for good."""
        with self._condition:
            self._calls[call.folder.call_id] = call
            self._condition.notify()

    def wake(self) -> None:
        """A call of this thread may have become ready."""
        with self._condition:
            self._condition.notify()

    def load(self) -> float:
        """How much there is to do: calls, and the seconds they are behind."""
        calls = list(self._calls.values())
        return len(calls) + sum(call.lag for call in calls)

    def stop(self) -> None:
        """Leave after the present step; the rest is decoded at the next start."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join()
        for call in self._calls.values():
            call.close()

    def _run(self) -> None:
        while (call := self._next()) is not None:
            try:
                with self._journal.decoding(self._slot, call.folder.call_id):
                    self.decoded_seconds += call.step()
                finished = call.transcribed
            except OSError as error:
                logger.error("call %s rests for a moment: %s", call.folder.call_id, error)
                finished = True
            except Exception:  # the thread's outermost line: one recording must not end the others
                logger.exception("call %s could not be decoded", call.folder.call_id)
                self._journal.count(call.folder.call_id)
                finished = True
            if finished:
                call.close()
                with self._condition:
                    del self._calls[call.folder.call_id]
                self._done(call)

    def _next(self) -> CallDecoding | None:
        """Wait for a call that is ready: live ones first, the longest waiting before the others; then the oldest of the
        backlog, one to its end before the next is opened."""
        with self._condition:
            while not self._stopping:
                ready = [call for call in self._calls.values() if call.is_ready]
                live = [call for call in ready if not call.is_backlog]
                if live:
                    return max(live, key=lambda call: call.waiting)
                if ready:
                    return min(ready, key=lambda call: call.folder.call_id)
                self._condition.wait()
            return None


class DecoderPool:
    """A bounded number of threads; a new call goes to the one with the least to do and stays there."""

    def __init__(self, threads: int, journal: CrashJournal, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._journal = journal
        self._lock = threading.Lock()
        self._calls: dict[str, tuple[CallDecoding, DecoderThread]] = {}
        self._resting: dict[str, float] = {}
        self._finished: set[str] = set()
        self._threads = [DecoderThread(slot, journal, self._leave) for slot in range(threads)]

    def needs_nothing(self, call_id: str) -> bool:
        """Whether a scan of the spool may pass the call by: it is being decoded, is done, or rests."""
        with self._lock:
            if self._resting.get(call_id, 0.0) > self._clock():
                return True
            self._resting.pop(call_id, None)
            return call_id in self._calls or call_id in self._finished

    def add(self, call: CallDecoding) -> None:
        """Take up a call."""
        thread = min(self._threads, key=DecoderThread.load)
        with self._lock:
            self._calls[call.folder.call_id] = call, thread
        thread.add(call)

    def recorded(self, call_id: str, size: int) -> None:
        """Take news of a recording's size."""
        with self._lock:
            found = self._calls.get(call_id)
        if found:
            call, thread = found
            call.recorded = max(call.recorded, size)
            if call.is_ready:
                thread.wake()

    def look(self, call_id: str) -> None:
        """Look at a call's folder, because its news says it has ended or may have been lost."""
        with self._lock:
            found = self._calls.get(call_id)
        if found:
            call, thread = found
            call.look()
            if call.is_ready:
                thread.wake()

    def calls(self) -> list[CallDecoding]:
        """Every call that is not done."""
        with self._lock:
            return [call for call, _ in self._calls.values()]

    def finished(self, call_id: str) -> None:
        """Remember a call that needs nothing more."""
        with self._lock:
            self._finished.add(call_id)

    def forget_all_but(self, call_ids: set[str]) -> None:
        """Drop what is known of folders that have been removed."""
        with self._lock:
            self._finished &= call_ids

    def decoded_seconds(self) -> float:
        """Seconds of audio decoded since the start."""
        return sum(thread.decoded_seconds for thread in self._threads)

    def stop(self) -> None:
        """Leave every call after its present step."""
        for thread in self._threads:
            thread.stop()

    def _leave(self, call: CallDecoding) -> None:
        call_id = call.folder.call_id
        if call.transcribed:
            self._journal.forget(call_id)
        with self._lock:
            del self._calls[call_id]
            if call.transcribed:
                self._finished.add(call_id)
            else:
                self._resting[call_id] = self._clock() + RETRY_SECONDS
