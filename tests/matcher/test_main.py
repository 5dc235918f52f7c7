import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matcher.__main__ import main
from matcher.bundled_model import write_folder
from models.db import make_engine, transaction
from models.schema import downgrade, upgrade
from tests.e5s1_file import write_e5s1
from tests.matcher.market import make_market


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


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a market in the database, an index of it, and the bundled model in miniature."""
    folder = tmp_path_factory.mktemp("filled")
    model = folder / "tiny-model"
    model.mkdir()
    write_folder(write_e5s1(folder / "tiny.bin"), model, origin="test")
    engine = make_engine(f"sqlite:///{folder / 'var' / 'duijie.sqlite3'}")
    upgrade(engine)
    with transaction(engine) as session:
        make_market(session)
    engine.dispose()
    with pytest.MonkeyPatch.context() as patch:
        enter(patch, folder)
        assert call("index", "update").exit_code == 0
    return folder


def enter(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.chdir(folder)
    patch.setenv("DUIJIE_DATA_DIR", str(folder / "var"))
    patch.setenv("DUIJIE_CACHE_DIR", str(folder / "cache"))
    patch.setenv("DUIJIE_MODEL", str(folder / "tiny-model"))
    patch.setenv("DUIJIE_MODEL_DTYPE", "float32")


@pytest.fixture
def answering(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled installation, a copy of its own."""
    folder = tmp_path / "own"
    shutil.copytree(filled, folder)
    enter(monkeypatch, folder)
    # The setting names the index's model, so it must name the same folder here.
    monkeypatch.setenv("DUIJIE_MODEL", str(filled / "tiny-model"))
    return folder


def one_document(result: Result) -> Any:
    """What was printed on stdout, which must be one JSON document and nothing else."""
    assert len(result.stdout.strip().splitlines()) == 1
    return json.loads(result.stdout)


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
        ("team",),
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


@pytest.mark.parametrize(
    "question",
    [
        ("--scenario", "1"),
        ("--capability", "1"),
        ("--text", "用车载视频识别井盖破损", "--as", "demand"),
        ("--text", "用车载视频识别井盖破损", "--as", "supply"),
    ],
)
def test_match_prints_one_document_of_the_agreed_shape(answering: Path, question: tuple[str, ...]) -> None:
    result = call("match", *question, "-k", "3", "--json")

    document = one_document(result)
    assert result.exit_code == 0
    assert set(document) == {"query", "model", "index_version", "results"}
    assert [row["rank"] for row in document["results"]] == [1, 2, 3]
    for row in document["results"]:
        assert {"id", "external_id", "title", "score", "band", "requirements", "reasons", "gaps"} <= set(row)
        assert 0 <= row["score"] <= 1


def test_explain_repeats_what_match_said(answering: Path) -> None:
    best = one_document(call("match", "--scenario", "1", "-k", "1", "--json"))["results"][0]

    explained = one_document(call("explain", "1", str(best["id"]), "--json"))

    assert explained["results"] == [best]
    assert explained["query"] == {"scenario": 1, "capability": best["id"]}


def test_team_prints_one_document_and_text(answering: Path) -> None:
    document = one_document(call("team", "1", "--json"))
    text = call("team", "1")

    assert document["scenario"] == 1
    assert {"musts", "members", "closeness", "lower_bound", "is_exact", "n_examined"} <= set(document)
    assert [must["position"] for must in document["musts"]] == [1, 2]
    assert text.exit_code == 0
    assert "必须" in text.stdout


def test_without_json_an_answer_is_text(answering: Path) -> None:
    result = call("match", "--scenario", "1", "-k", "2")

    assert result.exit_code == 0
    assert result.stdout.startswith("  1  ")


@pytest.mark.parametrize(
    "text",
    [
        "井" * 100_000,
        "😀🚒" * 20,
        "זיהוי מכסי ביוב שבורים",
        "井盖\x00破损",
        "井盖\ud800破损\udfff",
        "\u202e井盖",
    ],
)
@pytest.mark.parametrize("side", ["demand", "supply"])
def test_odd_texts_are_answered_like_any(answering: Path, text: str, side: str) -> None:
    result = call("match", "--text", text, "--as", side, "-k", "2", "--json")

    assert result.exit_code == 0
    assert len(one_document(result)["results"]) == 2


@pytest.mark.parametrize("text", ["", "  ", "\x00\u200b"])
def test_a_text_without_words_is_refused_in_one_line(answering: Path, text: str) -> None:
    result = call("match", "--text", text, "--as", "demand", "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("match", "--scenario", "999"),
        ("match", "--capability", "0"),
        ("match", "--scenario", str(2**70)),
        ("explain", "1", "999"),
        ("explain", "999", "1"),
        ("team", "999"),
        ("team", str(2**70)),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(answering: Path, arguments: tuple[str, ...]) -> None:
    result = call(*arguments, "--json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.strip().splitlines()) == 1


def test_index_commands_print_one_document_each(answering: Path) -> None:
    status = one_document(call("index", "status", "--json"))
    update = one_document(call("index", "update", "--json"))
    rebuild = one_document(call("index", "rebuild", "--json"))
    verify = one_document(call("index", "verify", "--json"))

    assert (status["in_step"], status["documents"]) == (True, 40)
    assert (update["changed"], update["rebuilt"]) == (0, False)
    assert (rebuild["changed"], rebuild["reason"]) == (40, "asked")
    assert verify["generation"] == rebuild["generation"]


def test_a_damaged_index_is_said_and_mended_by_an_update(answering: Path) -> None:
    path = next((answering / "var" / "index").glob("*-base.npy"))
    path.write_bytes(b"x" + path.read_bytes()[1:])

    asked, verified = call("match", "--scenario", "1"), call("index", "verify")
    mended = one_document(call("index", "update", "--json"))

    for result in (asked, verified):
        assert (result.exit_code, result.stdout) == (1, "")
        assert "damaged" in result.stderr
    assert (mended["reason"], mended["rebuilt"]) == ("damaged", True)
    assert call("match", "--scenario", "1").exit_code == 0


def test_a_missing_cache_folder_is_made_again(answering: Path) -> None:
    shutil.rmtree(answering / "cache", ignore_errors=True)

    assert call("match", "--scenario", "1", "--json").exit_code == 0


def test_a_model_that_is_not_there_is_said_in_one_line(
    answering: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUIJIE_MODEL", str(answering / "no-model"))

    result = call("index", "rebuild")

    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_index_of_another_model_answers_nothing(answering: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_MODEL", str(answering / "tiny-model"))

    result = call("match", "--scenario", "1")

    assert result.exit_code == 1
    assert "another embedding model" in result.stderr


def test_the_model_command_says_what_the_model_is(answering: Path) -> None:
    document = one_document(call("model", "--json"))

    assert document["dim"] == 32


def test_a_database_one_migration_behind_is_refused(answering: Path) -> None:
    engine = make_engine(f"sqlite:///{answering / 'var' / 'duijie.sqlite3'}")
    downgrade(engine, "base")
    engine.dispose()

    for arguments in (("index", "status"), ("match", "--scenario", "1")):
        result = call(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "python -m models upgrade" in result.stderr


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/x.sqlite3", "postgresql://127.0.0.1:1/none", "mysql://x"]
)
def test_a_database_that_cannot_be_reached_is_one_line(
    answering: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DUIJIE_DATABASE_URL", url)

    result = call("index", "status", "--json")

    assert (result.exit_code in (1, 2), result.stdout) == (True, "")
    assert len(result.stderr.strip().splitlines()) == 1


def test_wrong_settings_are_named(answering: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUIJIE_MODEL_DTYPE", "float8")

    result = call("index", "status")

    assert result.exit_code == 2
    assert "DUIJIE_MODEL_DTYPE" in result.stderr


def test_help_comes_at_once_and_without_the_model() -> None:
    code = (
        "import sys; from matcher.__main__ import main\n"
        "try: main(['match', '--help'])\n"
        "finally: sys.exit(1 if {'torch', 'faiss', 'sqlalchemy'} & set(sys.modules) else 0)"
    )
    began = time.process_time()

    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, capture_output=True, check=False)

    assert done.returncode == 0
    assert time.process_time() - began < 1


def test_weights_are_listed_and_what_cannot_be_done_is_one_line(installation: Path) -> None:
    empty, fitted = call("weights", "list"), call("weights", "fit")
    missing, reverted = call("weights", "activate", "1"), call("weights", "revert")

    assert (empty.exit_code, fitted.exit_code, missing.exit_code, reverted.exit_code) == (0, 1, 2, 2)
    assert "内置" in empty.stdout
    assert "证据还不够" in fitted.stderr
    assert "没有这版权重" in missing.stderr
    assert "没有可以撤回的" in reverted.stderr
    assert json.loads(call("weights", "list", "--json").stdout) == []
    assert all("Traceback" not in result.output for result in (fitted, missing, reverted))
