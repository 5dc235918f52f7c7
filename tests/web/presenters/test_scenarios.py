from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlmodel import Session

from matcher.directory import Directory
from tests.factories import make_scenario
from web.presenters.scenarios import facet_views, present_cards
from web.replies import ReplyTime

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def request_context(app: Flask):
    with app.test_request_context("/"):
        app.preprocess_request()
        yield


def test_a_card_carries_the_soon_chip_in_its_last_three_days(session: Session) -> None:
    rows = [
        make_scenario(session, deadline_on=date(2026, 11, 25)),
        make_scenario(session, deadline_on=date(2026, 12, 25)),
    ]

    soon = [card.soon for card in present_cards(rows, {}, {}, "zh", TODAY)]

    assert (soon[0].words if soon[0] else None, soon[1]) == ("还有 2 天", None)


def test_a_card_shows_replies_and_interest(session: Session) -> None:
    row = make_scenario(session, deployment=["gov_cloud"])
    reply = ReplyTime(2.1, 34)

    card = present_cards([row], {row.organisation_id: reply}, {row.key: 3}, "zh", TODAY)[0]

    assert (card.reply, list(card.tags)) == (reply, ["政务云", "3 份意向"])


def test_filters_that_offer_no_choice_are_left_out(session: Session) -> None:
    make_scenario(session, domain="research", deployment=["edge"])
    entries = Directory().entries(session)
    chosen = dict.fromkeys(
        ("domain", "district", "budget", "deadline", "deployment", "kind", "state"), frozenset()
    )

    names = [view.name for view in facet_views(entries, chosen, [])]

    assert names == ["budget", "deadline", "state"]


def test_choices_are_worded_and_counted_most_first(session: Session) -> None:
    for domain in ("research", "research", "modern_services"):
        make_scenario(session, domain=domain)
    chosen = dict.fromkeys(
        ("domain", "district", "budget", "deadline", "deployment", "kind", "state"), frozenset()
    )

    group = facet_views(Directory().entries(session), chosen, [])[0]

    assert [(choice.words, choice.n) for choice in group.choices] == [("科学研究", 2), ("现代服务", 1)]
