import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matcher.__main__ import main
from models.db import make_engine
from models.schema import upgrade


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with an empty database at the newest schema."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUIJIE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DUIJIE_CACHE_DIR", raising=False)
    engine = make_engine(f"sqlite:///{tmp_path / 'var' / 'duijie.sqlite3'}")
    upgrade(engine)
    engine.dispose()
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_status_of_a_missing_index_says_what_to_run(installation: Path) -> None:
    result = call("index", "status", "--json")

    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["in_step"] is False
    assert "python -m matcher index rebuild" in document["problem"]


def test_verify_of_a_missing_index_is_one_line(installation: Path) -> None:
    result = call("index", "verify")

    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("match",),
        ("match", "--scenario", "1", "--capability", "2"),
        ("match", "--text", "用视频找井盖"),
        ("match", "--scenario", "1", "--as", "demand"),
        ("match", "--scenario", "1", "-k", "0"),
        ("explain", "1"),
    ],
)
def test_wrong_usage_is_refused(installation: Path, arguments: tuple[str, ...]) -> None:
    assert call(*arguments).exit_code == 2


def test_an_empty_database_is_answered_with_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUIJIE_DATA_DIR", str(tmp_path / "nothing"))

    result = call("index", "status")

    assert result.exit_code == 2
    assert "python -m models upgrade" in result.stderr


def test_a_folder_that_is_not_there_cannot_be_evaluated(installation: Path) -> None:
    result = call("evaluate", str(installation / "nothing"), "--systems", "bm25")

    assert result.exit_code == 2
    assert "Traceback" not in result.output
