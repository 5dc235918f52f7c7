from datetime import date

import pytest

from models.funding_facts import Claim
from models.funding_finding import Check, Situation, Verdict, judge, unknown
from tests.funding_examples import make_facts


@pytest.mark.parametrize(
    ("fits", "verdict", "reason"),
    [(True, Verdict.MET, "size_fits"), (False, Verdict.UNMET, "size_fails")],
)
def test_a_reason_code_alone_tells_met_from_unmet(fits: bool, verdict: Verdict, reason: str) -> None:
    finding = judge(fits, "size", size=3)

    assert (finding.verdict, finding.reason, finding.values) == (verdict, reason, {"size": 3})


def test_days_are_kept_as_iso_text() -> None:
    finding = unknown("x", missing="call", where="issuing_office", from_on=date(2026, 5, 6))

    assert finding.values == {"from_on": "2026-05-06"}


def test_only_grants_of_the_programme_and_year_are_summed() -> None:
    claims = (
        Claim(1, "a", "g", 2026, 100),
        Claim(2, "a", "g", 2026, 20),
        Claim(1, "a", "g", 2025, 3),
        Claim(1, "b", "g", 2026, 4),
    )

    situation = Situation(make_facts(claims=claims), date(2026, 12, 31), programme="a")

    assert situation.granted_this_year_fen() == 120


def test_what_nobody_told_is_not_a_sum_of_zero() -> None:
    assert Situation(make_facts(claims=None), date(2026, 1, 1)).granted_this_year_fen() is None


def test_a_check_must_say_how_it_answers() -> None:
    with pytest.raises(NotImplementedError):
        Check().answer(Situation(make_facts(), date(2026, 1, 1)))
