"""The rules in the product (政策库): every programme with what it gives, until when, and how good its source is."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, render_template, request

from models.errors import NotFound
from models.funding_rule import FundingRule, RuleStatus, find_rule, list_rules, rule_as_of
from models.funding_rule_change import open_changes, terms_of
from models.i18n import N_
from models.user import Role
from web.auth import requires
from web.frame import READS_FUNDING
from web.presenters.rules import RuleLine, condition_lines, present_rule, term_lines

bp = Blueprint("rules", __name__, url_prefix="/rules")

READERS = (Role.AGENCY, Role.STARTUP, *READS_FUNDING)
WRITES_RULES = (Role.FUNDING_OFFICER,)
SHOWN = (*(status.value for status in RuleStatus), "unverified")


@bp.get("")
@requires(*READERS)
def list_all() -> str:
    """The governing version of each programme as of a day, and drafts."""
    on = asked_day()
    lines = [present_rule(rule, g.locale, on=on) for rule in governing(on)]
    shown = request.args.get("status", "")
    return render_template(
        "pages/rules/list.html",
        lines=[line for line in lines if shown not in SHOWN or _is(line, shown, on)],
        sizes=[(name, n) for name in SHOWN if (n := sum(_is(line, name, on) for line in lines))],
        n_all=len(lines),
        shown=shown,
        on=on,
        writes=writes(),
        changes=open_changes(g.session) if writes() else [],
    )


def asked_day() -> date:
    """The day the page is asked for; today where none, or none that makes sense, is named."""
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        today: date = g.today
        return today


def writes() -> bool:
    """Whether the reader may write rules."""
    return any(g.user.has_role(role) for role in WRITES_RULES)


def governing(on: date) -> list[FundingRule]:
    """Of each programme the version of the day; where none has begun, the newest there is."""
    newest = {rule.programme: rule for rule in list_rules(g.session)}
    return [rule_as_of(g.session, programme, on) or rule for programme, rule in newest.items()]


def _is(line: RuleLine, name: str, on: date) -> bool:
    return line.unverified if name == "unverified" else line.rule.status_on(on).value == name


@bp.get("/<programme>/<id:version>")
@requires(*READERS)
def show(programme: str, version: int) -> str:
    """One version: terms, conditions with their sources, and the versions beside it."""
    rule = get_version(programme, version)
    versions = [row for row in list_rules(g.session) if row.programme == programme]
    return render_template(
        "pages/rules/show.html",
        line=present_rule(rule, g.locale, on=g.today),
        terms=[line for line in term_lines(None, terms_of(rule), g.locale) if line.after],
        conditions=condition_lines(None, terms_of(rule), g.locale),
        confirmed=rule.confirmed_at,
        versions=[present_rule(row, g.locale, on=g.today) for row in reversed(versions)],
        writes=writes(),
        is_newest=rule.version == versions[-1].version,
    )


def get_version(programme: str, version: int) -> FundingRule:
    """The version; NotFound if there is none."""
    rule = find_rule(g.session, programme, version)
    if rule is None:
        raise NotFound(N_("没有这条政策。"))
    return rule
