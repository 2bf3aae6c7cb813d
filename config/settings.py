"""Every setting of the service: TOML file < environment (`HOTLINE_...`) < arguments; secrets also from `*_FILE`."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.sections import (
    AsrSettings,
    CallflowSettings,
    DatabaseSettings,
    DeliverySettings,
    StorageSettings,
    TelephonySettings,
    WebSettings,
    split_list,
)

# A Unix socket's path is at most 107 bytes on Linux (unix(7), sun_path); the longest name below `run/` is 40.
LONGEST_RUNTIME_DIR = 64


class Settings(BaseSettings):
    """All settings, frozen."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    data_dir: Path = Path("data")
    "Everything that is kept."
    city: str = "linyi"
    "A folder name below `config/city/`, or a path."
    node: str = Field(default_factory=lambda: os.uname().nodename)
    "This machine's name in every call it answers."
    roles: Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list)] = (
        "calls",
        "recogniser",
        "web",
        "deliver",
    )
    "What this machine does; `hotline serve --roles` tells its processes."
    language: Literal["zh", "en"] = "zh"
    "The console's first language."
    time_zone: str = "Asia/Shanghai"
    "Of times shown and spoken."
    log_format: Literal["text", "json"] = "text"
    "Log lines for people or for machines."
    telephony: TelephonySettings = TelephonySettings()
    callflow: CallflowSettings = CallflowSettings()
    asr: AsrSettings = AsrSettings()
    web: WebSettings = WebSettings()
    database: DatabaseSettings = DatabaseSettings()
    delivery: DeliverySettings = DeliverySettings()
    storage: StorageSettings = StorageSettings()

    @cached_property
    def spool_dir(self) -> Path:
        """One folder per call."""
        return self.data_dir / "spool"

    @cached_property
    def recordings_dir(self) -> Path:
        """Finished recordings of the local blob store."""
        return self.data_dir / "recordings"

    @cached_property
    def models_dir(self) -> Path:
        """Unpacked recogniser models."""
        return self.data_dir / "models"

    @cached_property
    def prompts_dir(self) -> Path:
        """Rendered prompts, `<language>/<name>.wav`; a site may replace any of them."""
        return self.data_dir / "prompts"

    @cached_property
    def runtime_dir(self) -> Path:
        """Unix sockets of this service: `run/` in the data folder, or a short private folder when that is too long."""
        inside = self.data_dir.absolute() / "run"
        if len(os.fsencode(inside)) <= LONGEST_RUNTIME_DIR:
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"hotline-{os.getuid()}-{name}"

    @cached_property
    def database_url(self) -> str:
        """SQLAlchemy URL of drafts and tickets."""
        url = self.database.url
        return url.get_secret_value() if url else f"sqlite:///{self.data_dir.absolute()}/hotline.sqlite3"

    @cached_property
    def case_store_url(self) -> str:
        """SQLAlchemy URL of the SQL case store, or the Open311 endpoint."""
        url = self.delivery.url
        return url.get_secret_value() if url else f"sqlite:///{self.data_dir.absolute()}/case_store.sqlite3"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before environment before `*_FILE` secrets before the TOML file."""
        environment = PlainEnvironment(settings_cls)
        toml = TomlConfigSettingsSource(settings_cls, os.environ.get("HOTLINE_CONFIG", "hotline.toml"))
        return init_settings, environment, SecretFiles(settings_cls), toml


class PlainEnvironment(EnvSettingsSource):
    """The environment, where `127.0.0.1:5060` need not be written as JSON."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        """Leave the names of secret files to `SecretFiles`."""
        return {name: value for name, value in super()._load_env_vars().items() if not name.endswith("_file")}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Read JSON where it is JSON; else hand the text to the field's own validator."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `HOTLINE_DATABASE__URL_FILE` and its like: the value is the named file's text."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Unused: the whole mapping is made at once by `__call__`."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return nested settings from every `HOTLINE_<NAME>_FILE` in the environment."""
        values: dict[str, Any] = {}
        for name, path in os.environ.items():
            if not (name.startswith("HOTLINE_") and name.endswith("_FILE")):
                continue
            *outer, leaf = name.removeprefix("HOTLINE_").removesuffix("_FILE").lower().split("__")
            place = values
            for part in outer:
                place = place.setdefault(part, {})
            place[leaf] = Path(path).read_text(encoding="utf-8").strip()
        return values
