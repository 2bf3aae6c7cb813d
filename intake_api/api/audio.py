"""Recordings: by Range while they grow and afterwards, and as a stream that follows a call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from intake.revealing import listen_in
from intake_api.api.calls import load_call
from intake_api.byte_range import ByteRange, Unsatisfiable, asked_range
from intake_api.needs import DatabaseNeeded, Now, ServiceNeeded
from intake_api.problems import Problem, not_found
from intake_api.recording import Recording, find_recording
from intake_api.security.actors import Reader, Supervising
from models.states import CallState
from spool.call_folder import SAMPLE_WIDTH, CallFolder, wav_header

router = APIRouter(prefix="/calls", tags=["calls"])

LOOK_EVERY_SECONDS = 0.1
"Added to what a listener hears late; the telephone's own delay is about as much."
LOOK_FOR_THE_END_AFTER = 10
"Looks without a new sample before the facts are asked whether the call is over."
WAV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/wav": {}}, "description": "The recording, so far or as a whole."},
    206: {"content": {"audio/wav": {}}, "description": "The part that was asked for."},
    416: {"content": {"application/problem+json": {}}, "description": "The part begins behind the end."},
}


@router.head("/{call_id}/audio", include_in_schema=False)
@router.get("/{call_id}/audio", response_class=Response, responses=WAV)
def get_audio(
    call_id: UUID,
    request: Request,
    service: ServiceNeeded,
    _actor: Reader,
    range: Annotated[str | None, Header(examples=["bytes=0-65535"])] = None,
    if_range: Annotated[str | None, Header()] = None,
) -> Response:
    """The WAV (16-bit mono), also in parts; of a call in progress, what there is at this moment."""
    with service.database.reading() as db:
        call = load_call(db, call_id)
    recording = find_recording(service.settings, service.recordings, call)
    if recording is None:
        raise not_found("recording", "录音")
    etag = f'"{call_id}-{recording.size}"'
    asked = range if if_range in (None, etag) else None
    return _answer(recording, asked, etag, head=request.method == "HEAD")


def _answer(recording: Recording, asked: str | None, etag: str, *, head: bool) -> Response:
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "private, no-cache"}
    try:
        part = asked_range(asked, recording.size)
    except Unsatisfiable:
        raise behind_the_end(recording.size) from None
    if part:
        headers["Content-Range"] = part.content_range(recording.size)
    whole = ByteRange(0, recording.size)
    headers["Content-Length"] = str((part or whole).length)
    content = iter(()) if head else recording.read(part or whole)
    return StreamingResponse(content, 206 if part else 200, headers, media_type="audio/wav")


def behind_the_end(size: int) -> Problem:
    """The range begins where the recording has no byte (any more, or yet)."""
    headers = {"Content-Range": f"bytes */{size}"}
    return Problem(416, "range", f"The recording has {size} bytes.", f"录音共有 {size} 字节。", headers=headers)


@router.get("/{call_id}/audio/live", response_class=Response, responses={200: {"content": {"audio/wav": {}}}})
def follow_audio(
    call_id: UUID, service: ServiceNeeded, database: DatabaseNeeded, actor: Supervising, now: Now
) -> StreamingResponse:
    """Listen in: the WAV from this moment until the call is over; for supervisors, and logged."""
    with database.reading() as db:
        state = load_call(db, call_id).state
    if state == CallState.ENDED:
        detail, detail_zh = "The call is over: hear its recording.", "通话已结束，请收听录音。"
        raise Problem(409, "conflict", detail, detail_zh, state=str(state))
    folder = CallFolder(service.settings.spool_dir / str(call_id))
    if not folder.path.is_dir():
        raise not_found("recording on this machine", "本机录音")
    listen_in(database, call_id, actor.name, at=now)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_follow(folder), headers=headers, media_type="audio/wav")


async def _follow(folder: CallFolder) -> AsyncIterator[bytes]:
    """Yield a header without a length, then the sound as it is recorded, from half a second ago."""
    rate = folder.sample_rate()
    position = max(0, folder.audio_bytes() - rate // 2 * SAMPLE_WIDTH)
    yield wav_header(rate, None)
    silent_looks = 0
    while silent_looks < LOOK_FOR_THE_END_AFTER or not await asyncio.to_thread(lambda: folder.is_ended):
        new = folder.audio_bytes() - position
        if new > 0:
            chunk = await asyncio.to_thread(folder.read_audio, position, new)
            position += len(chunk)
            yield chunk
        silent_looks = 0 if new > 0 else (silent_looks + 1) % (LOOK_FOR_THE_END_AFTER + 1)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
