"""What the player draws."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID

from fastapi import Response
from fastapi.responses import JSONResponse

from intake_api.byte_range import ByteRange
from intake_api.console.page import ReaderPage
from intake_api.console.peaks import peaks
from intake_api.needs import Reading
from intake_api.problems import not_found
from intake_api.recording import Recording, find_recording
from models.tables import Call
from spool.call_folder import HEADER_SIZE, SAMPLE_WIDTH


def show_peaks(page: ReaderPage, db: Reading, call_id: UUID) -> Response:
    """Return the shape of a finished recording: `{"duration", "peaks"}`."""
    call = db.get(Call, call_id)
    recording = find_recording(page.service.settings, page.service.recordings, call) if call else None
    if call is None or recording is None:
        raise not_found("recording", "录音")
    duration = (recording.size - HEADER_SIZE) / SAMPLE_WIDTH / call.sample_rate
    content = {"duration": duration, "peaks": shapes.of(call_id, recording)}
    return JSONResponse(content, headers={"Cache-Control": "private, max-age=3600"})


class Shapes:
    """The shapes drawn lately: an hour of sound takes 0.1 s to look through, a shape of 800 columns 10 kB to keep."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[UUID, int], list[float]] = OrderedDict()

    def of(self, call_id: UUID, recording: Recording) -> list[float]:
        """Return the peaks of a recording as long as it is now."""
        key = call_id, recording.size
        shape = self._kept.get(key)
        if shape is None:
            shape = peaks(b"".join(recording.read(ByteRange(HEADER_SIZE, recording.size))))
            self._kept[key] = shape
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return shape


shapes = Shapes()
