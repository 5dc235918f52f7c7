from __future__ import annotations

from datetime import date

import pytest

from models.errors import InvalidInput
from models.proof import ProofKind
from web.forms.parsing import parse
from web.forms.proofs import DecisionForm, ProofForm

SENT = {
    "kind": "filing", "filing": "mlps_2", "title": "等保测评报告", "issued_on": "2026-01-05",
    "valid_until_on": "2027-01-04", "url": "https://example.cn/a",
}  # fmt: skip


def wrong(form, sent) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        parse(form, sent)
    return list(refused.value.fields)


def test_a_proof_is_read():
    form = parse(ProofForm, SENT)

    assert (form.kind, form.filing, form.valid_until_on) == (ProofKind.FILING, "mlps_2", date(2027, 1, 4))


def test_only_a_filing_names_a_filing():
    assert parse(ProofForm, {**SENT, "kind": "competition"}).filing == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "diploma"), ("filing", ""), ("filing", "moon"), ("title", " "), ("url", "ftp://a"),
        ("issued_on", "昨天"), ("valid_until_on", "2026-01-04"),
    ],
)  # fmt: skip
def test_each_wrong_field_has_its_sentence(name, value):
    assert name in wrong(ProofForm, {**SENT, name: value})


def test_a_refusal_says_why():
    assert parse(DecisionForm, {"verdict": "checked"}).note == ""
    assert wrong(DecisionForm, {"verdict": "refused", "note": " "}) == ["note"]
    assert wrong(DecisionForm, {"verdict": "maybe"}) == ["verdict"]
