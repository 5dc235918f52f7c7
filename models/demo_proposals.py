"""Demo proposals and panels: one in consensus with evaluators far apart, one decided, one being scored."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session

from models.base import Table
from models.bid import Bid, Content, change_bid, start_bid, submit_bid
from models.demo_reviews import Days
from models.jury import Juror, Jury, appoint_juror, begin_jury, declare, give_mark, hand_in, recuse
from models.jury_decision import Answer, carry_on, decide, settle
from models.match import DeclineReason
from models.organisation import Organisation
from models.rubric import lock_rubric
from models.scenario import Requirement, Scenario, ScenarioKind
from models.user import User

FEN_PER_WAN = 1_000_000
COPIED = (
    "title", "lang", "domain", "text", "metric", "baseline", "target", "data_note", "acceptance", "deployment",
)  # fmt: skip


def fix_criteria(session: Session, scenarios: Iterable[Scenario]) -> None:
    """Lock the proposed criteria of every published scenario, as of its publication."""
    for scenario in scenarios:
        if scenario.published_at is not None:
            lock_rubric(session, scenario, now=scenario.published_at)


def seed_proposals(
    session: Session, rows: dict[str, Table], days: Days, *, records: Iterable[dict[str, Any]]
) -> int:
    """Add the scenarios of the file that are its own, the proposals and their panels; how many proposals."""
    n = 0
    for record in records:
        scenario = _scenario(session, rows, days, record["scenario"])
        bids = {item["firm"]: _bid(session, rows, days, scenario, item) for item in record["bids"]}
        n += len(bids)
        if "jury" in record:
            agency = rows[record["agency"]]
            assert isinstance(agency, User)
            jury = _jury(session, days, scenario, record["jury"], by=agency)
            seats = [(_seat(session, rows, jury, item), item) for item in record["jury"]["jurors"]]
            # Who stepped aside did so before the last one was in.
            for seat, item in sorted(seats, key=lambda pair: "recused_offset_days" not in pair[1]):
                _act(session, days, seat, item, bids=bids)
            _end(session, days, jury, record["jury"], by=agency, bids=bids)
    session.flush()
    return n


def _scenario(session: Session, rows: dict[str, Table], days: Days, wanted: Any) -> Scenario:
    """The scenario of a key, or a new one whose last day is over."""
    if isinstance(wanted, str):
        found = rows[wanted]
        assert isinstance(found, Scenario)
        return found
    opened = days.required_moment(wanted["opens_offset_days"])
    row = Scenario(
        **{name: wanted[name] for name in COPIED},
        created_at=opened,
        updated_at=opened,
        organisation_id=rows[wanted["organisation"]].key,
        external_id=wanted["key"],
        district_id=rows[wanted["district"]].key,
        kind=ScenarioKind(wanted["kind"]),
        budget_min_fen=wanted["budget_min_wan"] * FEN_PER_WAN,
        budget_max_fen=wanted["budget_max_wan"] * FEN_PER_WAN,
        deadline_on=days.day(wanted["deadline_offset_days"]),
        is_demo=True,
        requirements=[
            Requirement(scenario_id=0, position=position, text=text, must=must)
            for position, (text, must) in enumerate(wanted["requirements"], 1)
        ],
    )
    row.submit(opened)
    row.approve(opened)
    row.publish(opened, number=wanted["number"])
    session.add(row)
    session.flush()
    lock_rubric(session, row, now=opened)
    rows[wanted["key"]] = row
    return row


def _bid(
    session: Session, rows: dict[str, Table], days: Days, scenario: Scenario, item: dict[str, Any]
) -> Bid:
    firm = rows[item["firm"]]
    assert isinstance(firm, Organisation)
    written = days.required_moment(item["written_offset_days"])
    bid = start_bid(
        session, scenario, firm, coverage=[], now=written, on=_day(days, item["written_offset_days"])
    )
    change_bid(session, bid, _content(bid, item), revision=1, now=written)
    if "submitted_offset_days" in item:
        submitted = days.required_moment(item["submitted_offset_days"])
        submit_bid(session, bid, by=None, now=submitted, on=_day(days, item["submitted_offset_days"]))
    return bid


def _day(days: Days, offset: int) -> date:
    day = days.day(offset)
    assert day is not None
    return day


def _content(bid: Bid, item: dict[str, Any]) -> Content:
    wan = item["price_wan"]
    begun = bid.content["answers"]
    answers = [{**row, **said} for row, said in zip(begun, item["answers"], strict=False)]
    return {
        **{name: item[name] for name in ("summary", "plan", "start", "price_note", "partners")},
        "price_fen": None if wan is None else wan * FEN_PER_WAN,
        "answers": answers + begun[len(answers) :],
        "milestones": [{"text": text, "weeks": weeks} for text, weeks in item["milestones"]],
    }


def _jury(session: Session, days: Days, scenario: Scenario, item: dict[str, Any], *, by: User) -> Jury:
    return begin_jury(
        session,
        scenario,
        by=by,
        answer_due_on=_day(days, item["due_offset_days"]),
        now=days.required_moment(item["begun_offset_days"]),
        on=_day(days, item["begun_offset_days"]),
    )


def _seat(session: Session, rows: dict[str, Table], jury: Jury, item: dict[str, Any]) -> Juror:
    person = rows[item["person"]]
    assert isinstance(person, User)
    return appoint_juror(session, jury, person, now=jury.created_at)


def _act(session: Session, days: Days, seat: Juror, item: dict[str, Any], *, bids: dict[str, Bid]) -> None:
    if "recused_offset_days" in item:
        recuse(session, seat, reason=item["reason"], now=days.required_moment(item["recused_offset_days"]))
        return
    if "declared_offset_days" not in item:
        return
    declared = days.required_moment(item["declared_offset_days"])
    declare(seat, declared)
    _mark(session, seat, item.get("marks", {}), bids)
    if "handed_in_offset_days" in item:
        hand_in(session, seat, days.required_moment(item["handed_in_offset_days"]))


def _mark(session: Session, seat: Juror, marks: dict[str, Any], bids: dict[str, Bid]) -> None:
    assert seat.declared_at is not None
    for firm, given in marks.items():
        for position, (score, comment) in enumerate(given, 1):
            give_mark(session, seat, bids[firm], position, score=score, comment=comment, now=seat.declared_at)


def _end(  # noqa: PLR0913  (a row of the file, where it belongs, and who signs)
    session: Session, days: Days, jury: Jury, item: dict[str, Any], *, by: User, bids: dict[str, Bid]
) -> None:
    if "decided_offset_days" not in item:
        return
    settle(session, jury, note=item["note"], now=days.required_moment(item["settled_offset_days"]))
    decided = days.required_moment(item["decided_offset_days"])
    answers = {
        bids[firm].key: Answer(
            said["selected"], tuple(DeclineReason(code) for code in said["reasons"]), said["text"]
        )
        for firm, said in item["answers"].items()
    }
    decide(session, jury, answers, by=by, now=decided)
    for bid in bids.values():
        carry_on(session, bid, now=decided)
