from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.capability import Capability, CapabilityStatus, Maturity
from models.capability_edit import (
    CapabilityContent,
    CaseWritten,
    change_capability,
    content_of,
    delete_capability_draft,
    discard_working,
    get_own_capability,
    make_capability_draft,
    put_in_place,
    working_content,
)
from models.errors import InvalidTransition, NotFound
from models.revision import CONFLICT
from tests.factories import MONDAY, make_capability, make_firm, save

TUESDAY = MONDAY + timedelta(days=1)


def content(**changes) -> CapabilityContent:
    cases = changes.pop("cases", (CaseWritten("在三个街道用过", "街道办", "召回率 91%", date(2026, 5, 1)),))
    values = {
        "title": "车载视频识别井盖", "text": "识别井盖缺失和破损。", "industries": ["城市治理"], "technologies": [],
        "deployment": ["edge"], "data_needed": "", "filings": ["mlps_2"], "maturity": Maturity.PILOT, "capacity": 2,
        "weeks": 6, "price_note": "", "url": None,
    }  # fmt: skip
    return CapabilityContent(values | changes, tuple(cases))


@pytest.fixture
def draft(session) -> Capability:
    return save(session, make_capability_draft(make_firm(session), title="井盖", now=MONDAY))


def test_content_survives_being_stored_as_plain_values():
    assert CapabilityContent.from_json(content().to_json()) == content()
    assert CapabilityContent.from_json(content(maturity=None, cases=()).to_json()) == content(
        maturity=None, cases=()
    )


def test_a_draft_takes_over_what_is_written_at_once(session, draft):
    assert change_capability(session, draft, content(), revision=1, now=TUESDAY)

    session.refresh(draft)
    assert (draft.text, draft.weeks, draft.revision, draft.updated_at) == (
        "识别井盖缺失和破损。",
        6,
        2,
        TUESDAY,
    )
    assert (draft.working, content_of(draft)) == (None, content())


def test_saying_the_same_again_is_no_change(session, draft):
    change_capability(session, draft, content(), revision=1, now=MONDAY)

    assert not change_capability(session, draft, content(), revision=1, now=TUESDAY)
    assert (draft.revision, draft.updated_at) == (2, MONDAY)


def test_the_language_follows_the_text(session, draft):
    change_capability(
        session, draft, content(title="Manhole covers", text="Finds missing covers."), revision=1, now=TUESDAY
    )

    assert draft.lang == "en"


def test_an_old_version_overwrites_nothing(session, draft):
    change_capability(session, draft, content(), revision=1, now=MONDAY)

    with pytest.raises(InvalidTransition) as refused:
        change_capability(session, draft, content(text="另一个窗口"), revision=1, now=TUESDAY)

    session.refresh(draft)
    assert (refused.value.code, draft.text) == (CONFLICT, "识别井盖缺失和破损。")


def test_what_is_listed_stays_until_the_working_copy_is_put_in_place(session):
    row = make_capability(session, text="旧的说明。")
    change_capability(session, row, content(), revision=1, now=TUESDAY)
    session.refresh(row)
    assert (row.text, working_content(row)) == ("旧的说明。", content())

    put_in_place(session, row, now=TUESDAY)

    session.refresh(row)
    assert (row.working, content_of(row), row.revision, row.updated_at) == (None, content(), 3, TUESDAY)
    assert row.status is CapabilityStatus.LISTED


def test_writing_the_old_text_again_leaves_no_working_copy(session):
    row = make_capability(session)
    before = content_of(row)
    change_capability(session, row, content(), revision=1, now=TUESDAY)

    assert change_capability(session, row, before, revision=2, now=TUESDAY)

    session.refresh(row)
    assert row.working is None


def test_a_dropped_working_copy_leaves_the_listed_text(session):
    row = make_capability(session)
    before = content_of(row)
    change_capability(session, row, content(), revision=1, now=TUESDAY)

    discard_working(row)

    session.flush()
    session.refresh(row)
    assert (row.working, content_of(row), row.revision) == (None, before, 3)


@pytest.mark.parametrize("act", [discard_working, lambda row: put_in_place(None, row, now=TUESDAY)])
def test_without_a_working_copy_there_is_nothing_to_do(session, act):
    with pytest.raises(InvalidTransition):
        act(make_capability(session))


def test_a_paused_one_changes_at_once(session):
    row = make_capability(session, unlisted_at=MONDAY)

    change_capability(session, row, content(), revision=1, now=TUESDAY)

    assert (row.text, row.working) == ("识别井盖缺失和破损。", None)


def test_a_case_that_reads_otherwise_is_not_confirmed_any_more(session):
    row = make_capability(session, cases=("甲处用过", "乙处用过"))
    for case in row.cases:
        case.confirmed_at = MONDAY
    kept = [CaseWritten("甲处用过"), CaseWritten("乙处用过，改了")]

    change_capability(session, row, content(cases=kept), revision=1, now=TUESDAY)
    put_in_place(session, row, now=TUESDAY)

    assert [case.confirmed_at for case in row.cases] == [MONDAY, None]


def test_fewer_cases_leave_fewer_rows(session, draft):
    three = [CaseWritten(text) for text in "甲乙丙"]
    change_capability(session, draft, content(cases=three), revision=1, now=MONDAY)

    change_capability(session, draft, content(cases=three[1:2]), revision=2, now=MONDAY)

    session.refresh(draft)
    assert [(case.position, case.text) for case in draft.cases] == [(1, "乙")]


def test_another_firms_is_not_there_and_a_withdrawn_one_is_over(session, draft):
    with pytest.raises(NotFound):
        get_own_capability(session, draft.key, organisation_id=make_firm(session).key)
    gone = make_capability(session)
    gone.withdraw(TUESDAY)

    with pytest.raises(InvalidTransition):
        get_own_capability(session, gone.key, organisation_id=gone.organisation_id)


def test_a_draft_goes_and_what_was_listed_does_not(session, draft):
    key = draft.key
    delete_capability_draft(session, draft)
    assert session.get(Capability, key) is None

    with pytest.raises(InvalidTransition):
        delete_capability_draft(session, make_capability(session, unlisted_at=MONDAY))
