"""The `calls` process: SIP, all RTP, the call flow and the spool on one asyncio loop."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from callflow.answering import Answering
from callflow.prompts import Prompts
from callflow.recovery import complete_unfinished_folders
from config.city import city_folder
from config.settings import Settings
from hotline.errors import CannotListen
from hotline.prompts import render_prompts
from hotline.voice import VoiceUnavailable
from hotline.wiring import live_bus, sip_engine
from telephony.engine import SipEngine

logger = logging.getLogger(__name__)

STATUS_SECONDS = 1.0
SECONDS_TO_ANNOUNCE_END = 7.0
"The longest `service_ends` prompt and a breath."


def run(settings: Settings, stop: threading.Event) -> None:
    """Answer calls until `stop` is set, then drain."""
    asyncio.run(_serve(settings, stop))


async def _serve(settings: Settings, stop: threading.Event) -> None:
    settings.spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    started = datetime.now(UTC)
    bus = live_bus(settings)
    answering = Answering(settings, Prompts(_prompts(settings)), bus, lambda: datetime.now(UTC))
    engine = sip_engine(settings)
    try:
        await engine.start(answering.take)
    except OSError as error:
        raise CannotListen(str(error)) from error
    logger.info("answering calls at %s", settings.telephony.bind)
    recovery = asyncio.create_task(asyncio.to_thread(_recover, settings, started))
    syncing = asyncio.create_task(answering.sync_for_ever())
    try:
        while not stop.is_set():
            write_status(settings, engine, len(answering.conversations))
            await asyncio.to_thread(stop.wait, STATUS_SECONDS)
        await _drain(settings, engine, answering)
    finally:
        syncing.cancel()
        await engine.stop()
        await recovery


def _prompts(settings: Settings) -> Path:
    try:
        render_prompts(city_folder(settings.city) / "prompts.toml", settings.prompts_dir)
    except (OSError, VoiceUnavailable) as error:
        logger.error("prompts could not be rendered, calls are answered without the missing ones: %s", error)
    return settings.prompts_dir


def _recover(settings: Settings, started: datetime) -> None:
    completed = complete_unfinished_folders(settings.spool_dir, datetime.now(UTC), started_before=started)
    bus = live_bus(settings)
    for call_id in completed:
        bus.publish("facts", {"call_id": call_id})
        bus.publish("audio", {"call_id": call_id, "bytes": 0, "ended": True})


async def _drain(settings: Settings, engine: SipEngine, answering: Answering) -> None:
    """Calls in progress may go on for a while; those still there are told why they end."""
    seconds = settings.telephony.drain_seconds
    announcement = asyncio.create_task(_announce_end(answering, max(0.0, seconds - SECONDS_TO_ANNOUNCE_END)))
    await engine.drain(seconds)
    announcement.cancel()
    await asyncio.gather(announcement, return_exceptions=True)
    for _ in range(20):  # conversations write their last facts after the engine has let the calls go
        if not answering.conversations:
            break
        await asyncio.sleep(0.05)


async def _announce_end(answering: Answering, after: float) -> None:
    await asyncio.sleep(after)
    await answering.announce_end()


def write_status(settings: Settings, engine: SipEngine, calls: int) -> None:
    """Replace `run/calls.json`, which `/readyz`, `/metrics`, `doctor` and the supervisor read."""
    status = {
        "at": datetime.now(UTC).isoformat(),
        "pid": os.getpid(),
        "calls": calls,
        "engine": settings.telephony.engine,
        "sip_uri": f"sip:12345@{settings.telephony.bind}",
        "trunks": [asdict(trunk) for trunk in engine.trunks()],
        "metrics": dict(engine.metrics()),
    }
    path = settings.runtime_dir / "calls.json"
    part = path.with_suffix(".part")
    try:
        part.write_text(json.dumps(status), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:  # a full disk must not end the calls
        logger.warning("the status cannot be written: %s", error)
