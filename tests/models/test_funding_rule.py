from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.errors import InvalidTransition, NotFound
from models.funding_condition import Condition, SourceGrade
from models.funding_rule import (
    FundingRule,
    FundingTarget,
    RuleStatus,
    find_rule,
    get_rule,
    list_rules,
    rule_as_of,
    rules_in_force,
)
from tests.funding_examples import make_condition, make_rule

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
B = SourceGrade.B


def add(session: Session, **values: Any) -> FundingRule:
    rule = make_rule(**values)
    session.add(rule)
    session.flush()
    return rule


@pytest.mark.parametrize(
    ("on", "status"),
    [
        (date(2025, 12, 31), RuleStatus.DRAFT),
        (date(2026, 1, 1), RuleStatus.IN_FORCE),
        (date(2026, 10, 1), RuleStatus.IN_FORCE),  # 91 days left
        (date(2026, 10, 2), RuleStatus.EXPIRING),  # 90 days left
        (date(2026, 12, 31), RuleStatus.EXPIRING),  # the last day itself
        (date(2027, 1, 1), RuleStatus.EXPIRED),
    ],
)
def test_a_rule_counts_through_its_last_day(on: date, status: RuleStatus) -> None:
    rule = make_rule()

    assert rule.status_on(on) is status
    assert rule.is_in_force(on) is (status in (RuleStatus.IN_FORCE, RuleStatus.EXPIRING))


def test_a_rule_without_a_first_day_is_a_draft_and_one_without_a_last_day_goes_on() -> None:
    assert make_rule(valid_from_on=None).status_on(date(2026, 6, 1)) is RuleStatus.DRAFT
    assert make_rule(valid_until_on=None).status_on(date(2050, 1, 1)) is RuleStatus.IN_FORCE


def doubtful(**values: Any) -> Condition:
    return make_condition("pilot_in_use").model_copy(update=values)


@pytest.mark.parametrize(
    ("grade", "condition", "unverified"),
    [
        (SourceGrade.A, doubtful(), False),
        (SourceGrade.A, doubtful(unverified=True), True),
        (SourceGrade.A, doubtful(source_grade=B), True),
        (SourceGrade.B, doubtful(), True),
        (SourceGrade.C, doubtful(), True),
    ],
)
def test_what_no_official_page_says_is_unverified_until_an_officer_confirms(
    grade: SourceGrade, condition: Condition, unverified: bool
) -> None:
    rule = make_rule(condition, source_grade=grade)
    confirmed = make_rule(condition, source_grade=grade, confirmed_at=NOW)

    assert rule.unverified is unverified
    assert confirmed.unverified is False


def test_a_doubtful_alternative_rate_makes_the_rule_unverified() -> None:
    rate = {"rate_bp": 6000, "condition": doubtful(source_grade=B).model_dump(mode="json")}

    assert make_rule(rate_bp=5000, spend_purpose="compute", alternative_rates=[rate]).unverified


def test_a_rule_is_confirmed_once(session: Session) -> None:
    rule = add(session, source_grade=B)

    rule.confirm(NOW)
    session.flush()

    assert rule.confirmed_at == NOW
    with pytest.raises(InvalidTransition):
        rule.confirm(NOW)


def test_a_stored_version_keeps_its_terms(session: Session) -> None:
    rule = add(session, cap_fen=100)
    rule.cap_fen = 200

    with pytest.raises(InvalidTransition, match="新增一个版本"):
        session.flush()


def test_looking_at_the_source_again_may_be_noted(session: Session) -> None:
    rule = add(session)
    rule.checked_on = date(2026, 12, 1)

    session.flush()

    assert get_rule(session, rule.key).checked_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    "values",
    [
        {"version": 0},
        {"cap_fen": 0},
        {"yearly_cap_fen": -1},
        {"rate_bp": 0, "spend_purpose": "model"},
        {"rate_bp": 10_001, "spend_purpose": "model"},
        {"rate_bp": 3000},
        {"window_from_on": date(2026, 6, 5), "window_until_on": date(2026, 6, 4)},
        {"valid_from_on": date(2027, 1, 1)},
    ],
)
def test_the_database_refuses_terms_that_make_no_sense(session: Session, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        add(session, **values)


def test_a_version_of_a_programme_is_stored_once(session: Session) -> None:
    add(session)

    with pytest.raises(IntegrityError):
        add(session)


def test_conditions_come_back_typed_and_are_found_by_code(session: Session) -> None:
    main, rate = make_condition("pilot_in_use", code="in_use"), make_condition("officer_checks", code="more")
    rule = make_rule(
        main,
        rate_bp=3000,
        spend_purpose="model",
        alternative_rates=[{"rate_bp": 6000, "condition": rate.model_dump(mode="json")}],
    )
    session.add(rule)
    session.flush()
    session.expire(rule)

    assert rule.typed_conditions == (main,)
    assert (rule.condition("in_use"), rule.condition("more")) == (main, rate)
    with pytest.raises(NotFound):
        rule.condition("absent")


def test_stored_json_that_is_no_condition_is_never_guessed_at() -> None:
    rule = make_rule(conditions=[{"code": "x", "kind": "horoscope"}])

    with pytest.raises(ValidationError):
        _ = rule.typed_conditions


@pytest.fixture
def versions(session: Session) -> Session:
    """Two overlapping versions and a gap: v1 all of 2025 and 2026, v2 from May 2026 to March 2027."""
    add(session, version=1, valid_from_on=date(2025, 1, 1))
    add(session, version=2, valid_from_on=date(2026, 5, 1), valid_until_on=date(2027, 3, 31))
    return session


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2025, 1, 1), 1),
        (date(2026, 4, 30), 1),
        (date(2026, 5, 1), 2),
        (date(2027, 3, 31), 2),
        (date(2027, 4, 1), 2),  # both have expired; v2 did so last
    ],
)
def test_the_version_of_the_day_governs(versions: Session, on: date, version: int) -> None:
    rule = rule_as_of(versions, "test_grant", on)

    assert rule is not None
    assert rule.version == version


def test_before_the_first_version_nothing_governs(versions: Session) -> None:
    assert rule_as_of(versions, "test_grant", date(2024, 12, 31)) is None
    assert rule_as_of(versions, "unheard_of", date(2026, 6, 1)) is None


def test_a_later_version_that_has_already_ended_does_not_hide_one_in_force(session: Session) -> None:
    add(session, version=1, valid_from_on=date(2025, 1, 1), valid_until_on=date(2027, 12, 31))
    add(session, version=2, valid_from_on=date(2026, 1, 1), valid_until_on=date(2026, 6, 30))

    rule = rule_as_of(session, "test_grant", date(2026, 11, 23))

    assert rule is not None
    assert rule.version == 1


def test_rules_in_force_are_one_per_programme_and_can_be_narrowed(versions: Session) -> None:
    add(versions, programme="a_voucher", target=FundingTarget.FIRM)
    add(versions, programme="b_draft", valid_from_on=None)
    add(versions, programme="c_over", valid_until_on=date(2026, 11, 22))

    def found(on: date, **narrow: Any) -> list[tuple[str, int]]:
        return [(rule.programme, rule.version) for rule in rules_in_force(versions, on, **narrow)]

    assert found(date(2026, 11, 23)) == [("a_voucher", 1), ("test_grant", 2)]
    assert found(date(2026, 11, 23), target=FundingTarget.PILOT) == [("test_grant", 2)]
    assert found(date(2027, 1, 1)) == [("test_grant", 2)]
    assert len(list_rules(versions)) == 5


def test_rules_are_found_by_version_or_id(session: Session) -> None:
    rule = add(session)

    assert find_rule(session, "test_grant", 1) is rule
    assert find_rule(session, "test_grant", 2) is None
    with pytest.raises(NotFound):
        get_rule(session, rule.key + 1)
