from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from jobs.mail_parts import Content, Dropped
from jobs.pilot_mail import read_undecided
from models.outbox import MailKind
from models.pilot import Pilot
from tests.factories import MONDAY, make_pilot
from tests.jobs.rows import make_mail

ON, LATE = date(2026, 11, 23), date(2026, 11, 20)
RUNNING = {"agreed_at": MONDAY, "started_at": MONDAY}


def read(session: Session, pilot_id: int) -> Content:
    mail = make_mail(session, kind=MailKind.PILOT_UNDECIDED, subject_ref=f"pilot:{pilot_id}")
    return read_undecided(session, mail, ON)


def test_it_says_who_was_to_decide_and_when(session: Session) -> None:
    pilot = make_pilot(session, **RUNNING, decision_on=LATE)

    values = read(session, pilot.key).values

    assert (values["decision_owner"], values["decision_on"]) == ("李科长", LATE)
    assert (values["pilot_id"], values["firm_name"]) == (pilot.key, pilot.organisation.name)


@pytest.mark.parametrize(
    "values",
    [
        {**RUNNING, "decision_on": ON},
        {**RUNNING, "decision_on": LATE, "stopped_at": MONDAY, "stop_reason": "x"},
        {"decision_on": LATE},
    ],
)
def test_what_was_decided_meanwhile_is_told_to_nobody(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(Dropped, match="pilot_decided"):
        read(session, make_pilot(session, **values).key)


def test_a_pilot_that_is_gone_is_told_to_nobody(session: Session) -> None:
    assert session.get(Pilot, 99) is None
    with pytest.raises(Dropped, match="pilot_gone"):
        read(session, 99)
