from __future__ import annotations

import pytest
from flask import g

from models.scenario import Requirement, Scenario
from web.forms.scenarios import DraftForm
from web.presenters.drafts import SECTIONS, Line, progress_of, shown_lines


@pytest.fixture
def reader(app):
    with app.test_request_context():
        g.locale = "zh"
        yield


def test_an_empty_draft_has_its_title_only(reader):
    progress = progress_of(Scenario(organisation_id=1, title="甲", text=""))

    assert [(item.n_filled, item.n_needed) for item in progress] == [
        (1, 2),
        (0, 4),
        (0, 1),
        (0, 2),
        (0, 1),
        (0, 2),
    ]
    assert not any(item.is_done for item in progress)


def test_a_filled_section_is_done(reader):
    row = Scenario(
        organisation_id=1,
        title="甲",
        text="乙",
        requirements=[Requirement(scenario_id=0, position=1, text="丙")],
    )

    done = [item.name for item in progress_of(row) if item.is_done]

    assert done == ["problem", "requirements"]


def test_every_field_of_the_form_has_a_label():
    labelled = {name for section in SECTIONS for name in section.labels}

    assert labelled == set(DraftForm.model_fields)


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ({}, [Line(1, "", True)]),
        ({"req_1": "甲"}, [Line(1, "甲", True), Line(2, "", True)]),
        ({"req_2": "乙", "must_2": "should", "req_10": ""}, [Line(2, "乙", False), Line(10, "", True)]),
        ({"req_x": "甲", "req_0": "甲", "req_100": "甲"}, [Line(1, "", True)]),
    ],
)
def test_there_is_one_empty_line_at_the_end(typed, lines):
    assert shown_lines(typed) == lines
