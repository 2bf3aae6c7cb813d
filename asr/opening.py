"""The recogniser as it is used: the chosen model loaded, or the bundled one when that fails, and what to say of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from asr.calibration import Calibration
from asr.checked_recogniser import CheckedRecogniser
from asr.model_card import BUNDLED, ModelCard
from asr.model_folder import ModelFolder, ModelUnusable
from asr.model_store import ModelStore, model_in_use
from asr.recogniser import Recogniser
from asr.vosk_recogniser import VoskRecogniser
from config.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedRecogniser:
    """A recogniser that is ready, and what the operator should know of it."""

    recogniser: Recogniser
    card: ModelCard
    remark: str = ""
    "Why it is not the model that was asked for."


def load_recogniser(settings: Settings) -> LoadedRecogniser:
    """Load the model in use; calls are rather heard by the bundled one than not at all.

    Raises `ModelUnusable` when the bundled one cannot be loaded either.
    """
    try:
        return _load(model_in_use(settings), settings)
    except ModelUnusable as error:
        logger.error("the chosen model is not used: %s", error)
        return _load(ModelStore(settings.models_dir).find(BUNDLED), settings, remark=str(error))


def open_recogniser(settings: Settings, model: str | None = None) -> Recogniser:
    """Load one model by name or folder (by default the one in use) for offline work.

    Raises `ModelUnusable` with one plain sentence; no other model takes its place.
    """
    folder = ModelStore(settings.models_dir).find(model) if model else model_in_use(settings)
    return recogniser_of(folder, settings.asr.longest_utterance_seconds)


def recogniser_of(folder: ModelFolder, longest_utterance_seconds: float = 30.0) -> Recogniser:
    """The model as calls are heard by it: words checked, confidence calibrated."""
    plain = VoskRecogniser(folder, longest_utterance_seconds)
    return CheckedRecogniser(plain, Calibration.of(folder.card().word_confidence))


def _load(folder: ModelFolder, settings: Settings, remark: str = "") -> LoadedRecogniser:
    recogniser = recogniser_of(folder, settings.asr.longest_utterance_seconds)
    logger.info("model %s loaded", recogniser.name)
    return LoadedRecogniser(recogniser, folder.card(), remark)
