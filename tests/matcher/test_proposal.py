"""From rows to a proposal, and what counts as news."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from matcher.proposal import gather_grounds, gather_material, propose
from matcher.quality import figures_of
from matcher.scoring import ENGINE_VERSION, WEIGHTS
from models.match import DeclineReason, Match
from models.pair_label import LabelGrade
from models.weight_version import append_version
from tests.factories import MONDAY, make_match, make_scenario
from tests.weightings import make_label, make_learnable, make_weights

ZONE = ZoneInfo("Asia/Shanghai")


def test_what_many_agencies_want_becomes_a_proposal_that_passes(session: Session) -> None:
    make_learnable(session)
    grounds = gather_grounds(session)

    version = append_version(session, propose(grounds, now=MONDAY))

    assert grounds.evidence.lacking == []
    assert version.passed
    assert version.weights["proven"] > WEIGHTS.proven
    # Nothing differed in these, so nothing was learnt of them.
    assert {name: version.weights[name] for name in ("maturity", "same_district", "unmet_musts", "coverage")} == {
        "maturity": WEIGHTS.maturity, "same_district": WEIGHTS.same_district, "unmet_musts": WEIGHTS.unmet_musts,
        "coverage": WEIGHTS.coverage,
    }  # fmt: skip
    assert (version.engine_version, version.based_on, version.activated_at) == (ENGINE_VERSION, 0, None)
    assert version.evidence["n_compared"] == version.evidence["n_seen"] == 52
    assert version.gate["labels_after"] > version.gate["labels_before"]


def test_labels_that_disagree_stop_it(session: Session) -> None:
    make_learnable(session, n_labelled=0)
    declined = session.exec(select(Match).where(Match.declined_at.is_not(None))).all()
    for match in declined[:8]:
        make_label(session, match)

    version = propose(gather_grounds(session), now=MONDAY)

    assert not version.passed
    assert version.gate["labels_after"] < version.gate["labels_before"]


def test_without_labels_nothing_passes(session: Session) -> None:
    make_learnable(session, n_labelled=0)

    assert not propose(gather_grounds(session), now=MONDAY).passed


def test_refusals_for_money_and_time_teach_nothing(session: Session) -> None:
    make_learnable(session)
    for match in session.exec(select(Match).where(Match.declined_at.is_not(None))).all():
        match.decline_reason = DeclineReason.PRICE
    session.flush()

    assert gather_grounds(session).evidence.n_compared == 0


def test_the_same_grounds_are_no_news(session: Session) -> None:
    make_learnable(session)
    assert gather_grounds(session).is_news
    version = append_version(session, propose(gather_grounds(session), now=MONDAY))

    assert not gather_grounds(session).is_news
    version.activate(MONDAY, by=None)
    session.flush()
    assert not gather_grounds(session).is_news


def test_an_answer_a_label_and_a_revert_are_news(session: Session) -> None:
    make_learnable(session)
    version = append_version(session, propose(gather_grounds(session), now=MONDAY))

    match = make_match(session, invited_at=MONDAY)
    assert gather_grounds(session).is_news
    match.undo_invite()
    session.flush()
    assert not gather_grounds(session).is_news

    make_label(session, match, grade=LabelGrade.CANNOT_TELL)
    assert gather_grounds(session).is_news

    version.evidence_hash = gather_grounds(session).evidence_hash
    version.activate(MONDAY, by=None)
    session.flush()
    assert not gather_grounds(session).is_news
    version.revert(MONDAY, by=None)
    session.flush()
    assert gather_grounds(session).is_news


def test_a_proposal_compared_with_what_is_in_force_no_more_is_made_anew(session: Session) -> None:
    make_learnable(session)
    older = make_weights(session)
    append_version(session, propose(gather_grounds(session), now=MONDAY))
    assert not gather_grounds(session).is_news

    older.activate(MONDAY, by=None)
    session.flush()

    assert gather_grounds(session).is_news
    assert propose(gather_grounds(session), now=MONDAY).based_on == older.serial


def test_the_material_of_the_page_holds_months_and_labels(session: Session) -> None:
    make_learnable(session)
    make_scenario(session, published_at=MONDAY - timedelta(days=2000))

    material = gather_material(session, on=date(2026, 11, 23), zone=ZONE)
    figures = figures_of(material, ZONE)

    assert [row["month"] for row in figures["months"]] == ["2026-11"]
    assert figures["months"][0]["strong"] == 1.0
    assert figures["labels"]["n_scenarios"] == 6
    assert figures["choices"]["n_lists"] == 26
    assert figures["lacking"] == []
