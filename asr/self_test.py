"""Does the model hear? A known sentence, spoken by a machine voice, is decoded."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq

from asr.model_card import HERE
from asr.model_folder import ModelFolder, ModelUnusable
from asr.recogniser import Recogniser

SENTENCE = "我要反映兰山区银雀山街道的路灯坏了我的电话是一三九零五三九一二三四"
RECORDING = HERE / "self_test.flac"
"The sentence by espeakng-loader's `cmn` voice, 8 kHz."
ENOUGH = 0.25
"Share of its characters in order. Chance gives a few per cent; a model trained on people alone may miss half of them."


def hears(folder: ModelFolder) -> bool:
    """Whether the model in a folder loads and hears the known sentence."""
    from asr.opening import recogniser_of

    try:
        return recogniser_hears(recogniser_of(folder))
    except ModelUnusable:
        return False


def recogniser_hears(recogniser: Recogniser) -> bool:
    """Whether a loaded recogniser hears the known sentence."""
    import soundfile

    samples, rate = soundfile.read(RECORDING, dtype="int16")
    stream = recogniser.stream(rate)
    heard = stream.accept(samples.tobytes()) + stream.finish()
    text = "".join(transcript.text for transcript in heard)
    return bool(LCSseq.similarity(text, SENTENCE) >= ENOUGH * len(SENTENCE))
