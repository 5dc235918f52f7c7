"""The answers of the demo lead to the states their file describes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from models.demo import records
from models.demo_matches import seed_matches
from models.match import DeclineReason, DismissReason, Match, MatchStatus
from tests.factories import make_firm, make_scenario

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Days:
    """Offsets as whole days from NOW."""

    def moment(self, offset: int | None) -> datetime | None:
        return None if offset is None else NOW + timedelta(days=offset)


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"saved_offset_days": -2}, MatchStatus.SUGGESTED),
        ({"invited_offset_days": -2}, MatchStatus.INVITED),
        ({"interested_offset_days": -2, "note": "可以"}, MatchStatus.INTERESTED),
        ({"invited_offset_days": -3, "interested_offset_days": -2, "note": "可以"}, MatchStatus.INTRODUCED),
        ({"dismissed_offset_days": -2, "dismiss_reason": "budget"}, MatchStatus.DISMISSED),
        (
            {"interested_offset_days": -3, "note": "可以", "declined_offset_days": -2,
             "decline_reason": "price", "decline_note": "超出预算"},
            MatchStatus.DECLINED,
        ),
    ],
)  # fmt: skip
def test_a_pair_ends_where_its_record_says(
    session: Session, record: dict[str, object], status: MatchStatus
) -> None:
    rows = {"S": make_scenario(session), "F": make_firm(session)}

    n_matches = seed_matches(session, rows, Days(), records=[{"scenario": "S", "firm": "F", **record}])

    match = session.exec(select(Match).where(Match.scenario_id == rows["S"].id)).one()
    assert (n_matches, match.status, match.is_touched) == (1, status, True)
    first_act = min(value for name, value in record.items() if name.endswith("_offset_days"))
    assert match.created_at == Days().moment(first_act)


def test_the_file_names_each_pair_once_with_reasons_that_exist() -> None:
    rows = list(records("matches.jsonl"))
    pilots = list(records("pilots.jsonl"))
    firms = {record["key"]: record["firm"] for record in records("capabilities.jsonl")}

    pairs = [(row["scenario"], row["firm"]) for row in rows]
    with_pilot = {(pilot["scenario"], firms[pilot["capability"]]) for pilot in pilots}
    assert len(set(pairs)) == len(pairs)
    assert not with_pilot.intersection(pairs)
    assert {row["decline_reason"] for row in rows if "decline_reason" in row} <= set(DeclineReason)
    assert {row["dismiss_reason"] for row in rows if "dismiss_reason" in row} <= set(DismissReason)
