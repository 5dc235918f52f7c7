from datetime import timedelta

import pytest
from sqlmodel import Session, select

from models.db import make_session, transaction
from models.draft import (
    DraftContent,
    Wanted,
    change_draft,
    delete_draft,
    get_draft,
    make_draft,
    publish_draft,
)
from models.errors import InvalidTransition, NotFound
from models.scenario import Requirement, Scenario, ScenarioStatus
from tests.factories import make_district, make_organisation, make_scenario, save


@pytest.fixture
def draft(session, now) -> Scenario:
    owner = make_organisation(session, district_id=make_district(session).key)
    return save(session, make_draft(owner, title="井盖破损自动派单", now=now))


def content(*requirements: str, **values: object) -> DraftContent:
    return DraftContent({"title": "井盖破损自动派单", **values}, tuple(Wanted(text) for text in requirements))


def lines(draft: Scenario) -> list[tuple[int, str, bool]]:
    return [(row.position, row.text, row.must) for row in draft.requirements]


def test_a_draft_begins_empty_in_its_owners_district(session, draft, now):
    assert draft.status is ScenarioStatus.DRAFT
    assert (draft.revision, draft.text, draft.lang, draft.created_at) == (1, "", "zh", now)
    assert draft.district_id is not None


def test_a_change_takes_the_next_revision(session, draft, now):
    later = now + timedelta(minutes=1)

    changed = change_draft(session, draft, content("召回率90%", text="人工回看太慢。"), revision=1, now=later)

    assert changed
    assert (draft.text, draft.revision, draft.updated_at) == ("人工回看太慢。", 2, later)
    assert lines(draft) == [(1, "召回率90%", True)]


def test_the_same_again_changes_nothing_even_on_an_old_revision(session, draft, now):
    change_draft(session, draft, content("甲", text="一"), revision=1, now=now)

    again = change_draft(session, draft, content("甲", text="一"), revision=1, now=now + timedelta(hours=1))

    assert not again
    assert (draft.revision, draft.updated_at) == (2, now)


def test_a_change_on_an_old_revision_is_refused_and_nothing_is_lost(session, draft, now):
    change_draft(session, draft, content("甲", text="这一窗"), revision=1, now=now)

    with pytest.raises(InvalidTransition, match="刚在别处改过") as caught:
        change_draft(session, draft, content("乙", text="那一窗"), revision=1, now=now)

    assert caught.value.code == "draft_conflict"
    assert (draft.text, draft.revision, lines(draft)) == ("这一窗", 2, [(1, "甲", True)])


@pytest.mark.parametrize("revision", [0, 2, 99])
def test_a_revision_that_never_was_is_refused(session, draft, now, revision):
    with pytest.raises(InvalidTransition):
        change_draft(session, draft, content(text="x"), revision=revision, now=now)


@pytest.mark.parametrize(
    "after", [("乙", "甲", "丙"), ("丙",), (), ("甲", "乙", "丙", "丁"), ("丁", "戊", "己")]
)
def test_requirements_are_rewritten_place_by_place(session, draft, now, after):
    change_draft(session, draft, content("甲", "乙", "丙"), revision=1, now=now)

    change_draft(session, draft, content(*after), revision=2, now=now)
    session.expire_all()

    assert lines(draft) == [(n, text, True) for n, text in enumerate(after, 1)]
    stored = session.exec(select(Requirement).where(Requirement.scenario_id == draft.key)).all()
    assert len(stored) == len(after)


def test_must_becomes_should(session, draft, now):
    change_draft(session, draft, content("甲"), revision=1, now=now)

    change_draft(session, draft, DraftContent({}, (Wanted("甲", must=False),)), revision=2, now=now)

    assert lines(draft) == [(1, "甲", False)]


def test_the_language_follows_the_text(session, draft, now):
    change_draft(
        session,
        draft,
        DraftContent({"title": "Noise at night", "text": "Residents complain."}),
        revision=1,
        now=now,
    )

    assert draft.lang == "en"


def test_of_two_windows_at_once_one_wins(empty_engine, now):
    with transaction(empty_engine) as session:
        owner = make_organisation(session)
        draft_id, owner_id = save(session, make_draft(owner, title="甲", now=now)).key, owner.key
    with make_session(empty_engine, read_only=True) as reading:
        # This window read the draft before the other one changed it.
        stale = get_draft(reading, draft_id, organisation_id=owner_id)
        assert stale.revision == 1
    with transaction(empty_engine) as session:
        first = get_draft(session, draft_id, organisation_id=owner_id)
        change_draft(session, first, content(text="先"), revision=1, now=now)

    with pytest.raises(InvalidTransition), transaction(empty_engine) as session:
        change_draft(session, session.merge(stale, load=False), content(text="后"), revision=1, now=now)

    with make_session(empty_engine, read_only=True) as session:
        assert get_draft(session, draft_id, organisation_id=owner_id).text == "先"


def test_publication_goes_through_review_under_a_number_of_its_own(session, draft, now):
    publish_draft(draft, now=now)
    session.flush()

    assert draft.status is ScenarioStatus.PUBLISHED
    assert draft.submitted_at == draft.approved_at == draft.published_at == now
    assert draft.number == f"CJ-2026-{draft.key:05d}"


def test_what_is_published_is_no_draft_any_more(session, draft, now):
    publish_draft(draft, now=now)

    with pytest.raises(InvalidTransition):
        publish_draft(draft, now=now)
    with pytest.raises(InvalidTransition, match="已经不是草稿"):
        get_draft(session, draft.key, organisation_id=draft.organisation_id)


def test_a_draft_of_somebody_else_is_not_found(session, draft):
    with pytest.raises(NotFound):
        get_draft(session, draft.key, organisation_id=make_organisation(session).key)


def test_a_deleted_draft_takes_its_requirements_along(session: Session, draft, now):
    other = make_scenario(session, requirements=("留下",))
    change_draft(session, draft, content("甲", "乙"), revision=1, now=now)

    delete_draft(session, draft)

    assert session.exec(select(Scenario.id)).all() == [other.key]
    assert [row.text for row in session.exec(select(Requirement)).all()] == ["留下"]
