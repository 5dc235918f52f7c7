"""An agency's invitation: the transition, its audit event and the mail, the same wherever the button stands."""

from __future__ import annotations

from typing import Any

from flask import g

from models.audit import record
from models.match import Match
from models.notice import tell_of_introduction, tell_of_invitation


def invite_firm(match: Match, *, details: dict[str, Any] | None = None) -> bool:
    """Invite the firm of a pair; whether both are introduced by it. The caller commits.

    details: for the audit event, e.g. the proposal of a team it came from. InvalidTransition as in Match.invite.
    """
    match.invite(g.now)
    record(g.session, actor=g.user, action="match.invited", subject=match, details=details)
    introduced = match.introduced_at is not None
    (tell_of_introduction if introduced else tell_of_invitation)(g.session, match, now=g.now)
    return introduced
