import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy.engine import Engine

from jobs import list_pdf
from jobs.__main__ import main
from models.db import transaction
from models.outbox import MailStatus
from tests.factories import make_evidence, make_pilot_in_use
from tests.jobs.relay import Relay
from tests.jobs.sending import queue_mails, states


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No setting but the test's; logs as they were, afterwards."""
    for name in [name for name in os.environ if name.startswith("DUIJIE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


def environment(database: Engine | str, tmp_path: Path, settings: dict[str, str]) -> dict[str, str]:
    url = database if isinstance(database, str) else database.url.render_as_string(hide_password=False)
    return {"DUIJIE_DATABASE_URL": url, "DUIJIE_DATA_DIR": str(tmp_path / "var"), **settings}


def run_jobs(database: Engine | str, tmp_path: Path, *arguments: str, **settings: str) -> Result:
    """`python -m jobs ARGUMENTS` against this database, with these settings and no others."""
    return CliRunner().invoke(main, arguments, env=environment(database, tmp_path, settings))


def test_the_jobs_are_listed_with_their_last_run(database: Engine, tmp_path: Path) -> None:
    run_jobs(database, tmp_path, "once", "send_outbox")

    result = run_jobs(database, tmp_path, "list", "--json")

    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert rows["send_outbox"]["last_run"]["status"] == "ok"
    assert rows["queue_digests"]["last_run"] is None
    assert rows["queue_digests"]["when"] == "daily from 08:00"
    assert "send_outbox" in run_jobs(database, tmp_path, "list").stdout


def test_once_is_a_command_that_sends_to_a_real_relay_and_says_what_it_did(
    database: Engine, tmp_path: Path, relay: Relay
) -> None:
    queue_mails(database, 2)
    settings = environment(database, tmp_path, {"DUIJIE_SMTP_URL": relay.url})

    result = subprocess.run(
        [sys.executable, "-m", "jobs", "once", "send_outbox", "--json"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **settings},
        capture_output=True,
        text=True,
        check=False,
    )

    outcome = json.loads(result.stdout)
    assert (result.returncode, outcome["status"], outcome["counts"]) == (0, "ok", {"done": {"sent": 2}})
    assert len(relay.taken) == 2
    assert "@" not in result.stderr


def test_a_dry_run_writes_nothing_into_the_folder(database: Engine, tmp_path: Path) -> None:
    queue_mails(database, 1)

    result = run_jobs(database, tmp_path, "once", "send_outbox", "--dry-run")

    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        ["send_outbox: dry_run", "  done: would_send 1"],
    )
    assert states(database) == [MailStatus.QUEUED]
    assert not (tmp_path / "var" / "mail").exists()


def test_development_mails_land_in_a_folder(database: Engine, tmp_path: Path) -> None:
    queue_mails(database, 2)

    result = run_jobs(database, tmp_path, "once", "send_outbox")

    assert result.exit_code == 0
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 2


def test_a_relay_that_is_down_is_said_in_one_clear_line(database: Engine, tmp_path: Path) -> None:
    queue_mails(database, 1)

    result = run_jobs(database, tmp_path, "once", "send_outbox", DUIJIE_SMTP_URL="smtp://127.0.0.1:1")

    assert result.exit_code == 1
    assert "邮件服务器不可用（connect ConnectionRefusedError）" in result.stderr
    assert "Traceback" not in result.stderr
    assert states(database) == [MailStatus.QUEUED]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"DUIJIE_SMTP_URL": "relay.example"}, "邮件服务器地址"),
        ({"DUIJIE_BASE_URL": "x"}, "DUIJIE_BASE_URL"),
        ({"DUIJIE_SESSION_HOURS": "many"}, "DUIJIE_SESSION_HOURS"),
    ],
)
def test_a_wrong_setting_is_wrong_usage(
    sqlite_engine: Engine, tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    result = run_jobs(sqlite_engine, tmp_path, "list", **settings)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_unknown_job_is_wrong_usage(sqlite_engine: Engine, tmp_path: Path) -> None:
    result = run_jobs(sqlite_engine, tmp_path, "once", "no_such_job")

    assert result.exit_code == 2
    assert "no_such_job" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_database_without_schema_says_what_to_do(bare_url: str, tmp_path: Path) -> None:
    result = run_jobs(bare_url, tmp_path, "once", "send_outbox")

    assert result.exit_code == 2
    assert "python -m models upgrade" in result.stderr


def test_a_database_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    result = run_jobs("postgresql://127.0.0.1:1/none", tmp_path, "list")

    assert result.exit_code == 2
    assert "连不上数据库" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_pack_of_a_pilot_is_written_as_zip_and_pdf(database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        pilot_id = make_pilot_in_use(session).key

    result = run_jobs(database, tmp_path, "pack", str(pilot_id), "--to", "out")

    assert (result.exit_code, result.stderr) == (0, "")
    first = [path.read_bytes()[:4] for path in sorted((tmp_path / "out").iterdir())]
    assert first == [b"%PDF", b"PK\x03\x04"]
    assert [Path(line).suffix for line in result.stdout.split()] == [".zip", ".pdf"]


@pytest.mark.parametrize("missing", ["pilot", "font", "document"])
def test_a_pack_that_cannot_be_made_writes_nothing_and_says_why(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    with transaction(database) as session:
        pilot = make_pilot_in_use(session)
        pilot_id = pilot.key + (missing == "pilot")
        if missing == "document":
            make_evidence(session, pilot)
    if missing == "font":
        monkeypatch.setattr(list_pdf, "FONTS", ("A Font That Nobody Has",))

    result = run_jobs(database, tmp_path, "pack", str(pilot_id), "--to", "out")

    words = {"pilot": "没有这个试点", "font": "没有装中文字体", "document": "文件不在了"}[missing]
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "out").exists()
