"""The conditions of a rule that is being written: one form a condition, with fields by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request

from models.errors import InvalidInput, NotFound
from models.funding_rule_change import RuleChange
from models.i18n import N_, gettext
from web.auth import requires
from web.forms.rule_conditions import choices, param_names, parse_condition, typed_condition
from web.forms.view import FormView, rejected
from web.labels import label
from web.pages.rule_changes import done, my_change, rewrite
from web.pages.rules import WRITES_RULES

bp = Blueprint("rule_conditions", __name__, url_prefix="/rule-changes/<id:change_id>/condition")

LABELS = {
    "code": N_("代号"),
    "text_zh": N_("条件（中文）"),
    "text_en": N_("条件（英文）"),
    "source": N_("出处"),
    "source_grade": N_("来源等级"),
    "rate_bp": N_("满足时的比例（百分之几）"),
    "kinds": N_("哪些种类"),
    "domains": N_("哪些领域"),
    "cities": N_("哪些城市"),
    "days": N_("最多多少天"),
    "people": N_("至少多少人"),
    "years": N_("最多多少岁"),
    "years_special": N_("特定人群最多多少岁"),
    "evidence": N_("哪种材料"),
    "filing": N_("哪种备案"),
    "purpose": N_("哪种支出"),
    "minimum_fen": N_("至少多少（万元）"),
    "document": N_("依据文件"),
    "until_on": N_("有效至"),
}
TABLES = {
    ("scenario_kind_in", "kinds"): "scenario_kind",
    ("", "kinds"): "organisation_kind",
    ("", "domains"): "domain",
    ("", "evidence"): "evidence_kind",
    ("", "purpose"): "spend_purpose",
    ("", "filing"): "filing",
}


@bp.get("")
@requires(*WRITES_RULES)
def edit(change_id: int) -> str:
    """The form of one condition by its code, or of a new one of a kind."""
    change = my_change(change_id)
    code = request.args.get("code", "")
    if code:
        item, rate = find_condition(change, code)
        return condition_page(change, item["kind"], code, FormView(typed=typed_condition(item, rate)))
    kind = request.args.get("kind", "")
    typed = {"code": free_code(change, kind), "source": change.terms["source"]}
    return condition_page(change, kind, "", FormView(typed={**typed, "source_grade": "C"}))


def find_condition(change: RuleChange, code: str) -> tuple[dict[str, Any], int | None]:
    """The condition with this code, and the share that it brings. NotFound if there is none."""
    for item in change.terms["conditions"]:
        if item["code"] == code:
            return item, None
    for item in change.terms["alternative_rates"]:
        if item["condition"]["code"] == code:
            return item["condition"], item["rate_bp"]
    raise NotFound(N_("这条政策里没有这个条件。"))


def free_code(change: RuleChange, kind: str) -> str:
    """A code no condition of the change has: its kind, with a number where that is taken."""
    taken = {item["code"] for item in change.terms["conditions"]}
    taken |= {item["condition"]["code"] for item in change.terms["alternative_rates"]}
    return next(
        code for code in (kind, *(f"{kind}_{n}" for n in range(2, len(taken) + 3))) if code not in taken
    )


def condition_page(change: RuleChange, kind: str, code: str, form: FormView) -> str:
    """The form. code: of the condition that is there already, empty for a new one."""
    params = [
        (name, [(choice, _word(kind, name, choice)) for choice in choices(kind, name)])
        for name in param_names(kind)
    ]
    return render_template(
        "pages/rule_changes/condition.html",
        change=change,
        kind=kind,
        kind_words=label("condition_kind", kind, g.locale),
        code=code,
        form=form,
        labels=_labels(),
        params=params,
    )


def _word(kind: str, name: str, choice: str) -> str:
    return label(TABLES.get((kind, name)) or TABLES[("", name)], choice, g.locale)


def _labels() -> dict[str, str]:
    return {name: gettext(g.locale, words) for name, words in LABELS.items()}


@bp.post("")
@requires(*WRITES_RULES)
def save(change_id: int) -> Response:
    """Keep a condition in the place of the one with the code `was`, or at the end."""
    change = my_change(change_id)
    kind, was = request.form.get("kind", ""), request.form.get("was", "")
    sent = {name: "、".join(request.form.getlist(name)) for name in request.form}
    try:
        item, rate = parse_condition(kind, sent)
        rewrite(change, _with(change.terms, was, item, rate))
    except InvalidInput as error:
        return make_response(condition_page(change, kind, was, rejected(error, sent, _labels())), 422)
    return done(change, "rule_change.edited", N_("条件已保存。"))


@bp.post("/remove")
@requires(*WRITES_RULES)
def remove(change_id: int) -> Response:
    """Leave a condition out."""
    change = my_change(change_id)
    code = request.form.get("code", "")
    find_condition(change, code)
    rewrite(change, _without(change.terms, code))
    return done(change, "rule_change.edited", N_("条件已删去。"))


def _with(terms: Mapping[str, Any], was: str, item: dict[str, Any], rate: int | None) -> dict[str, Any]:
    """Terms with the condition in its old place, or last."""
    if rate is not None:
        kept = _without(terms, was)
        return {
            **kept,
            "alternative_rates": [*kept["alternative_rates"], {"rate_bp": rate, "condition": item}],
        }
    codes = [other["code"] for other in terms["conditions"]]
    place = codes.index(was) if was in codes else len(codes)
    kept = _without(terms, was)
    return {**kept, "conditions": [*kept["conditions"][:place], item, *kept["conditions"][place:]]}


def _without(terms: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {
        "conditions": [item for item in terms["conditions"] if item["code"] != code],
        "alternative_rates": [
            item for item in terms["alternative_rates"] if item["condition"]["code"] != code
        ],
    }
