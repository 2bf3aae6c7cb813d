"""Operators' corrections as a corpus, for `make model` and `hotline evaluate`: each utterance's audio with its words.

Left out: calls whose caller asked for confidentiality, and recordings that retention has already removed.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import wave
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import col, select

from asr.corpus import CorpusWriter
from intake.blob_store import BlobStore, BlobUnavailable
from models.database import Database
from models.tables import Call, Draft, Utterance

SOURCE = "hotline corrections"
LICENCE = "the city's own; not to be passed on"


def export_corpus(database: Database, recordings: BlobStore, folder: Path) -> CorpusWriter:
    """Write every corrected utterance into a new corpus; raises `FileExistsError`.

    Speakers are pseudonyms made with a salt that is thrown away: the same caller has the same one within an export, and
    nobody can find the number again.
    """
    writer = CorpusWriter(folder, SOURCE, LICENCE)
    salt = secrets.token_bytes(16)
    for call, utterances in _corrected(database):
        recording = _recording(recordings, call.recording or "")
        if recording is None:
            continue
        pcm, sample_rate = recording
        speaker = hashlib.sha256(salt + call.caller_number.encode()).hexdigest()[:8]
        for utterance in utterances:
            words = utterance.corrected_text or ""
            writer.add(pcm, sample_rate, utterance.start_time, utterance.end_time, words, speaker)
    return writer


def _corrected(database: Database) -> Iterator[tuple[Call, list[Utterance]]]:
    with database.reading() as session:
        utterances = session.exec(
            select(Utterance)
            .where(col(Utterance.corrected_text).is_not(None))
            .order_by(col(Utterance.call_id), col(Utterance.index))
        ).all()
        of_call: dict[object, list[Utterance]] = {}
        for utterance in utterances:
            of_call.setdefault(utterance.call_id, []).append(utterance)
        for call_id, corrected in of_call.items():
            call = session.get(Call, call_id)
            draft = session.exec(select(Draft).where(Draft.call_id == call_id)).first()
            confidential = draft and (draft.fields.get("is_confidential") or {}).get("value")
            if call is not None and call.recording and not confidential:
                yield call, corrected


def _recording(recordings: BlobStore, key: str) -> tuple[bytes, int] | None:
    try:
        size = recordings.size(key)
        data = b"".join(recordings.read(key, 0, size)) if size else b""
        with wave.open(io.BytesIO(data)) as audio:
            return audio.readframes(audio.getnframes()), audio.getframerate()
    except (BlobUnavailable, wave.Error, EOFError):
        return None
