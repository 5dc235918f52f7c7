from __future__ import annotations

from flask import Flask, g
from sqlmodel import Session, select

from models.audit import subject_events
from models.match import Match
from models.outbox import MailKind, OutboxMail
from models.user import Role
from tests.factories import MONDAY
from web.invitations import invite_firm


def test_an_invitation_is_one_act_one_event_and_one_mail(app: Flask, session: Session, city) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None

    introduced = call(app, session, city, match, team_proposal=3)

    [event] = subject_events(session, "match", match.key)
    assert not introduced
    assert (match.invited_at, event.action, event.details) == (MONDAY, "match.invited", {"team_proposal": 3})
    assert [mail.kind for mail in session.exec(select(OutboxMail))] == [MailKind.INVITATION]


def test_where_the_firm_asked_first_both_are_introduced(app: Flask, session: Session, city) -> None:
    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(MONDAY, note="可以")

    assert call(app, session, city, match)
    assert {mail.kind for mail in session.exec(select(OutboxMail))} == {MailKind.INTRODUCTION}


def call(app: Flask, session: Session, city, match: Match, **details: int) -> bool:
    with app.app_context():
        g.now, g.session, g.user = MONDAY, session, city.users[Role.AGENCY]
        return invite_firm(match, details=details)
