"""Settings come from the environment, are complete, and say what is wrong with them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from models.config import Settings, load_settings
from models.errors import InvalidInput


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DUIJIE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_lies_under_var() -> None:
    settings = Settings()

    assert settings.data_dir == Path("var")
    assert settings.database == f"sqlite:///{Path('var/duijie.sqlite3').resolve()}"
    assert settings.cache == Path("var/cache")
    assert settings.index_dir == Path("var/index")
    assert settings.files_dir == Path("var/files")
    assert settings.mail_url == Path("var/mail").resolve().as_uri()


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DUIJIE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DUIJIE_DATABASE_URL", "postgresql://h/db")
    monkeypatch.setenv("DUIJIE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DUIJIE_SMTP_URL", "smtp://localhost:2525")

    settings = load_settings()

    assert settings.database == "postgresql://h/db"
    assert settings.cache == tmp_path / "cache"
    assert settings.files_dir == tmp_path / "data" / "files"
    assert settings.mail_url == "smtp://localhost:2525"


def test_a_file_of_settings_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DUIJIE_MODEL=/from/file\nDUIJIE_BASE_URL=https://file.example\n")
    monkeypatch.setenv("DUIJIE_BASE_URL", "https://environment.example")

    settings = load_settings()

    assert (settings.model, settings.base_url) == ("/from/file", "https://environment.example")


def test_an_empty_value_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_CACHE_DIR", "")
    monkeypatch.setenv("DUIJIE_SESSION_HOURS", "")

    settings = load_settings()

    assert (settings.cache_dir, settings.session_hours) == (None, 12)


def test_settings_do_not_change_while_a_process_runs() -> None:
    with pytest.raises(ValidationError):
        Settings().model = "other"  # type: ignore[misc]


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_SECRET_KEY", "geheim")

    settings = load_settings()

    assert "geheim" not in repr(settings)
    assert settings.secret_key.get_secret_value() == "geheim"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_HOURS", "0"),
        ("SESSION_HOURS", "often"),
        ("UPLOAD_MAX_BYTES", "10"),
        ("MODEL_DTYPE", "int4"),
        ("DEFAULT_LOCALE", "fr"),
        ("LOG_FORMAT", "xml"),
        ("TIME_ZONE", "Asia/Shenzen"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("SECURE_COOKIES", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named_but_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"DUIJIE_{name}", value)

    with pytest.raises(InvalidInput) as caught:
        load_settings()

    assert f"DUIJIE_{name}" in caught.value.message
    assert value not in caught.value.message.replace("可用的值", "")


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_SESSION_HOURS", "-1")
    monkeypatch.setenv("DUIJIE_DEFAULT_LOCALE", "fr")

    with pytest.raises(InvalidInput, match="DUIJIE_DEFAULT_LOCALE、DUIJIE_SESSION_HOURS"):
        load_settings()


def test_a_list_that_is_not_json_is_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_TRUSTED_HOSTS", "a.example,b.example")

    with pytest.raises(InvalidInput, match="JSON"):
        load_settings()


def test_a_list_is_written_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_TRUSTED_HOSTS", '["a.example", "b.example"]')

    assert load_settings().trusted_hosts == ["a.example", "b.example"]


def test_every_setting_says_what_it_is() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert silent == []
