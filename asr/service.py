"""The recogniser process: follows every recording in the spool and writes what was said beside it."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from asr.call_decoding import CallDecoding
from asr.crash_journal import CrashJournal
from asr.decoder_pool import DecoderPool
from asr.opening import LoadedRecogniser, load_recogniser
from asr.self_test import recogniser_hears
from asr.service_status import RecogniserStatus, write_status
from config.settings import Settings
from live_bus.bus import LiveBus, Message, Subscription
from live_bus.local_bus import LocalBus
from spool.call_folder import CallFolder

logger = logging.getLogger(__name__)

SCAN_SECONDS = 1.0
"News may be lost: the spool is looked at this often."
LONGEST_WAIT = 0.25
"Seconds until the process notices that it is to stop."
REMARK = "the recogniser died twice of this recording; it was set aside"


def run(settings: Settings, stop: threading.Event, bus: LiveBus | None = None) -> None:
    """Decode until `stop` is set. Raises `ModelUnusable` when not even the bundled model can be loaded."""
    settings.spool_dir.mkdir(parents=True, exist_ok=True)
    settings.runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    bus = bus or LocalBus(settings.runtime_dir)
    news = bus.subscribe("audio")
    journal = CrashJournal(settings.runtime_dir, settings.asr.threads)
    try:
        RecogniserService(settings, load_recogniser(settings), bus, journal).follow(news, stop)
    finally:
        journal.close()
        news.close()


class RecogniserService:
    """Brings news and the spool's folders to the decoder threads."""

    def __init__(
        self,
        settings: Settings,
        loaded: LoadedRecogniser,
        bus: LiveBus,
        journal: CrashJournal,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._loaded = loaded
        self._bus = bus
        self._journal = journal
        self._clock = clock
        self._pool = DecoderPool(settings.asr.threads, journal, clock)
        self._set_aside: set[str] = set()
        self._hears: bool | None = None
        threading.Thread(target=self._test_itself, name="self-test", daemon=True).start()

    def follow(self, news: Subscription, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        next_scan = self._clock()
        while not stop.is_set():
            wait = min(LONGEST_WAIT, max(0.0, next_scan - self._clock()))
            if message := news.receive(wait):
                self._hear_news(message)
            if self._clock() >= next_scan:
                self._scan()
                self._write_status()
                next_scan = self._clock() + SCAN_SECONDS
        self._pool.stop()

    def _test_itself(self) -> None:
        """Beside the first calls: a large model takes seconds for it."""
        self._hears = recogniser_hears(self._loaded.recogniser)
        if not self._hears:
            logger.error("the model %s does not hear a known recording", self._loaded.recogniser.name)

    def _hear_news(self, message: Message) -> None:
        call_id = str(message.get("call_id", ""))
        path = self._settings.spool_dir / call_id
        if not self._pool.needs_nothing(call_id) and path.name == call_id and path.is_dir():
            self._take_up(CallFolder(path))
        self._pool.recorded(call_id, int(message.get("bytes", 0)))
        if message.get("ended"):
            self._pool.look(call_id)

    def _scan(self) -> None:
        """Look at the calls in hand, and for folders that nobody told us of."""
        for call in self._pool.calls():
            self._pool.look(call.folder.call_id)
        names = {entry.name for entry in os.scandir(self._settings.spool_dir)}
        self._pool.forget_all_but(names)
        for name in sorted(name for name in names if not self._pool.needs_nothing(name)):
            path = self._settings.spool_dir / name
            if path.is_dir():
                self._take_up(CallFolder(path))

    def _take_up(self, folder: CallFolder) -> None:
        interval = self._settings.asr.partial_interval_ms / 1000
        try:
            call = CallDecoding(folder, self._loaded.recogniser, self._bus, interval, self._clock)
            if call.transcribed:
                self._pool.finished(folder.call_id)
            elif self._journal.is_hopeless(folder.call_id):
                self._give_up(call)
            else:
                self._pool.add(call)
        except OSError as error:  # one folder that cannot be read, or a full disk: looked at again in a second
            logger.error("call %s is not taken up yet: %s", folder.call_id, error)

    def _give_up(self, call: CallDecoding) -> None:
        """Mark a call that the decoder dies of, once it has ended; until then nobody decodes it."""
        call_id = call.folder.call_id
        if call_id not in self._set_aside:
            logger.error("call %s is set aside: %s", call_id, REMARK)
            self._set_aside.add(call_id)
        if call.ended:
            call.set_aside(REMARK)
            self._pool.finished(call_id)
            self._journal.forget(call_id)

    def _write_status(self) -> None:
        calls = self._pool.calls()
        status = RecogniserStatus(
            at=datetime.now(UTC).isoformat(),
            model=self._loaded.recogniser.name,
            good_for_zh=self._loaded.card.good_for_zh,
            good_for_en=self._loaded.card.good_for_en,
            remark=self._loaded.remark,
            hears=self._hears,
            threads=self._settings.asr.threads,
            live_calls=sum(not call.is_backlog for call in calls),
            backlog_calls=sum(call.is_backlog for call in calls),
            lag_seconds={call.folder.call_id: round(call.lag, 2) for call in calls},
            longest_lag_seconds=round(max((call.lag for call in calls), default=0.0), 2),
            decoded_seconds=round(self._pool.decoded_seconds(), 1),
            busy_seconds=round(time.process_time(), 1),
            set_aside=sorted(self._set_aside),
        )
        try:
            write_status(self._settings.runtime_dir, status)
        except OSError as error:
            logger.warning("the status could not be written: %s", error)
