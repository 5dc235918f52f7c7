"""The rows of proposals and panels, one function a table, as in tests/factories.py."""

import itertools
from datetime import date
from typing import Any

from sqlmodel import Session

from models.bid import Bid, BidVersion, hash_of
from models.bid_file import BidFile
from models.jury import Juror, Jury, Mark
from models.rubric import Rubric, as_rows, default_criteria
from models.rubric import hash_of as hash_of_criteria
from models.user import Role
from tests.factories import MONDAY, make_firm, make_scenario, make_user, save

_numbers = itertools.count(1)


def make_rubric(session: Session, **values: Any) -> Rubric:
    """The proposed criteria of a new scenario, locked on Monday."""
    if "scenario_id" not in values:
        values["scenario_id"] = make_scenario(session).key
    criteria = values.pop("criteria", default_criteria("zh"))
    defaults = {
        "serial": 1,
        "criteria": as_rows(criteria),
        "sha256": hash_of_criteria(criteria),
        "locked_at": MONDAY,
    }
    return save(session, Rubric(**{**defaults, **values}))


def bid_content(**values: Any) -> dict[str, Any]:
    """A proposal that says enough, with two answers."""
    answers = [
        {
            "position": 1, "text": "自动发现井盖缺失与破损", "must": True, "verdict": "met",
            "quote": "识别井盖缺失、破损和沉降，召回率91%。", "answer": "用现有巡查车的视频，每晚跑一遍。",
        },
        {
            "position": 2, "text": "整套部署在政务云", "must": True, "verdict": "unknown", "quote": "",
            "answer": "镜像已备好，等确认云平台版本。",
        },
    ]  # fmt: skip
    return {
        "summary": "先接两路视频，四周出第一份报告。", "plan": "第一步离线，第二步接线上。", "start": "合同后 2 周",
        "price_fen": 35_000_000, "price_note": "含一年维护", "answers": answers,
        "milestones": [{"text": "离线报告", "weeks": 4}], "partners": [], **values,
    }  # fmt: skip


def make_bid(session: Session, **values: Any) -> Bid:
    """A proposal that was handed in on Monday, of a new firm for a new scenario, unless told otherwise."""
    if "scenario_id" not in values:
        values["scenario_id"] = make_scenario(session).key
    if "organisation_id" not in values:
        values["organisation_id"] = make_firm(session).key
    defaults = {"content": bid_content(), "created_at": MONDAY, "updated_at": MONDAY, "submitted_at": MONDAY}
    bid = save(session, Bid(**{**defaults, **values}))
    if bid.submitted_at is not None:
        content = {**bid.content, "files": []}
        save(
            session,
            BidVersion(
                created_at=bid.submitted_at,
                bid_id=bid.key,
                serial=1,
                content=content,
                sha256=hash_of(content),
            ),
        )
    session.refresh(bid)
    return bid


def make_bid_file(session: Session, bid: Bid, **values: Any) -> BidFile:
    n = next(_numbers)
    defaults = {
        "bid_id": bid.key, "file_name": "case.pdf", "file_hash": f"{n:064x}", "file_size": 1000,
        "media_type": "application/pdf",
    }  # fmt: skip
    return save(session, BidFile(**{**defaults, **values}))


def make_jury(session: Session, *, n_jurors: int = 0, **values: Any) -> Jury:
    """A panel for a scenario whose last day was in October, with the proposed criteria; members have declared."""
    if "scenario_id" not in values:
        values["scenario_id"] = make_scenario(session, deadline_on=date(2026, 10, 30)).key
    if "rubric_id" not in values:
        values["rubric_id"] = make_rubric(session, scenario_id=values["scenario_id"]).key
    defaults = {"created_at": MONDAY, "answer_due_on": date(2026, 11, 27)}
    jury = save(session, Jury(**{**defaults, **values}))
    for _ in range(n_jurors):
        make_juror(session, jury, declared_at=MONDAY)
    session.refresh(jury)
    return jury


def make_juror(session: Session, jury: Jury, **values: Any) -> Juror:
    """A seat that nobody has answered yet, of a new evaluator."""
    if "user_id" not in values:
        values["user_id"] = make_user(session, roles=(Role.EVALUATOR,)).key
    row = save(session, Juror(**{"created_at": MONDAY, "jury_id": jury.key, **values}))
    session.refresh(jury)
    return row


def make_judged(session: Session, firm_id: int, user_id: int, **values: Any) -> Jury:
    """A panel in consensus over one proposal of this firm; this person and another are far apart on one criterion."""
    scenario = make_scenario(session, **{"deadline_on": date(2026, 10, 30), **values})
    bid = make_bid(session, scenario_id=scenario.key, organisation_id=firm_id)
    jury = make_jury(session, scenario_id=scenario.key, scored_at=MONDAY)
    other = make_user(session, roles=(Role.EVALUATOR,)).key
    for juror_id, scores in ((user_id, (3, 3, 2, 2, 3)), (other, (1, 3, 2, 2, 3))):
        juror = make_juror(session, jury, user_id=juror_id, declared_at=MONDAY, handed_in_at=MONDAY)
        make_marks(session, juror, bid, scores)
    return jury


def make_marks(session: Session, juror: Juror, bid: Bid, scores: tuple[int, ...]) -> list[Mark]:
    """A mark a criterion, in order."""
    return [
        save(session, Mark(juror_id=juror.key, bid_id=bid.key, position=position, score=score))
        for position, score in enumerate(scores, 1)
    ]
