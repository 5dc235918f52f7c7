from __future__ import annotations

import pytest

from models.errors import InvalidInput
from models.funding_rule_file import RULES_FILE, read_rules
from web.forms.parsing import parse
from web.forms.rules import ApproveForm, TermsForm, parse_terms, percent, typed_terms, wan


@pytest.mark.parametrize("row", read_rules(RULES_FILE), ids=lambda row: f"{row.programme}_{row.version}")
def test_every_shipped_rule_goes_through_the_form_unchanged(row) -> None:
    stored = row.model_dump(mode="json")

    assert parse_terms(typed_terms(stored)) == {name: stored[name] for name in TermsForm.model_fields}


@pytest.mark.parametrize(
    ("fen", "typed"), [(None, ""), (1_000_000, "1"), (12_500_000, "12.5"), (50_000_000_000, "50000")]
)
def test_sums_are_shown_as_they_were_typed(fen: int | None, typed: str) -> None:
    assert wan(fen) == typed


def test_shares_are_shown_in_percent() -> None:
    assert [percent(bp) for bp in (None, 3000, 1250, 10_000)] == ["", "30", "12.5", "100"]


@pytest.mark.parametrize("digest", ["", "abc", "G" * 64])
def test_an_approval_names_what_was_read(digest: str) -> None:
    with pytest.raises(InvalidInput):
        parse(ApproveForm, {"terms_hash": digest})
