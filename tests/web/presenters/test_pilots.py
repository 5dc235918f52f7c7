from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from models.acceptance import CHECKLIST, Conclusion
from models.milestone import Milestone
from models.pilot_decision import Outcome, PilotDecision
from tests.factories import MONDAY, make_pilot, make_pilot_in_use, save
from web.labels import CHECKLIST as WORDS
from web.labels import CONCLUSIONS, OUTCOMES
from web.presenters.pilots import outcomes, pilot_records

ZONE, TODAY = ZoneInfo("Asia/Shanghai"), date(2026, 12, 20)


def test_everything_that_happened_stands_in_one_order(session: Session) -> None:
    pilot = make_pilot_in_use(session, created_at=MONDAY, decision_on=date(2027, 1, 20))
    save(session, Milestone(pilot_id=pilot.key, title="上线", due_on=TODAY, done_at=MONDAY))
    save(
        session,
        PilotDecision(
            pilot_id=pilot.key, outcome=Outcome.EXTEND, decided_on=TODAY, decided_by="李科长", note="再看",
            next_decision_on=date(2027, 1, 20),
        ),
    )  # fmt: skip

    history = pilot_records(session, pilot, "zh", today=TODAY, zone=ZONE)["history"]

    assert [on for on, _, _ in history] == sorted(on for on, _, _ in history)
    assert history[-1][1] == "延期" and "再看" in history[-1][2] and "01-20" in history[-1][2]
    assert "里程碑完成" in [words for _, words, _ in history]


@pytest.mark.parametrize(("decision_on", "alarm"), [(date(2026, 12, 19), True), (TODAY, False)])
def test_the_alarm_rings_the_day_after_until_it_is_scaled(
    session: Session, decision_on: date, alarm: bool
) -> None:
    pilot = make_pilot_in_use(session, decision_on=decision_on)

    assert pilot_records(session, pilot, "zh", today=TODAY, zone=ZONE)["purgatory"] is alarm
    scaled = PilotDecision(
        pilot_id=pilot.key, outcome=Outcome.SCALE, decided_on=TODAY, decided_by="李", note="好"
    )
    save(session, scaled)
    assert pilot_records(session, pilot, "zh", today=TODAY, zone=ZONE)["purgatory"] is False


def test_what_may_be_decided_follows_the_state(session: Session, now) -> None:
    assert outcomes(make_pilot(session, agreed_at=MONDAY)) == [Outcome.EXTEND, Outcome.STOP]
    assert outcomes(make_pilot_in_use(session)) == [Outcome.EXTEND, Outcome.SCALE, Outcome.STOP]
    assert outcomes(make_pilot_in_use(session, accepted_at=now)) == [Outcome.SCALE]


def test_every_code_has_its_word() -> None:
    assert set(WORDS) == set(CHECKLIST)
    assert set(OUTCOMES) == {row.value for row in Outcome}
    assert set(CONCLUSIONS) == {row.value for row in Conclusion}
