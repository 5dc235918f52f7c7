from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from jobs.mail_evidence import FolderEvidence, NoEvidence, RelayLog
from jobs.mailer import FileMailer, SmtpMailer
from jobs.schedule import build, get_job, make_post
from models.config import Settings
from models.errors import InvalidInput, NotFound


def make_settings(tmp_path: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **values)


def test_every_job_has_a_name_of_its_own_a_rhythm_and_a_reason(sqlite_engine: Engine, tmp_path: Path) -> None:
    jobs = build(make_settings(tmp_path), sqlite_engine)

    names = [job.name for job in jobs]
    assert len(set(names)) == len(names) >= 3
    assert all(job.why.endswith(".") and job.when.in_words() for job in jobs)


def test_every_job_is_the_function_of_the_module_of_its_name(sqlite_engine: Engine, tmp_path: Path) -> None:
    for job in build(make_settings(tmp_path), sqlite_engine):
        function = job.function.func  # type: ignore[attr-defined]

        assert (function.__module__, function.__name__) == (f"jobs.{job.name}", job.name)


def test_an_unknown_job_is_refused_with_the_names_there_are(sqlite_engine: Engine, tmp_path: Path) -> None:
    jobs = build(make_settings(tmp_path), sqlite_engine)

    assert get_job(jobs, "send_outbox").name == "send_outbox"
    with pytest.raises(NotFound, match="send_outbox"):
        get_job(jobs, "send_everything")


def test_without_a_relay_mails_go_to_a_folder_that_is_its_own_evidence(tmp_path: Path) -> None:
    post = make_post(make_settings(tmp_path))

    assert isinstance(post.mailer, FileMailer)
    assert isinstance(post.evidence, FolderEvidence)


def test_a_relay_and_its_log_come_from_the_settings(tmp_path: Path) -> None:
    relay = {"smtp_url": "smtp://relay.example:2525"}

    assert isinstance(make_post(make_settings(tmp_path, **relay)).evidence, NoEvidence)
    post = make_post(make_settings(tmp_path, **relay, mail_evidence=str(tmp_path / "mail.log")))
    assert isinstance(post.mailer, SmtpMailer)
    assert isinstance(post.evidence, RelayLog)
    assert post.renderer.domain == "duijie.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "relay.example:25"},
        {"mail_evidence": "https://relay.example"},
        {"mail_from": "nobody"},
        {"base_url": "duijie.example"},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_the_start(
    sqlite_engine: Engine, tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        build(make_settings(tmp_path, **wrong), sqlite_engine)
