from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import Engine

from jobs.schedule import build
from models.config import Settings
from models.outbox import MailKind
from models.place import RecognitionState
from models.plan_target import PlanMeasure
from models.work import RunStatus
from web.desk_labels import (
    JOB_DUTIES,
    JOBS,
    MAIL_KINDS,
    PLAN_MEASURES,
    RECOGNITION_STATES,
    RUN_STATUSES,
)


def test_every_job_has_a_name_and_a_duty(engine: Engine, tmp_path: Path) -> None:
    names = {job.name for job in build(Settings(_env_file=None, data_dir=tmp_path), engine)}

    assert names == set(JOBS) == set(JOB_DUTIES)


def test_every_kind_of_mail_has_a_name() -> None:
    assert set(MAIL_KINDS) == set(MailKind)


def test_every_state_has_a_word() -> None:
    assert set(RECOGNITION_STATES) == set(RecognitionState)
    assert set(PLAN_MEASURES) == set(PlanMeasure)
    assert set(RUN_STATUSES) == set(RunStatus) - {RunStatus.DRY_RUN}
