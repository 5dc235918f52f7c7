"""Which scenarios and firms an event brings together, and where its choice has gaps: by the matches that are stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Field, Relationship, Session, col, select

from models.base import Table
from models.capability import Capability, listed, listed_firms
from models.errors import InvalidInput, InvalidTransition, NotFound
from models.event import Event
from models.i18n import N_
from models.match import Band, Match, MatchScore, newer_exists
from models.organisation import Organisation
from models.scenario import Scenario, open_scenarios

Pairs = Mapping[tuple[int, int], Band]
"""Strong or possible, by (scenario, firm)."""


class EventScenario(Table, table=True):
    """A scenario that is brought to an event. booth_table: its people stay there and the firms come to them."""

    __tablename__ = "event_scenario"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "scenario_id"),
        sa.UniqueConstraint("event_id", "booth_table", name="uq_event_scenario_booth_table"),
    )

    event_id: int = Field(foreign_key="event.id", index=True)
    scenario_id: int = Field(foreign_key="scenario.id", index=True)
    booth_table: int | None = None

    scenario: Scenario = Relationship()


class EventFirm(Table, table=True):
    """A firm that is wanted at an event. booth_table: its people stay there and the agencies come to them."""

    __tablename__ = "event_firm"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "organisation_id"),
        sa.UniqueConstraint("event_id", "booth_table", name="uq_event_firm_booth_table"),
    )

    event_id: int = Field(foreign_key="event.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    booth_table: int | None = None

    organisation: Organisation = Relationship()


Pick = EventScenario | EventFirm


@dataclass(frozen=True, slots=True)
class Picks:
    """What an event brings together: scenarios by number, firms by name."""

    scenarios: list[EventScenario]
    firms: list[EventFirm]

    @property
    def rows(self) -> list[Pick]:
        """Both sides."""
        return [*self.scenarios, *self.firms]

    @property
    def scenario_ids(self) -> set[int]:
        """Ids of the scenarios."""
        return {row.scenario_id for row in self.scenarios}

    @property
    def firm_ids(self) -> set[int]:
        """Ids of the firms."""
        return {row.organisation_id for row in self.firms}


@dataclass(frozen=True, slots=True)
class RankedFirm:
    """A firm that might be invited. n_closes: scenarios of the event for which no firm is picked, but this one fits."""

    firm: Organisation
    n_closes: int
    n_strong: int
    n_possible: int


def event_picks(session: Session, event_id: int) -> Picks:
    """What is picked for an event now."""
    scenarios = session.exec(
        select(EventScenario)
        .join(Scenario, col(Scenario.id) == col(EventScenario.scenario_id))
        .where(col(EventScenario.event_id) == event_id)
        .options(joinedload(EventScenario.scenario).joinedload(Scenario.organisation))  # type: ignore[arg-type]
        .order_by(col(Scenario.number), col(Scenario.id))
    )
    firms = session.exec(
        select(EventFirm)
        .join(Organisation, col(Organisation.id) == col(EventFirm.organisation_id))
        .where(col(EventFirm.event_id) == event_id)
        .options(joinedload(EventFirm.organisation))  # type: ignore[arg-type]
        .order_by(col(Organisation.name), col(Organisation.id))
    )
    return Picks(list(scenarios), list(firms))


def pick_scenarios(session: Session, event: Event, chosen: Collection[Scenario]) -> list[EventScenario]:
    """Bring these scenarios; those that are there already stay as they are. The new ones are given back."""
    _refuse_after_release(event)
    there = event_picks(session, event.key).scenario_ids
    rows = [EventScenario(event_id=event.key, scenario_id=row.key) for row in chosen if row.key not in there]
    session.add_all(rows)
    session.flush()
    return rows


def pick_firms(session: Session, event: Event, chosen: Collection[Organisation]) -> list[EventFirm]:
    """Want these firms; those that are there already stay as they are. The new ones are given back."""
    _refuse_after_release(event)
    there = event_picks(session, event.key).firm_ids
    rows = [EventFirm(event_id=event.key, organisation_id=row.key) for row in chosen if row.key not in there]
    session.add_all(rows)
    session.flush()
    return rows


def copy_picks(session: Session, source: Event, event: Event, *, open_ids: Collection[int]) -> int:
    """Pick for an event what another one has, without booths; scenarios only where still open. How many of both."""
    picks = event_picks(session, source.key)
    scenarios = [row.scenario for row in picks.scenarios if row.scenario_id in open_ids]
    n_scenarios = len(pick_scenarios(session, event, scenarios))
    return n_scenarios + len(pick_firms(session, event, [row.organisation for row in picks.firms]))


def drop_pick(session: Session, event: Event, row: Pick) -> None:
    """Bring it no longer. InvalidTransition after the release: then people have a schedule with it."""
    _refuse_after_release(event)
    session.delete(row)
    session.flush()


def set_booth(session: Session, event: Event, row: Pick, table: int | None) -> None:
    """Let its people stay at this table, or at none. InvalidInput for a table that is not there or has a host."""
    _refuse_after_release(event)
    if table is not None:
        if not 1 <= table <= event.n_tables:
            raise InvalidInput(N_("没有这个桌号。"))
        picks = event_picks(session, event.key)
        taken = {each.booth_table for each in picks.rows if each is not row}
        if table in taken:
            raise InvalidInput(N_("这张桌子已经有固定的人。"))
    row.booth_table = table
    session.add(row)
    session.flush()


def get_pick(session: Session, event: Event, kind: type[Pick], row_id: int) -> Pick:
    """The row of this event; NotFound for any other."""
    row = session.get(kind, row_id)
    if not isinstance(row, EventScenario | EventFirm) or row.event_id != event.key:
        raise NotFound(N_("活动里没有这一项。"))
    return row


def promising(session: Session, scenario_ids: Collection[int]) -> Pairs:
    """The strong and possible pairs of these scenarios by their newest scores, except where a side said no."""
    good = (Band.STRONG, Band.POSSIBLE)
    rows: Any = session.execute(
        select(MatchScore.scenario_id, Match.organisation_id, MatchScore.band)
        .join(Match, col(Match.id) == col(MatchScore.match_id))
        .join(Capability, col(Capability.id) == col(MatchScore.capability_id))
        .join(Organisation, col(Organisation.id) == col(Capability.organisation_id))
        .where(
            col(MatchScore.scenario_id).in_(scenario_ids),
            col(MatchScore.band).in_(good),
            col(Match.declined_at).is_(None),
            col(Match.dismissed_at).is_(None),
            ~newer_exists(),
            listed(),
        )
    )
    found: dict[tuple[int, int], Band] = {}
    for scenario_id, firm_id, band in rows:
        if found.get((scenario_id, firm_id)) is not Band.STRONG:
            found[scenario_id, firm_id] = band
    return found


def uncovered(picks: Picks, pairs: Pairs) -> list[EventScenario]:
    """The scenarios for which no firm that is picked stands strong or possible."""
    covered = {scenario_id for scenario_id, firm_id in pairs if firm_id in picks.firm_ids}
    return [row for row in picks.scenarios if row.scenario_id not in covered]


def idle_firms(picks: Picks, pairs: Pairs) -> list[EventFirm]:
    """The firms that are picked and stand strong or possible for none of the event's scenarios."""
    placed = {firm_id for _scenario_id, firm_id in pairs}
    return [row for row in picks.firms if row.organisation_id not in placed]


def ranked_firms(session: Session, picks: Picks, pairs: Pairs) -> list[RankedFirm]:
    """Firms not picked that fit a scenario of the event: who closes most gaps first, then strong, possible, name."""
    gaps = {row.scenario_id for row in uncovered(picks, pairs)}
    by_firm: dict[int, dict[int, Band]] = {}
    for (scenario_id, firm_id), band in pairs.items():
        by_firm.setdefault(firm_id, {})[scenario_id] = band
    found = []
    for firm in listed_firms(session):
        bands = by_firm.get(firm.key, {})
        if bands and firm.key not in picks.firm_ids:
            n_strong = sum(band is Band.STRONG for band in bands.values())
            found.append(RankedFirm(firm, len(gaps & set(bands)), n_strong, len(bands) - n_strong))
    return sorted(found, key=lambda row: (-row.n_closes, -row.n_strong, -row.n_possible, row.firm.name))


@dataclass(frozen=True, slots=True)
class ScenarioFilter:
    """Which open scenarios to offer; None or "" stands for all."""

    batch_id: int | None = None
    domain: str = ""
    district_id: int | None = None

    def passes(self, row: Scenario) -> bool:
        """Whether a scenario is among them."""
        return (
            self.batch_id in (None, row.batch_id)
            and self.domain in ("", row.domain)
            and self.district_id in (None, row.district_id)
        )


def offered_scenarios(session: Session, picks: Picks, wanted: ScenarioFilter, *, on: date) -> list[Scenario]:
    """Scenarios that take answers on that day and are not picked yet, by id."""
    rows = open_scenarios(session, on=on)
    return [row for row in rows if row.key not in picks.scenario_ids and wanted.passes(row)]


def refuse_unless_ready(session: Session, event: Event) -> None:
    """InvalidTransition where an event has nobody to bring together."""
    picks = event_picks(session, event.key)
    if not picks.scenarios or not picks.firms:
        raise InvalidTransition(N_("先选好场景和企业，再开放报名。"))


def _refuse_after_release(event: Event) -> None:
    if event.released_at is not None:
        raise InvalidTransition(N_("排期已经发布，不能再改活动的安排。"))
