"""Review: who may, in which district; a hand-in kept as it was sent; one answer a round; what changed since."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from models.draft import DraftContent, Wanted, change_draft, delete_draft, get_draft, make_draft
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.organisation import Organisation
from models.place import District
from models.review import (
    REVIEWED,
    ReviewRemark,
    ReviewRound,
    approve_round,
    changed_fields,
    content_of,
    get_reviewed,
    last_return,
    list_rounds,
    may_review,
    needs_review,
    open_rounds,
    reopen,
    return_round,
    reviewers,
    submit_for_review,
)
from models.scenario import Scenario, ScenarioStatus
from models.user import Role, User, UserRole
from tests.factories import MONDAY, make_batch, make_district, make_organisation, make_round, make_user, save

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def district(session: Session) -> District:
    return make_district(session, reviews_scenarios=True)


@pytest.fixture
def owner(session: Session, district: District) -> Organisation:
    return make_organisation(session, district_id=district.key)


@pytest.fixture
def author(session: Session, owner: Organisation) -> User:
    return make_user(session, roles=(Role.AGENCY,), organisation_id=owner.key)


@pytest.fixture
def reviewer(session: Session) -> User:
    return make_user(session, roles=(Role.REVIEWER,))


@pytest.fixture
def draft(session: Session, owner: Organisation) -> Scenario:
    return save(session, make_draft(owner, title="井盖破损", now=NOW))


def submitted(session: Session, draft: Scenario, author: User, **values: datetime) -> ReviewRound:
    now = values.get("now", NOW)
    return submit_for_review(session, draft, by=author, revision=draft.revision, now=now)


def returned(session: Session, draft: Scenario, author: User, reviewer: User) -> ReviewRound:
    row = submitted(session, draft, author)
    return_round(session, row, by=reviewer, note="", remarks={"target": "写成数"}, now=NOW)
    return row


def rewrite(session: Session, draft: Scenario, **values: object) -> None:
    content = DraftContent({"title": draft.title, **values}, (Wanted("召回率不低于90%"),))
    change_draft(session, draft, content, revision=draft.revision, now=NOW)


def test_a_district_says_whether_review_is_needed(session: Session, draft: Scenario) -> None:
    assert needs_review(draft)
    draft.district.reviews_scenarios = False
    assert not needs_review(draft)
    draft.district = None
    assert not needs_review(draft)


def test_a_hand_in_keeps_the_text_as_it_was_sent(session: Session, draft: Scenario, author: User) -> None:
    rewrite(session, draft, target="4 小时")

    row = submitted(session, draft, author)

    assert (row.serial, row.content["target"], draft.status) == (1, "4 小时", ScenarioStatus.IN_REVIEW)
    assert row.content["requirements"] == [{"text": "召回率不低于90%", "must": True}]
    assert list(row.content) == list(REVIEWED)
    assert row.content == content_of(draft)


def test_where_no_review_is_asked_for_nothing_is_handed_in(
    session: Session, draft: Scenario, author: User
) -> None:
    draft.district.reviews_scenarios = False

    with pytest.raises(InvalidTransition, match="直接发布"):
        submitted(session, draft, author)

    assert draft.status is ScenarioStatus.DRAFT


def test_a_text_that_moved_on_meanwhile_is_not_handed_in(
    session: Session, draft: Scenario, author: User
) -> None:
    with pytest.raises(InvalidTransition):
        submit_for_review(session, draft, by=author, revision=draft.revision + 3, now=NOW)


def test_what_is_in_review_is_off_its_authors_desk(
    session: Session, draft: Scenario, author: User, owner: Organisation
) -> None:
    submitted(session, draft, author)

    with pytest.raises(InvalidTransition):
        get_draft(session, draft.key, organisation_id=owner.key)
    with pytest.raises(InvalidTransition):
        submitted(session, draft, author)


def test_a_save_that_was_under_way_when_it_was_handed_in_is_lost_and_says_so(
    session: Session, draft: Scenario, author: User
) -> None:
    before = draft.revision
    submitted(session, draft, author)

    with pytest.raises(InvalidTransition):
        change_draft(session, draft, DraftContent({"title": "后来的"}), revision=before, now=NOW)


def test_a_return_puts_it_back_with_a_remark_a_field(
    session: Session, draft: Scenario, author: User, reviewer: User, owner: Organisation
) -> None:
    row = submitted(session, draft, author)

    return_round(
        session,
        row,
        by=reviewer,
        note="再改改",
        remarks={"target": "写成数", "metric": "", "x": "y"},
        now=NOW,
    )

    assert draft.status is ScenarioStatus.RETURNED
    assert (row.by_field, row.note, row.decided_by_user_id) == ({"target": "写成数"}, "再改改", reviewer.key)
    assert get_draft(session, draft.key, organisation_id=owner.key) is draft
    assert last_return(session, draft) is row


def test_a_return_that_says_nothing_is_refused(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    row = submitted(session, draft, author)

    with pytest.raises(InvalidInput) as refused:
        return_round(session, row, by=reviewer, note="", remarks={}, now=NOW)

    assert set(refused.value.fields) == {"note"}
    assert draft.status is ScenarioStatus.IN_REVIEW


def test_a_second_hand_in_can_be_compared_with_the_first(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    first = returned(session, draft, author, reviewer)
    rewrite(session, draft, target="4 小时")

    second = submitted(session, draft, author, now=NOW + timedelta(days=1))

    assert (second.serial, last_return(session, draft)) == (2, None)
    assert changed_fields(first.content, second.content) == ["target", "requirements"]
    assert list_rounds(session, draft.key) == [first, second]


def test_an_approved_text_waits_for_its_batch(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    row = submitted(session, draft, author)
    batch = make_batch(session, released_at=None)

    approve_round(session, row, by=reviewer, batch=batch, note="", now=NOW)

    assert (draft.status, draft.batch_id, row.approved_at) == (ScenarioStatus.APPROVED, batch.key, NOW)
    assert draft.published_at is None


def test_a_batch_that_is_out_or_of_another_district_takes_nothing(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    row = submitted(session, draft, author)
    elsewhere = make_batch(session, released_at=None, district_id=make_district(session).key)

    for batch in (make_batch(session), elsewhere):
        with pytest.raises(InvalidTransition):
            approve_round(session, row, by=reviewer, batch=batch, note="", now=NOW)

    assert draft.status is ScenarioStatus.IN_REVIEW


def test_a_round_has_one_answer(session: Session, draft: Scenario, author: User, reviewer: User) -> None:
    row = submitted(session, draft, author)
    approve_round(session, row, by=reviewer, batch=None, note="", now=NOW)

    with pytest.raises(InvalidTransition):
        return_round(session, row, by=reviewer, note="不行", remarks={}, now=NOW)
    draft.approved_at = None
    with pytest.raises(InvalidTransition, match="另一位"):
        return_round(session, row, by=reviewer, note="不行", remarks={}, now=NOW)


def test_the_database_knows_no_round_with_two_answers(session: Session) -> None:
    with pytest.raises(IntegrityError):
        make_round(session, returned_at=MONDAY, approved_at=MONDAY)


def test_the_database_knows_each_round_and_each_remark_once(session: Session) -> None:
    row = make_round(session)
    with pytest.raises(IntegrityError), session.begin_nested():
        make_round(session, scenario_id=row.scenario_id)
    save(session, ReviewRemark(round_id=row.key, field="target", text="甲"))
    with pytest.raises(IntegrityError), session.begin_nested():
        save(session, ReviewRemark(round_id=row.key, field="target", text="乙"))


def test_what_was_handed_in_is_not_deleted(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    returned(session, draft, author, reviewer)

    with pytest.raises(InvalidTransition, match="不能删除"):
        delete_draft(session, draft)


def test_the_queue_is_by_age_and_ends_at_the_districts_of_the_role(session: Session) -> None:
    younger = make_round(session, created_at=MONDAY + timedelta(days=1))
    older = make_round(session)
    make_round(session, returned_at=MONDAY)
    gone = make_round(session)
    gone.scenario.withdrawn_at = MONDAY
    city_wide = make_user(session, roles=(Role.REVIEWER,))
    local = make_user(session)
    save(
        session,
        UserRole(user_id=local.key, role=Role.OPERATOR, district_id=younger.scenario.district_id),
    )
    session.refresh(local)

    assert open_rounds(session, city_wide) == [older, younger]
    assert open_rounds(session, local) == [younger]
    assert may_review(local, younger.scenario) and not may_review(local, older.scenario)
    assert get_reviewed(session, younger.scenario_id, reader=local)[1] == [younger]
    with pytest.raises(NotFound):
        get_reviewed(session, older.scenario_id, reader=local)


def test_roles_that_do_not_review_see_nothing(session: Session) -> None:
    row = make_round(session)
    organizer = make_user(session, roles=(Role.ORGANIZER, Role.AGENCY))

    assert open_rounds(session, organizer) == []
    with pytest.raises(NotFound):
        get_reviewed(session, row.scenario_id, reader=organizer)


def test_what_was_never_handed_in_is_not_reviewed(session: Session, draft: Scenario, reviewer: User) -> None:
    for scenario_id in (draft.key, 999_999):
        with pytest.raises(NotFound):
            get_reviewed(session, scenario_id, reader=reviewer)


def test_reviewers_of_the_city_and_of_the_district_are_told(
    session: Session, draft: Scenario, reviewer: User
) -> None:
    local = make_user(session)
    save(session, UserRole(user_id=local.key, role=Role.REVIEWER, district_id=draft.district_id))
    elsewhere = make_user(session)
    save(
        session,
        UserRole(user_id=elsewhere.key, role=Role.REVIEWER, district_id=make_district(session).key),
    )
    make_user(session, roles=(Role.REVIEWER,), locked_at=MONDAY)
    make_user(session, roles=(Role.ADMIN,))

    assert reviewers(session, draft) == [reviewer, local]


def test_a_reopened_text_is_back_on_the_desk_with_the_reason_and_the_approval_on_record(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    row = submitted(session, draft, author)
    with pytest.raises(InvalidTransition):
        reopen(session, draft, by=reviewer, note="早了", now=NOW)
    approve_round(session, row, by=reviewer, batch=make_batch(session, released_at=None), note="", now=NOW)
    with pytest.raises(InvalidInput):
        reopen(session, draft, by=reviewer, note="", now=NOW)

    again = reopen(session, draft, by=reviewer, note="截止早于发布", now=NOW)

    assert (draft.status, draft.batch_id) == (ScenarioStatus.RETURNED, None)
    assert (last_return(session, draft), row.approved_at) == (again, NOW)


def test_a_text_of_another_district_or_none_does_not_escape_that_of_its_unit(
    session: Session, draft: Scenario
) -> None:
    for district_id in (None, make_district(session).key):
        draft.district_id = district_id
        session.flush()
        session.refresh(draft)

        assert needs_review(draft)


def test_what_changed_after_the_hand_in_is_not_approved(
    session: Session, draft: Scenario, author: User, reviewer: User
) -> None:
    row = submitted(session, draft, author)
    draft.text = "另一段话。"

    with pytest.raises(InvalidTransition, match="变了"):
        approve_round(session, row, by=reviewer, batch=None, note="", now=NOW)


def test_where_nobody_is_a_reviewer_the_others_who_may_review_are_told(
    session: Session, draft: Scenario
) -> None:
    operator = make_user(session, roles=(Role.OPERATOR,))

    assert reviewers(session, draft) == [operator]
    reviewer = make_user(session, roles=(Role.REVIEWER,))
    assert reviewers(session, draft) == [reviewer]
