from datetime import date
from typing import Any

import pytest

from models.funding_finding import Verdict
from tests.funding_examples import ON, UNKNOWN_FACTS, ask, make_facts

MET, UNMET, UNKNOWN = Verdict.MET, Verdict.UNMET, Verdict.UNKNOWN
PARAMS: dict[str, dict[str, Any]] = {
    "applicant_in_place": {"cities": ["深圳", "深汕"]},
    "applicant_kind": {"kinds": ["startup", "enterprise"]},
    "applicant_age_max_days": {"days": 364},
    "team_size_min": {"people": 2},
    "leader_age_max": {"years": 40, "years_special": 45},
}


@pytest.mark.parametrize("kind", PARAMS)
def test_a_fact_that_is_missing_is_unknown_and_names_who_can_tell(kind: str) -> None:
    finding = ask(kind, UNKNOWN_FACTS, **PARAMS[kind])

    assert finding.verdict is UNKNOWN
    assert finding.missing
    assert finding.where


@pytest.mark.parametrize(
    ("city", "verdict"), [("深圳", MET), ("深圳市", MET), ("深汕", MET), ("广州市", UNMET), ("上海", UNMET)]
)
def test_the_city_decides_the_place(city: str, verdict: Verdict) -> None:
    finding = ask("applicant_in_place", make_facts(applicant_city=city), **PARAMS["applicant_in_place"])

    assert (finding.verdict, finding.values["city"]) == (verdict, city)


@pytest.mark.parametrize(("applicant", "verdict"), [("startup", MET), ("university", UNMET)])
def test_the_kind_of_applicant_decides(applicant: str, verdict: Verdict) -> None:
    facts = make_facts(applicant_kind=applicant)

    assert ask("applicant_kind", facts, **PARAMS["applicant_kind"]).verdict is verdict


@pytest.mark.parametrize(
    ("founded_on", "verdict"),
    [
        (date(2026, 11, 23), MET),
        (date(2025, 11, 24), MET),  # 364 days
        (date(2025, 11, 23), UNMET),  # a full year
        (date(2026, 11, 24), UNKNOWN),  # tomorrow
    ],
)
def test_age_is_counted_in_days_up_to_the_limit(founded_on: date, verdict: Verdict) -> None:
    facts = make_facts(applicant_founded_on=founded_on)

    assert ask("applicant_age_max_days", facts, days=364).verdict is verdict


@pytest.mark.parametrize(("people", "verdict"), [(1, UNMET), (2, MET), (3, MET)])
def test_a_one_person_company_fails_a_team_of_two_and_is_told_so(people: int, verdict: Verdict) -> None:
    finding = ask("team_size_min", make_facts(team_size=people), people=2)

    assert (finding.verdict, finding.values) == (verdict, {"team_size": people, "minimum": 2})


@pytest.mark.parametrize(
    ("born_on", "verdict"),
    [
        (date(1986, 11, 23), MET),  # 40 today
        (date(1985, 11, 24), MET),  # 41 tomorrow
        (date(1985, 11, 23), UNKNOWN),  # 41: only for some groups
        (date(1980, 11, 24), UNKNOWN),  # 46 tomorrow
        (date(1980, 11, 23), UNMET),  # 46
    ],
)
def test_between_the_two_age_limits_nobody_can_tell(born_on: date, verdict: Verdict) -> None:
    finding = ask("leader_age_max", make_facts(leader_born_on=born_on), ON, years=40, years_special=45)

    assert finding.verdict is verdict
    assert "born_on" not in finding.values
