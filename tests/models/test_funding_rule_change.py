"""Rules change by two people's hands, and what was approved is what was read."""

from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.errors import InvalidInput, InvalidTransition, NotAllowed, NotFound
from models.funding_record import FundingRecord
from models.funding_rule import FundingRule, find_rule, rule_as_of
from models.funding_rule_change import (
    DISAGREEMENTS,
    ChangeStatus,
    RuleChange,
    approve_change,
    check_terms,
    get_change,
    make_change,
    newest_version,
    open_changes,
    terms_of,
)
from models.funding_rule_file import DISAGREEMENTS as FILE_DISAGREEMENTS
from models.user import Role, User
from tests.factories import make_user, save
from tests.funding_examples import ON, WAN, make_condition, make_rule

IN_USE = make_condition("pilot_in_use", code="in_use")


@pytest.fixture
def writer(session: Session) -> User:
    return make_user(session, roles=(Role.FUNDING_OFFICER,))


@pytest.fixture
def second(session: Session) -> User:
    return make_user(session, roles=(Role.FUNDING_OFFICER,))


@pytest.fixture
def rule(session: Session) -> FundingRule:
    return save(session, make_rule(IN_USE, cap_fen=50 * WAN))


def changed(session: Session, rule: FundingRule, writer: User, **terms: Any) -> RuleChange:
    change = make_change(rule.programme, by=writer, based_on=rule, terms={**terms_of(rule), **terms})
    return save(session, change)


def submitted(session: Session, rule: FundingRule, writer: User, now: datetime, **terms: Any) -> RuleChange:
    change = changed(session, rule, writer, **terms)
    change.submit(now, by=writer, why="新文件", text_compared=False)
    session.flush()
    return change


def test_a_second_officer_makes_it_the_next_version(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now, cap_fen=80 * WAN)

    made = approve_change(session, change, now, by=second, terms_hash=change.terms_hash)
    session.flush()

    assert (made.version, made.cap_fen, made.replaces_earlier) == (2, 80 * WAN, True)
    assert (change.status, change.rule_id) == (ChangeStatus.APPROVED, made.key)
    assert rule_as_of(session, rule.programme, ON) is made
    assert (rule.version, rule.cap_fen) == (1, 50 * WAN)


def test_nobody_approves_or_returns_what_they_wrote(
    session: Session, rule: FundingRule, writer: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now, cap_fen=80 * WAN)

    with pytest.raises(NotAllowed):
        approve_change(session, change, now, by=writer, terms_hash=change.terms_hash)
    with pytest.raises(NotAllowed):
        change.send_back(now, by=writer, note="不好")
    assert newest_version(session, rule.programme) == 1


def test_the_database_refuses_one_person_in_both_roles(
    session: Session, rule: FundingRule, writer: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now)
    change.approved_at, change.approved_by_user_id, change.rule_id = now, writer.key, rule.key

    with pytest.raises(IntegrityError):
        session.flush()


def test_what_changed_after_it_was_read_is_not_approved(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now, cap_fen=80 * WAN)
    read = change.terms_hash
    change.send_back(now, by=second, note="金额不对")
    change.write({**change.terms, "cap_fen": 90 * WAN}, by=writer)
    change.submit(now, by=writer, why="改了金额", text_compared=False)

    with pytest.raises(InvalidTransition, match="重新看一遍"):
        approve_change(session, change, now, by=second, terms_hash=read)
    assert newest_version(session, rule.programme) == 1


def test_approving_twice_is_refused(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now)
    approve_change(session, change, now, by=second, terms_hash=change.terms_hash)

    with pytest.raises(InvalidTransition):
        approve_change(session, change, now, by=second, terms_hash=change.terms_hash)
    assert newest_version(session, rule.programme) == 2


def test_of_two_changes_from_one_version_the_second_is_refused(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    first, later = (submitted(session, rule, writer, now, cap_fen=fen * WAN) for fen in (80, 90))
    approve_change(session, first, now, by=second, terms_hash=first.terms_hash)

    with pytest.raises(InvalidTransition, match="最新版本"):
        approve_change(session, later, now, by=second, terms_hash=later.terms_hash)


def test_comparing_with_the_text_confirms_the_version(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = changed(session, rule, writer, source_grade="C")
    change.submit(now, by=writer, why="对照过", text_compared=True)

    made = approve_change(session, change, now, by=second, terms_hash=change.terms_hash)

    assert (made.confirmed_at, made.unverified, made.checked_on) == (now, False, rule.checked_on)


def test_a_new_programme_needs_no_code(session: Session, writer: User, second: User, now: datetime) -> None:
    terms = terms_of(make_rule(IN_USE, cap_fen=5 * WAN, stacking_group=None))
    change = save(session, make_change("brand_new", by=writer, based_on=None, terms=terms))
    change.submit(now, by=writer, why="新政策", text_compared=False)

    made = approve_change(session, change, now, by=second, terms_hash=change.terms_hash)

    assert (made.programme, made.version, made.replaces_earlier) == ("brand_new", 1, False)
    assert find_rule(session, "brand_new", 1) is made
    assert session.exec(select(sa.func.count()).select_from(FundingRecord)).one() == 0


def test_a_submitted_change_stands_still_and_only_its_writer_edits_it(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = changed(session, rule, writer)
    with pytest.raises(NotAllowed):
        change.write(change.terms, by=second)
    with pytest.raises(NotAllowed):
        change.submit(now, by=second, why="x", text_compared=False)
    with pytest.raises(NotAllowed):
        change.withdraw(now, by=second)
    change.submit(now, by=writer, why="新文件", text_compared=False)

    with pytest.raises(InvalidTransition):
        change.write(change.terms, by=writer)
    with pytest.raises(InvalidTransition):
        change.submit(now, by=writer, why="新文件", text_compared=False)


def test_sent_back_it_is_written_again_and_withdrawn_it_ends(
    session: Session, rule: FundingRule, writer: User, second: User, now: datetime
) -> None:
    change = submitted(session, rule, writer, now)
    with pytest.raises(InvalidInput):
        change.send_back(now, by=second, note=" ")
    change.send_back(now, by=second, note="缺出处")
    assert (change.status, change.return_note) == (ChangeStatus.WRITING, "缺出处")
    assert open_changes(session) == [change]

    change.withdraw(now, by=writer)

    assert (change.status, open_changes(session)) == (ChangeStatus.WITHDRAWN, [])
    with pytest.raises(InvalidTransition):
        change.withdraw(now, by=writer)
    with pytest.raises(InvalidTransition):
        change.send_back(now, by=second, note="x")


def test_submitting_asks_why(session: Session, rule: FundingRule, writer: User, now: datetime) -> None:
    change = changed(session, rule, writer)

    with pytest.raises(InvalidInput) as refused:
        change.submit(now, by=writer, why=" ", text_compared=False)

    assert set(refused.value.fields) == {"why"}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"cap_fen": 0}, "cap_fen"),
        ({"cap_fen": -1}, "cap_fen"),
        ({"cap_fen": 10**13}, "cap_fen"),
        ({"pool_fen": 0}, "pool_fen"),
        ({"tiers": [0]}, "tiers"),
        ({"rate_bp": 3000}, "spend_purpose"),
        ({"rate_bp": 3000, "spend_purpose": "model", "tiers": [WAN]}, "tiers"),
        ({"valid_from_on": "2027-01-02", "valid_until_on": "2027-01-01"}, "valid_until_on"),
        ({"window_from_on": "2027-01-02", "window_until_on": "2027-01-01"}, "window_until_on"),
        ({"conditions": [make_condition("no_stacking").model_dump(mode="json")]}, "stacking_group"),
        ({"conditions": [make_condition("yearly_cap").model_dump(mode="json")]}, "yearly_cap_fen"),
        ({"conditions": [IN_USE.model_dump(mode="json")] * 2}, "conditions"),
        ({"conditions": [{"code": "x", "kind": "horoscope"}]}, "conditions"),
        ({"kind": "lottery"}, "kind"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_a_sentence_at_their_field(
    terms: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_terms({**terms_of(make_rule(IN_USE)), **terms})

    assert set(refused.value.fields) == {field}
    assert all(words.endswith("。") for words in refused.value.fields.values())


def test_every_contradiction_has_its_sentence() -> None:
    assert set(DISAGREEMENTS) == set(FILE_DISAGREEMENTS)


def test_a_change_is_found_by_id(session: Session, rule: FundingRule, writer: User) -> None:
    change = changed(session, rule, writer)

    assert get_change(session, change.key) is change
    with pytest.raises(NotFound):
        get_change(session, change.key + 1)


def test_what_a_version_replaced_does_not_come_back_after_it(session: Session) -> None:
    save(session, make_rule(version=1, valid_from_on=date(2025, 1, 1), valid_until_on=None))
    later = make_rule(
        version=2, valid_from_on=date(2026, 1, 1), valid_until_on=date(2026, 6, 30), replaces_earlier=True
    )
    save(session, later)

    governs = {on: rule_as_of(session, "test_grant", on) for on in (date(2025, 5, 1), ON)}

    assert {on: rule and (rule.version, rule.is_in_force(on)) for on, rule in governs.items()} == {
        date(2025, 5, 1): (1, True),
        ON: (2, False),
    }
