from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.match import DeclineReason, DismissReason, Match, MatchStatus
from models.outbox import MailKind, OutboxMail
from models.user import Role, User
from tests.factories import make_firm, make_match, make_organisation, make_user

INTEREST = {"note": "用现有车载记录仪", "start": "合同后 2 周", "question": "样本能先给吗？"}


def reload(session: Session, match_id: int) -> Match:
    session.expire_all()
    match = session.get(Match, match_id)
    assert match is not None
    return match


def mails(session: Session) -> list[MailKind]:
    return sorted(session.exec(select(OutboxMail.kind)).all())


def actions(session: Session, match_id: int) -> list[str]:
    return [event.action for event in subject_events(session, "match", match_id)]


def test_inviting_is_recorded_and_told_to_the_firm(as_agency, session: Session, city) -> None:
    answer = as_agency.post(f"/matches/{city.match_id}/invite")

    assert answer.status_code == 303
    assert reload(session, city.match_id).status is MatchStatus.INVITED
    assert actions(session, city.match_id) == ["match.invited"]
    assert mails(session) == [MailKind.INVITATION]


def test_an_invitation_can_be_undone(as_agency, session: Session, city) -> None:
    as_agency.post(f"/matches/{city.match_id}/invite")
    as_agency.post(f"/matches/{city.match_id}/undo-invite")

    assert reload(session, city.match_id).status is MatchStatus.SUGGESTED
    assert actions(session, city.match_id) == ["match.invited", "match.invitation_undone"]


def test_declining_keeps_the_reason_and_can_be_undone(as_agency, session: Session, city) -> None:
    as_agency.post(f"/matches/{city.match_id}/decline", data={"reason": "price", "note": "超出一倍"})
    declined = reload(session, city.match_id)
    reason, note = declined.decline_reason, declined.decline_note
    as_agency.post(f"/matches/{city.match_id}/undo-decline")

    assert (reason, note) == (DeclineReason.PRICE, "超出一倍")
    assert reload(session, city.match_id).status is MatchStatus.SUGGESTED


def test_the_firm_reads_why_it_was_declined(as_agency, as_firm, city) -> None:
    as_agency.post(f"/matches/{city.match_id}/decline", data={"reason": "price", "note": "超出一倍"})

    page = as_firm.get(f"/matches/{city.match_id}").get_data(as_text=True)

    assert "价格超出预算" in page and "超出一倍" in page


def test_declining_without_a_known_reason_is_refused(as_agency, session: Session, city) -> None:
    answer = as_agency.post(f"/matches/{city.match_id}/decline", data={"reason": "because"})

    assert answer.status_code == 422
    assert "请从列表中选一项" in answer.get_data(as_text=True)
    assert reload(session, city.match_id).status is MatchStatus.SUGGESTED


def test_interest_is_kept_and_told_to_the_agency(as_firm, session: Session, city) -> None:
    answer = as_firm.post(f"/matches/{city.match_id}/interest", data=INTEREST)

    match = reload(session, city.match_id)
    assert answer.status_code == 303
    assert (match.interest_note, match.interest_start) == ("用现有车载记录仪", "合同后 2 周")
    assert mails(session) == [MailKind.INTEREST]


def test_interest_without_a_word_comes_back_with_what_was_typed(as_firm, session: Session, city) -> None:
    answer = as_firm.post(f"/matches/{city.match_id}/interest", data={"note": " ", "start": "马上"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "怎么做：要填写。" in page
    assert 'href="#field-note"' in page and 'value="马上"' in page
    assert reload(session, city.match_id).interested_at is None


def test_both_wishes_make_an_introduction_and_a_mail_for_each_side(
    as_agency, as_firm, session: Session, city
) -> None:
    as_firm.post(f"/matches/{city.match_id}/interest", data=INTEREST)
    as_agency.post(f"/matches/{city.match_id}/invite")

    assert reload(session, city.match_id).status is MatchStatus.INTRODUCED
    assert mails(session) == [MailKind.INTEREST, MailKind.INTRODUCTION, MailKind.INTRODUCTION]


def test_interest_in_a_closed_scenario_is_refused(as_firm, session: Session, city) -> None:
    city.scenario.deadline_on = date(2026, 11, 22)
    session.add(city.scenario)

    answer = as_firm.post(f"/matches/{city.match_id}/interest", data=INTEREST)

    assert answer.status_code == 409
    assert "已结束征集" in answer.get_data(as_text=True)


def test_interest_can_be_withdrawn(as_firm, session: Session, city) -> None:
    as_firm.post(f"/matches/{city.match_id}/interest", data=INTEREST)
    as_firm.post(f"/matches/{city.match_id}/withdraw-interest")

    assert reload(session, city.match_id).interested_at is None


def test_not_relevant_keeps_the_reason_and_can_be_undone(as_firm, session: Session, city) -> None:
    as_firm.post(f"/matches/{city.match_id}/dismiss", data={"reason": "deadline"})
    reason = reload(session, city.match_id).dismiss_reason
    as_firm.post(f"/matches/{city.match_id}/undo-dismiss")

    assert reason is DismissReason.DEADLINE
    assert reload(session, city.match_id).dismissed_at is None


def test_an_illegal_step_is_409_with_a_sentence(as_agency, city) -> None:
    answer = as_agency.post(f"/matches/{city.match_id}/undo-invite")

    assert answer.status_code == 409
    assert "没有可以撤销的邀请" in answer.get_data(as_text=True)


def test_the_toast_offers_to_undo(as_agency, city) -> None:
    page = as_agency.post(f"/matches/{city.match_id}/invite", follow_redirects=True).get_data(as_text=True)

    assert "已邀请井然巡检工作室" in page
    assert f'action="/matches/{city.match_id}/undo-invite"' in page


def test_an_answer_leads_back_to_a_page_of_ours_only(as_agency, city) -> None:
    home = as_agency.post(f"/matches/{city.match_id}/invite", data={"next": "/home"})
    away = as_agency.post(f"/matches/{city.match_id}/undo-invite", data={"next": "//evil.example/"})

    assert home.headers["Location"] == "/home"
    assert away.headers["Location"] == f"/matches/{city.match_id}"


@pytest.mark.parametrize("step", ["invite", "undo-invite", "decline", "undo-decline"])
def test_agency_steps_on_a_foreign_match_answer_404(
    session: Session, city, log_in: Callable[[User], FlaskClient], step: str
) -> None:
    stranger = make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key)

    answer = log_in(stranger).post(f"/matches/{city.match_id}/{step}", data={"reason": "other"})

    assert answer.status_code == 404
    assert not reload(session, city.match_id).is_touched


@pytest.mark.parametrize("step", ["interest", "withdraw-interest", "dismiss", "undo-dismiss"])
def test_firm_steps_on_a_foreign_match_answer_404(
    session: Session, city, log_in: Callable[[User], FlaskClient], step: str
) -> None:
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)

    answer = log_in(stranger).post(f"/matches/{city.match_id}/{step}", data={**INTEREST, "reason": "other"})

    assert answer.status_code == 404
    assert not reload(session, city.match_id).is_touched


def test_fields_a_form_does_not_have_change_nothing(as_firm, session: Session, city) -> None:
    extra = {
        "introduced_at": "2026-01-01",
        "invited_at": "2026-01-01",
        "organisation_id": "1",
        "status": "introduced",
    }

    as_firm.post(f"/matches/{city.match_id}/interest", data={**INTEREST, **extra})

    match = reload(session, city.match_id)
    assert (match.invited_at, match.introduced_at, match.organisation_id) == (None, None, city.firm.key)


def test_hostile_text_is_kept_and_shown_as_text(as_firm, as_agency, session: Session, city) -> None:
    note = "<script>alert(1)</script> {{ 7*7 }} \u202eabc 😀 \x00\x07"

    as_firm.post(f"/matches/{city.match_id}/interest", data={**INTEREST, "note": note})

    page = as_agency.get(f"/matches/{city.match_id}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page
    assert "\x00" not in reload(session, city.match_id).interest_note


def test_hiding_is_for_the_firm_alone_and_can_be_undone(as_firm, as_agency, session: Session, city) -> None:
    answer = as_firm.post(
        f"/matches/{city.match_id}/hide", data={"until": "2026-12-01"}, follow_redirects=True
    )

    match = reload(session, city.match_id)
    assert (match.hidden_until_on.isoformat(), match.status) == ("2026-12-01", MatchStatus.SUGGESTED)
    assert "对方不知道" in answer.text
    assert "收起" not in as_agency.get(f"/matches/{city.match_id}").text

    as_firm.post(f"/matches/{city.match_id}/unhide")

    assert reload(session, city.match_id).hidden_at is None
    assert actions(session, city.match_id) == ["match.hidden", "match.unhidden"]
    assert mails(session) == []


@pytest.mark.parametrize("until", ["2026-11-23", "2020-01-01", "2027-11-30", "下周"])
def test_a_day_to_show_it_again_lies_ahead_and_within_a_year(as_firm, session: Session, city, until) -> None:
    answer = as_firm.post(f"/matches/{city.match_id}/hide", data={"until": until})

    assert answer.status_code == 422
    assert reload(session, city.match_id).hidden_at is None


def test_an_agency_hides_nothing_and_a_foreign_pair_is_not_there(
    as_agency, as_firm, session: Session, city
) -> None:
    foreign = make_match(session).key

    assert as_agency.post(f"/matches/{city.match_id}/hide").status_code == 403
    for path in ("hide", "unhide"):
        assert as_firm.post(f"/matches/{foreign}/{path}").status_code == 404
