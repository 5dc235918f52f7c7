from __future__ import annotations

import pytest

from models.errors import NotFound
from models.funding_rule_file import RULES_FILE, read_rules
from web.forms.rule_conditions import CHECKS, choices, param_names, parse_condition, typed_condition
from web.labels import CONDITION_KINDS
from web.pages.rule_conditions import LABELS

SHIPPED = [
    (f"{row.programme}_{row.version}_{item.code}", item, rate)
    for row in read_rules(RULES_FILE)
    for item, rate in [
        *((item, None) for item in row.conditions),
        *((alternative.condition, alternative.rate_bp) for alternative in row.alternative_rates),
    ]
]


@pytest.mark.parametrize(
    ("item", "rate"), [pytest.param(item, rate, id=name) for name, item, rate in SHIPPED]
)
def test_every_shipped_condition_goes_through_the_form_unchanged(item, rate) -> None:
    stored = item.model_dump(mode="json")

    assert parse_condition(item.kind, typed_condition(stored, rate)) == (stored, rate)


def test_every_kind_has_words_and_every_parameter_a_label() -> None:
    assert set(CONDITION_KINDS) == set(CHECKS)
    assert {name for kind in CHECKS for name in param_names(kind)} <= set(LABELS)


def test_choices_are_those_the_check_accepts() -> None:
    assert "government" in choices("scenario_kind_in", "kinds")
    assert "startup" in choices("applicant_kind", "kinds")
    assert {"credit_report", "audit_report"} <= set(choices("evidence_present", "evidence"))
    assert choices("applicant_in_place", "cities") == ()


def test_a_kind_there_is_not_is_not_found() -> None:
    with pytest.raises(NotFound):
        param_names("horoscope")
