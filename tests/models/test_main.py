"""`python -m models` as people call it: what it prints, where, and with which exit code."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from models import schema
from models.__main__ import main
from models.base import utcnow
from models.config import Settings
from models.db import make_session, transaction
from models.login import get_link
from models.organisation import Organisation
from models.scenario import Scenario
from models.user import find_user
from tests.factories import make_organisation
from tests.import_rows import NEED, OFFER, write_lines

Run = Callable[..., Result]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Run]:
    """How to run commands on a database, given its URL, in a folder of its own and without this machine's settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"DUIJIE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUIJIE_DATA_DIR", str(tmp_path / "var"))

    def install(url: str) -> Run:
        monkeypatch.setenv("DUIJIE_DATABASE_URL", url)
        return lambda *arguments: CliRunner().invoke(
            main, [str(argument) for argument in arguments], catch_exceptions=False
        )

    return install


@pytest.fixture
def run(installation: Callable[[str], Run], bare_url: str) -> Run:
    """Run a command on a database without tables."""
    return installation(bare_url)


@pytest.fixture
def ready(installation: Callable[[str], Run], empty_engine: Engine) -> Run:
    """Run a command on a database with the schema."""
    return installation(empty_engine.url.render_as_string(hide_password=False))


@pytest.fixture
def needs(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "needs.jsonl", NEED, {**NEED, "id": "S2"})


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """One row that is right and one that is not."""
    return write_lines(tmp_path / "mixed.jsonl", NEED, {**NEED, "id": "S2", "text": "", "备注": "x"})


def scenarios(engine: Engine) -> list[Scenario]:
    with make_session(engine) as session:
        return list(session.exec(select(Scenario).order_by(col(Scenario.id))))


def test_help_answers_at_once_without_loading_a_database_or_a_model() -> None:
    program = "import sys, time; start = time.process_time(); import models.__main__ as m\n" \
        "try: m.main(['--help'])\nexcept SystemExit: pass\n" \
        "loaded = {'torch', 'sqlalchemy', 'sqlmodel', 'pydantic', 'numpy'} & set(sys.modules)\n" \
        "assert not loaded, loaded\nassert time.process_time() - start < 1\n"  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    for command in ("upgrade", "check", "seed", "add-user", "import", "export"):
        assert command in done.stdout


@pytest.mark.parametrize(
    "command", [*main.commands, "import scenarios", "import capabilities"], ids=lambda command: command
)
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), "--help"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Usage:" in result.stdout


def test_upgrade_makes_the_schema_and_then_has_nothing_to_do(run: Run) -> None:
    first, second = run("upgrade"), run("upgrade")

    assert (first.exit_code, first.stdout) == (0, f"数据库已升级到 {schema.head_revision()}。\n")
    assert (second.exit_code, second.stdout) == (0, "数据库已是最新版本。\n")
    assert run("check").stdout == "数据库与代码一致。\n"


def test_check_names_what_differs_and_fails(ready: Run, empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE organisation ADD COLUMN nickname VARCHAR(20)")

    result = ready("check")

    assert result.exit_code == 1
    assert "nickname" in result.stdout
    assert result.stderr == "数据库与代码有 1 处不同。\n"


COMMANDS: list[list[str]] = [
    ["check"],
    ["seed"],
    ["add-user", "li@example.org", "--role", "admin"],
    ["add-district", "NS", "南山区"],
    ["import", "scenarios", "needs.jsonl"],
    ["import", "capabilities", "needs.jsonl", "--json"],
    ["export", "pilots", "out.csv"],
]


@pytest.mark.parametrize("bare_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_empty_database_is_one_clear_line_and_exit_2(run: Run, needs: Path, command: list[str]) -> None:
    result = run(*command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "数据库还是空的，先运行 python -m models upgrade。\n"


@pytest.mark.parametrize("empty_engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_one_migration_behind_is_one_clear_line_and_exit_2(
    ready: Run, needs: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "head_revision", lambda: "9999")

    result = ready(*command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "数据库是旧版本，先运行 python -m models upgrade。\n"


def test_seed_prints_the_accounts_once(ready: Run, tmp_path: Path) -> None:
    first, second = ready("seed"), ready("seed")

    assert (first.exit_code, second.exit_code) == (0, 0)
    logins = json.loads((tmp_path / "var" / "demo-logins.json").read_text())
    assert all(login["password"] in first.stdout for login in logins)
    assert second.stdout == "已经有演示数据，没有改动。\n"


def test_add_user_prints_a_link_that_works_once(ready: Run, empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        make_organisation(session, name="某区城管")

    result = ready(
        "add-user", "Li@example.org", "--role", "agency", "--organisation", "某区城管", "--name", "李科长"
    )

    assert (result.exit_code, result.stderr) == (0, "")
    address, _, token = result.stdout.strip().rpartition("/")
    assert address == "http://127.0.0.1:8000/welcome"
    with make_session(empty_engine) as session:
        user = find_user(session, "li@example.org")
        assert user is not None
        assert get_link(session, token, now=utcnow()).user_id == user.id


@pytest.mark.parametrize(
    "arguments",
    [
        ["li@example.org", "--role", "boss"],
        ["li", "--role", "admin"],
        ["li@example.org", "--role", "agency"],
        ["li@example.org", "--role", "agency", "--organisation", "没有这家"],
        ["li@example.org"],
    ],
)
def test_add_user_refuses_what_cannot_be(ready: Run, arguments: list[str]) -> None:
    result = ready("add-user", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()


def test_places_are_registered_for_imports(ready: Run, tmp_path: Path) -> None:
    rows = write_lines(tmp_path / "offers.jsonl", {**OFFER, "district": "南山", "community": "青山社区"})

    assert ready("import", "capabilities", rows).exit_code == 1
    assert ready("add-district", "NS", "南山区", "--name-en", "Nanshan", "--city", "深圳").exit_code == 0
    assert ready("add-community", "C1", "青山社区", "--district", "NS").exit_code == 0
    assert ready("import", "capabilities", rows).exit_code == 0
    again = ready("add-district", "NS", "南山区")
    assert (again.exit_code, again.stderr) == (2, "区代码 NS 已经登记过。\n")


def test_an_import_says_what_it_did(ready: Run, needs: Path, empty_engine: Engine) -> None:
    first, second = ready("import", "scenarios", needs), ready("import", "scenarios", needs, "--publish")

    assert (first.exit_code, first.stdout, first.stderr) == (0, "新增 2，更新 0，未变 0，拒绝 0。\n", "")
    assert (second.exit_code, second.stdout) == (0, "新增 0，更新 0，未变 2，拒绝 0。\n")
    assert [row.status for row in scenarios(empty_engine)] == ["published", "published"]


def test_a_dry_run_counts_and_writes_nothing(ready: Run, needs: Path, empty_engine: Engine) -> None:
    result = ready("import", "scenarios", needs, "--dry-run", "--publish")

    assert (result.exit_code, result.stdout) == (0, "试运行，没有写入：新增 2，更新 0，未变 0，拒绝 0。\n")
    assert scenarios(empty_engine) == []


def test_rejected_rows_are_listed_and_the_rest_goes_in(ready: Run, mixed: Path, empty_engine: Engine) -> None:
    result = ready("import", "scenarios", mixed)

    assert (result.exit_code, result.stdout) == (1, "新增 1，更新 0，未变 0，拒绝 1。\n")
    assert result.stderr == "第 2 行 text：缺这一列，或这一格是空的。\n没有用到的列：备注\n"
    assert [row.external_id for row in scenarios(empty_engine)] == ["S1"]


def test_strict_refuses_the_whole_file(ready: Run, mixed: Path, empty_engine: Engine) -> None:
    result = ready("import", "scenarios", mixed, "--strict")

    assert result.exit_code == 1
    assert result.stderr.endswith("有 1 行不能导入，按 --strict 一行也没有写入。\n")
    assert scenarios(empty_engine) == []


@pytest.mark.parametrize(("options", "created"), [([], 1), (["--strict"], 0)])
def test_with_json_there_is_one_document_on_stdout(
    ready: Run, mixed: Path, options: list[str], created: int
) -> None:
    result = ready("import", "scenarios", mixed, "--json", *options)

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "kind": "scenarios", "created": created, "updated": 0, "unchanged": 0, "rejected": 1,
        "errors": [
            {"line": 2, "field": "text", "message": "缺这一列，或这一格是空的。", "where": "第 2 行"}
        ],
        "left_out": [], "unknown_columns": ["备注"], "dry_run": False,
    }  # fmt: skip


def test_columns_are_mapped_and_one_organisation_owns_all(
    ready: Run, tmp_path: Path, empty_engine: Engine
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("场景=号,说明\n1,发现井盖病害\n".encode("gbk"))

    result = ready(
        "import", "scenarios", path, "--map", "场景=号=id", "--map", "说明=text", "--organisation", "某区城管"
    )

    assert result.exit_code == 0
    assert [(row.external_id, row.text) for row in scenarios(empty_engine)] == [("1", "发现井盖病害")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.jsonl"],
        ["needs.jsonl", "--map", "text"],
        ["needs.jsonl", "--map", "=text"],
        ["needs.jsonl", "--map", "nothing=text"],
        ["needs.jsonl", "--map", "title=nothing"],
        ["needs.jsonl", "--organisation", "x" * 201],
        ["needs.xlsx"],
        ["broken.csv"],
        ["wrong.csv"],
        ["cut.jsonl.gz"],
        [],
        ["needs.jsonl", "--list"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_at_all_is_exit_2_and_writes_nothing(
    ready: Run, needs: Path, empty_engine: Engine, arguments: list[str]
) -> None:
    Path("needs.xlsx").write_bytes(b"PK")
    Path("broken.csv").write_text('id,text\n1,"no end\n')
    Path("wrong.csv").write_text("甲,乙\n1,2\n")
    Path("cut.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00")

    result = ready("import", "scenarios", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert scenarios(empty_engine) == []


def test_today_is_the_day_in_the_installations_zone(
    ready: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In one of the two zones it is another day than in the other, whatever the hour.
    days = {}
    for zone, hours in (("Etc/GMT-14", 14), ("Etc/GMT+12", -12)):
        monkeypatch.setenv("DUIJIE_TIME_ZONE", zone)
        days[zone] = (utcnow() + timedelta(hours=hours)).date()
        row = {**NEED, "id": zone, "deadline_on": days[zone].isoformat()}
        assert (
            ready("import", "scenarios", write_lines(tmp_path / "a.jsonl", row), "--publish").exit_code == 0
        )
    monkeypatch.setenv("DUIJIE_TIME_ZONE", "Etc/GMT-14")
    row = {**NEED, "id": "late", "deadline_on": days["Etc/GMT+12"].isoformat()}

    result = ready("import", "scenarios", write_lines(tmp_path / "a.jsonl", row), "--publish")

    assert (result.exit_code, "已经过去，不能发布" in result.stderr) == (1, True)


def test_capabilities_are_listed_with_placeholder_contacts(
    ready: Run, tmp_path: Path, empty_engine: Engine
) -> None:
    path = write_lines(tmp_path / "offers.jsonl", OFFER)

    result = ready("import", "capabilities", path, "--list", "--placeholder-contacts")

    assert result.exit_code == 0
    with make_session(empty_engine) as session:
        firm = session.exec(select(Organisation).where(Organisation.name == OFFER["firm"])).one()
        emails = session.connection().exec_driver_sql("SELECT email FROM subscription").scalars().all()
    assert emails == [f"{firm.id}@example.org"]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_an_export_says_how_many_rows_it_wrote(ready: Run, needs: Path, tmp_path: Path, ending: str) -> None:
    ready("import", "scenarios", needs)

    result = ready("export", "scenarios", tmp_path / f"out.{ending}")

    assert (result.exit_code, result.stdout) == (0, f"写出 2 行到 out.{ending}。\n")
    assert (tmp_path / f"out.{ending}").stat().st_size > 0


def test_what_was_exported_is_imported_as_unchanged(ready: Run, needs: Path, tmp_path: Path) -> None:
    ready("import", "scenarios", needs, "--publish")
    ready("export", "scenarios", tmp_path / "out.csv")

    result = ready("import", "scenarios", tmp_path / "out.csv", "--publish")

    assert (result.exit_code, result.stdout) == (0, "新增 0，更新 0，未变 2，拒绝 0。\n")


@pytest.mark.parametrize(
    "arguments",
    [["scenarios", "out.txt"], ["users", "out.csv"], ["scenarios", "nowhere/out.csv"], ["scenarios"]],
)
def test_an_export_that_cannot_be_is_exit_2(ready: Run, arguments: list[str]) -> None:
    result = ready("export", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")


def test_an_export_over_a_folder_is_a_clear_line(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()

    result = ready("export", "scenarios", tmp_path / "out.csv")

    assert result.exit_code == 2
    assert "out.csv" in result.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"DUIJIE_DATABASE_URL": "mysql://u:secret@h/db"}, "只能以 sqlite:// 或 postgresql:// 开头"),
        ({"DUIJIE_DATABASE_URL": "postgresql://u:secret@h:port/db"}, "DUIJIE_DATABASE_URL 写得不对"),
        ({"DUIJIE_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/db"}, "数据库用不了"),
        ({"DUIJIE_DATABASE_URL": "sqlite:///broken.sqlite3"}, "数据库用不了：file is not a database"),
        ({"DUIJIE_DATABASE_URL": "", "DUIJIE_DATA_DIR": "a_file"}, "a_file"),
        ({"DUIJIE_SESSION_HOURS": "many"}, "DUIJIE_SESSION_HOURS"),
        ({"DUIJIE_TRUSTED_HOSTS": "a,b"}, "JSON"),
    ],
)
@pytest.mark.parametrize("bare_url", ["sqlite"], indirect=True)
def test_an_installation_that_cannot_work_is_one_clear_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], words: str
) -> None:
    (tmp_path / "a_file").write_text("not a folder")
    (tmp_path / "broken.sqlite3").write_text("this is no database, whatever its name says" * 100)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    result = run("upgrade")

    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr
