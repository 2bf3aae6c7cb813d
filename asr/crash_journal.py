"""Which call each thread is decoding right now, readable after the process has died of it.

Kaldi ends the process where it asserts. `faulthandler` then writes the thread that did it; together with the slot that
thread had filled this names the call. A process killed from outside (SIGKILL) leaves no such trace and accuses nobody.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import mmap
import re
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

logger = logging.getLogger(__name__)

SLOT_SIZE = 64  # a thread's identifier in hexadecimal (at most 16 digits), a space and a call's UUID (36)
CRASHES_ALLOWED = 2
"The first crash may be bad luck; a call that was being decoded at two of them is not decoded again."
CURRENT_THREAD = re.compile(r"Current thread 0x([0-9a-f]+)")


class CrashJournal:
    """Slots for the running process, and counts of crashes for each call over all its processes."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Read what the last process left, then begin afresh."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._counts_path = folder / "recogniser-crashes.json"
        self._slots_path = folder / "recogniser-slots"
        self._trace_path = folder / "recogniser-crash.txt"
        self._crashes = self._read_counts()
        self._lock = threading.Lock()
        culprit = self._culprit()
        if culprit:
            logger.error("the recogniser process died while it decoded call %s", culprit)
            self.count(culprit)
        self._slots_path.write_bytes(bytes(SLOT_SIZE * threads))
        self._file = self._slots_path.open("r+b")
        self._slots = mmap.mmap(self._file.fileno(), SLOT_SIZE * threads)
        self._trace = self._trace_path.open("w", encoding="utf-8")
        faulthandler.enable(self._trace)

    def _culprit(self) -> str | None:
        try:
            found = CURRENT_THREAD.search(self._trace_path.read_text(encoding="utf-8"))
            slots = self._slots_path.read_bytes()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        for start in range(0, len(slots), SLOT_SIZE):
            thread, _, call_id = (
                slots[start : start + SLOT_SIZE].rstrip(b"\0").decode("ascii", "replace").partition(" ")
            )
            if found and call_id and int(found[1], 16) == int(thread, 16):
                return call_id
        return None

    def _read_counts(self) -> dict[str, int]:
        try:
            return {str(call): int(count) for call, count in json.loads(self._counts_path.read_text()).items()}
        except (FileNotFoundError, ValueError, AttributeError):
            return {}

    def decoding(self, slot: int, call_id: str) -> Decoding:
        """A context in which a crash of this thread is laid to that call; costs a microsecond."""
        return Decoding(self._slots, slot * SLOT_SIZE, f"{threading.get_ident():x} {call_id}".encode())

    def count(self, call_id: str) -> None:
        """Note one more failure of a call."""
        with self._lock:
            self._crashes[call_id] = self._crashes.get(call_id, 0) + 1
            self._save()

    def forget(self, call_id: str) -> None:
        """A finished call needs no count."""
        with self._lock:
            if self._crashes.pop(call_id, None) is not None:
                self._save()

    def is_hopeless(self, call_id: str) -> bool:
        """Whether the call is to be set aside."""
        return self._crashes.get(call_id, 0) >= CRASHES_ALLOWED

    def _save(self) -> None:
        fresh = self._counts_path.with_suffix(".fresh")
        fresh.write_text(json.dumps(self._crashes), encoding="utf-8")
        fresh.replace(self._counts_path)

    def close(self) -> None:
        """End without a crash."""
        faulthandler.disable()
        self._trace.close()
        self._slots.close()
        self._file.close()


class Decoding:
    """Fills a slot while its block runs."""

    def __init__(self, slots: mmap.mmap, start: int, entry: bytes) -> None:
        self._slots = slots
        self._start = start
        self._entry = entry.ljust(SLOT_SIZE, b"\0")[:SLOT_SIZE]

    def __enter__(self) -> Self:
        self._slots[self._start : self._start + SLOT_SIZE] = self._entry
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slots[self._start : self._start + SLOT_SIZE] = bytes(SLOT_SIZE)
