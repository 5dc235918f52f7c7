"""What a firm could get: its own pilots and itself, asked about as of a day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from models.funding_finding import Verdict
from models.funding_options import find_options
from models.funding_record import FundingRecord
from models.funding_rule import FundingTarget
from models.organisation import Organisation
from tests.factories import MONDAY, make_firm, make_pilot, make_pilot_in_use, save
from tests.funding_examples import ON, WAN, make_condition, make_rule

ZONE = ZoneInfo("Asia/Shanghai")
IN_USE = make_condition("pilot_in_use", code="in_use")
TEAM = make_condition("team_size_min", code="team", people=2)


def options(session: Session, firm: Organisation, on: date = ON) -> list:
    return find_options(session, firm, on, zone=ZONE)


def test_rules_for_pilots_ask_each_pilot_and_others_ask_the_firm(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    pilot.organisation.team_size = 1
    make_pilot_in_use(session)
    save(session, make_rule(IN_USE))
    save(session, make_rule(TEAM, programme="award", target=FundingTarget.PERSON))

    found = options(session, pilot.organisation)

    assert [(row.rule.programme, row.pilot, row.assessment.verdict) for row in found] == [
        ("test_grant", pilot, Verdict.MET),
        ("award", None, Verdict.UNMET),
    ]
    assert session.exec(select(FundingRecord)).all() == []


def test_a_firm_without_a_pilot_has_routes_of_its_own(session: Session) -> None:
    firm = make_firm(session, team_size=3)
    save(session, make_rule(IN_USE))
    save(session, make_rule(TEAM, programme="award", target=FundingTarget.FIRM))

    assert [(row.rule.programme, row.assessment.verdict) for row in options(session, firm)] == [
        ("award", Verdict.MET)
    ]


def test_plans_and_ends_are_no_routes(session: Session, now: datetime) -> None:
    planned = make_pilot(session)
    stopped = make_pilot_in_use(session, stopped_at=now, stop_reason="x")
    agreed = make_pilot(session, agreed_at=MONDAY)
    save(session, make_rule(IN_USE))

    assert options(session, planned.organisation) == options(session, stopped.organisation) == []
    assert [row.assessment.verdict for row in options(session, agreed.organisation)] == [Verdict.UNKNOWN]


def test_rules_of_one_group_name_each_other_for_one_pilot(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    for programme, group in (("a_one", "city"), ("b_two", "city"), ("c_three", None)):
        save(session, make_rule(IN_USE, programme=programme, stacking_group=group))
    lost = make_condition("scenario_kind_in", kinds=["challenge"])
    save(session, make_rule(lost, programme="d_four", stacking_group="city"))

    conflicts = {
        row.rule.programme: [other.programme for other in row.conflicts]
        for row in options(session, pilot.organisation)
    }

    assert conflicts == {"a_one": ["b_two"], "b_two": ["a_one"], "c_three": [], "d_four": ["a_one", "b_two"]}


def test_what_closes_soonest_comes_first_and_days_are_counted(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    for programme, last in (
        ("a_later", date(2026, 12, 30)),
        ("b_soon", date(2026, 11, 25)),
        ("c_none", None),
    ):
        first = date(2026, 11, 1) if last else None
        save(
            session,
            make_rule(IN_USE, programme=programme, cap_fen=WAN, window_from_on=first, window_until_on=last),
        )

    found = options(session, pilot.organisation)

    assert [(row.rule.programme, row.days_left(ON)) for row in found] == [
        ("b_soon", 2),
        ("a_later", 37),
        ("c_none", None),
    ]
    assert found[0].days_left(date(2026, 11, 26)) is None


def test_another_day_has_other_rules(session: Session) -> None:
    pilot = make_pilot_in_use(session)
    save(session, make_rule(IN_USE, valid_until_on=date(2026, 12, 17)))

    assert len(options(session, pilot.organisation)) == 1
    assert options(session, pilot.organisation, date(2027, 1, 1)) == []
