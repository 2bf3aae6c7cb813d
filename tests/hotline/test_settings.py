"""Settings come from TOML, environment, secret files and arguments, and a wrong one is named in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import LONGEST_RUNTIME_DIR, Settings
from hotline.read_settings import SettingsUnusable, read_settings


def test_the_environment_is_written_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_TELEPHONY__BIND", "[::1]:5070")
    monkeypatch.setenv("HOTLINE_TELEPHONY__MAX_CALLS", "3")
    monkeypatch.setenv("HOTLINE_TELEPHONY__ALLOW", "10.1.0.0/16, 127.0.0.1")
    monkeypatch.setenv("HOTLINE_TELEPHONY__RTP_PORTS", "30000-30999")
    monkeypatch.setenv("HOTLINE_CALLFLOW__PROMPT_LANGUAGES", "en")
    found = read_settings()
    assert (found.telephony.bind.host, found.telephony.bind.port) == ("::1", 5070)
    assert found.telephony.max_calls == 3
    assert [str(network) for network in found.telephony.allow] == ["10.1.0.0/16", "127.0.0.1/32"]
    assert found.telephony.rtp_ports == (30000, 30999)
    assert found.callflow.prompt_languages == ("en",)


def test_toml_gives_way_to_the_environment_and_that_to_arguments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text('node = "toml"\ncity = "toml"\nlanguage = "en"\n[web]\nbind = "127.0.0.1:9"\n')
    monkeypatch.setenv("HOTLINE_CONFIG", str(file))
    monkeypatch.setenv("HOTLINE_NODE", "environment")
    monkeypatch.setenv("HOTLINE_CITY", "environment")
    found = Settings(city="argument")
    assert (found.language, found.node, found.city, found.web.bind.port) == ("en", "environment", "argument", 9)


def test_a_secret_may_be_a_file_and_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://a:secret@host/db\n")
    monkeypatch.setenv("HOTLINE_DATABASE__URL_FILE", str(tmp_path / "url"))
    found = read_settings()
    assert found.database_url == "postgresql+psycopg://a:secret@host/db"
    assert "secret" not in repr(found)
    assert "secret" not in found.model_dump_json()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HOTLINE_TELEPHONY__BIND", "nowhere", "HOST:PORT"),
        ("HOTLINE_TELEPHONY__MAX_CALLS", "none", "HOTLINE_TELEPHONY__MAX_CALLS"),
        ("HOTLINE_WEB__BNID", "1", "HOTLINE_WEB__BNID"),
        ("HOTLINE_CONFIG", "/nowhere/hotline.toml", "does not exist"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsUnusable, match=words):
        read_settings()


def test_socket_paths_stay_short_however_deep_the_data_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 200)
    assert len(str(Settings(data_dir=deep).runtime_dir)) <= LONGEST_RUNTIME_DIR
    assert Settings(data_dir=deep).runtime_dir != Settings(data_dir=tmp_path / ("y" * 200)).runtime_dir


def test_an_unknown_name_in_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text("foo = 1\n")
    monkeypatch.setenv("HOTLINE_CONFIG", str(file))
    with pytest.raises(SettingsUnusable, match="foo"):
        read_settings()


def test_a_port_alone_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_TELEPHONY__BIND", "5060")
    with pytest.raises(SettingsUnusable, match="HOST:PORT"):
        read_settings()
