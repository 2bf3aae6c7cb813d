"""The bundled model unpacked once, and speech to feed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from asr.model_folder import ModelFolder
from asr.model_store import ModelStore
from asr.opening import recogniser_of
from asr.recogniser import Recogniser
from config.settings import Settings
from hotline.voice import say

SENTENCES = (
    "我要反映兰山区银雀山街道的路灯坏了",
    "我的电话是一三九零五三九一二三四",
    "河东区汤头街道停水了什么时候来水",
    "沂水县沂城街道供暖温度太低了",
    "费县费城街道垃圾没有人清理",
)
PAUSE = bytes(2 * 8000)  # a second


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the bundled model in it."""
    path = tmp_path_factory.mktemp("asr") / "models"
    ModelStore(path).find("bundled")
    return path


@pytest.fixture(scope="session")
def model(models_dir: Path) -> ModelFolder:
    """The bundled model's folder."""
    return ModelStore(models_dir).find("bundled")


@pytest.fixture(scope="session")
def recogniser(model: ModelFolder) -> Recogniser:
    """The bundled model as calls are heard by it."""
    return recogniser_of(model)


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path) -> Settings:
    """Settings of a service with a data folder of its own and the model already unpacked."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "models").symlink_to(models_dir)
    settings = Settings(data_dir=data)
    settings.spool_dir.mkdir()
    return settings


@pytest.fixture(scope="session")
def sentences() -> list[bytes]:
    """The sentences above, spoken."""
    return [say(sentence, 8000) for sentence in SENTENCES]


@pytest.fixture(scope="session")
def monologues(sentences: list[bytes]) -> list[bytes]:
    """What five callers say: two of the sentences each, in another order, with pauses."""
    return [sentences[first] + PAUSE + sentences[(first + 1) % 5] + PAUSE for first in range(5)]
