from __future__ import annotations

import pytest
from flask import g

from matcher.profile_reading import Proposed, ProposedCapability
from web.presenters.profile_imports import present_proposals, present_proposals_again

FOUND = [
    ProposedCapability("甲", "识别井盖。", 1, (Proposed("deployment", {"deployment": "edge"}, "端侧运行。", 2),)),
    ProposedCapability(
        "乙", "分派工单。", 1, (Proposed("case", {"case_text_1": "用过", "case_customer_1": "街道办"}, "用过", 1),)
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def reader(app):
    with app.test_request_context("/"):
        app.preprocess_request()
        g.locale = "zh"
        yield


def test_texts_are_ticked_and_conclusions_are_not():
    first, second = present_proposals(FOUND)

    assert (first.ticked, first.fields[0].ticked) == (True, False)
    assert (first.fields[0].label, first.fields[0].words, first.fields[0].source) == (
        "能部署在哪里",
        "端侧",
        "端侧运行。",
    )
    assert (second.fields[0].label, second.fields[0].words) == ("案例", "街道办")


def test_what_came_back_is_shown_again_as_it_was():
    sent = {
        "title-0": "甲改", "text-0": "", "kind-0-0": "deployment", "source-0-0": "端侧运行。", "place-0-0": "2",
        "v0-0-deployment": "edge", "title-1": "乙", "text-1": "分派工单。",
    }  # fmt: skip

    first, second = present_proposals_again(sent, ["0-0"], ["1"])

    assert (first.title, first.text, first.ticked, second.ticked) == ("甲改", "", False, True)
    assert (first.fields[0].words, first.fields[0].ticked, first.fields[0].source) == (
        "端侧",
        True,
        "端侧运行。",
    )
    assert first.fields[0].values == {"deployment": "edge"}
