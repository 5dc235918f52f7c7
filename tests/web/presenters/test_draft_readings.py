from __future__ import annotations

from datetime import date

import pytest
from flask import g

from matcher.scenario_reading import propose_scenario
from models.paragraph import paragraphs_of
from web.presenters.draft_readings import present_reading

TEXT = "处置时间由5小时缩短到1小时。要求夜间也能用。预算30-50万元。部署在政务云。"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh", ["处置时间 5小时 → 1小时", "要求夜间也能用。 (必须)", "政务云", "30–50 万元"]),
        (
            "en",
            ["处置时间 5小时 → 1小时", "要求夜间也能用。 (must)", "Government cloud", "CNY 300–500k"],
        ),
    ],
)
def test_fields_are_said_in_the_readers_language(app, locale: str, words: list[str]) -> None:
    found = propose_scenario(paragraphs_of(TEXT), today=date(2026, 11, 27))
    assert found is not None

    with app.test_request_context("/"):
        app.preprocess_request()
        g.locale = locale
        proposal = present_reading(found)

    assert [field.words for field in proposal.fields] == words
    assert all(field.ticked for field in proposal.fields)
