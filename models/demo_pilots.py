"""The pilots of the demo data, moved through their states by the same methods that people use."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session

from models.base import Table
from models.capability import Capability
from models.config import Settings
from models.evidence import Evidence, EvidenceKind
from models.files import store_file
from models.match import Match
from models.milestone import Milestone
from models.pilot import Pilot, make_pilot
from models.scenario import Scenario
from models.usage_entry import UsageEntry

FEN_PER_WAN = 1_000_000


class Dates(Protocol):
    """What this module needs of models.demo.Calendar."""

    def day(self, offset: int | None) -> Any:
        """The date so many days from the day of seeding."""

    def moment(self, offset: int | None) -> datetime | None:
        """A moment of that day."""

    def required_moment(self, offset: int) -> datetime:
        """A moment of that day; the offset is there."""


def seed_pilots(
    session: Session,
    rows: Mapping[str, Table],
    dates: Dates,
    *,
    settings: Settings,
    records: Iterable[Mapping[str, Any]],
) -> int:
    """Make each pilot with its introduction and its documents; returns how many. Flushes, never commits."""
    n_pilots = 0
    for record in records:
        scenario, capability = rows[record["scenario"]], rows[record["capability"]]
        assert isinstance(scenario, Scenario) and isinstance(capability, Capability)
        pilot = _pilot(session, record, scenario, capability, dates)
        _move(pilot, record, dates)
        session.add(pilot)
        session.flush()
        for item in record["evidence"]:
            session.add(_evidence(pilot, scenario, item, dates, settings))
        session.add_all(_records(pilot, record, dates))
        n_pilots += 1
    session.flush()
    return n_pilots


def _pilot(
    session: Session, record: Mapping[str, Any], scenario: Scenario, capability: Capability, dates: Dates
) -> Pilot:
    introduced = dates.required_moment(record["introduced_offset_days"])
    match = Match(scenario_id=scenario.key, organisation_id=capability.organisation_id, created_at=introduced)
    match.invite(introduced)
    match.express_interest(introduced, note="愿意按场景的指标做试点，可先用贵方样本跑一遍。")
    session.add(match)
    session.flush()
    pilot = make_pilot(match, capability, title=record["title"])
    for name in ("scope", "success_metric", "baseline", "target", "decision_owner", "data_terms"):
        setattr(pilot, name, record[name])
    pilot.created_at = dates.required_moment(record["planned_offset_days"])
    pilot.decision_on = dates.day(record["decision_offset_days"])
    pilot.budget_fen = round(record["budget_wan"] * FEN_PER_WAN)
    pilot.starts_on = dates.day(record["starts_offset_days"])
    pilot.ends_on = dates.day(record["ends_offset_days"])
    pilot.is_demo = True
    return pilot


def _move(pilot: Pilot, record: Mapping[str, Any], dates: Dates) -> None:
    def at(step: str) -> datetime | None:
        return dates.moment(record[f"{step}_offset_days"])

    if (agreed := at("agreed")) is not None:
        pilot.agree(agreed)
    if (started := at("started")) is not None:
        pilot.start(started)
    if (in_use := at("in_use")) is not None:
        go_live_on = dates.day(record["go_live_offset_days"])
        pilot.put_in_use(
            in_use, go_live_on=go_live_on, n_users=record["n_users"], usage_note=record["usage_note"]
        )
    if (accepted := at("accepted")) is not None:
        pilot.accept(accepted)
    if (stopped := at("stopped")) is not None:
        pilot.stop(stopped, reason=record["stop_reason"])


def _records(pilot: Pilot, record: Mapping[str, Any], dates: Dates) -> Iterable[Table]:
    """The milestones and the usage log, where the pilot has any."""
    for item in record.get("milestones", ()):
        due_on = dates.day(item["due_offset_days"])
        done_at = dates.moment(item["done_offset_days"])
        yield Milestone(pilot_id=pilot.key, title=item["title"], due_on=due_on, done_at=done_at)
    for item in record.get("usage", ()):
        yield UsageEntry(
            pilot_id=pilot.key,
            from_on=dates.day(item["from_offset_days"]),
            to_on=dates.day(item["to_offset_days"]),
            **{name: item[name] for name in ("n_users", "volume", "unit", "metric_value", "issues")},
        )


def _evidence(
    pilot: Pilot, scenario: Scenario, record: Mapping[str, Any], dates: Dates, settings: Settings
) -> Evidence:
    content = record["text"].encode()
    stored = store_file(
        settings.files_dir, f"{record['number']}.txt", content, max_bytes=settings.upload_max_bytes
    )
    issued = dates.required_moment(record["issued_offset_days"])
    by_owner = record["kind"] in ("use_report", "acceptance")
    evidence = Evidence(
        pilot_id=pilot.key,
        kind=EvidenceKind(record["kind"]),
        title=record["title"],
        issuer=record["issuer"],
        issuer_organisation_id=scenario.organisation_id if by_owner else None,
        number=record["number"],
        issued_on=dates.day(record["issued_offset_days"]),
        valid_until_on=dates.day(record.get("valid_until_offset_days")),
        period_from_on=dates.day(record.get("period_from_offset_days")),
        period_to_on=dates.day(record.get("period_to_offset_days")),
        amount_fen=None if record.get("amount_wan") is None else round(record["amount_wan"] * FEN_PER_WAN),
        file_name=stored.name,
        file_hash=stored.digest,
        file_size=stored.size,
        media_type=stored.media_type,
        created_at=issued,
    )
    if record["checked"]:
        evidence.check(issued)
    return evidence
