"""What is known about a pilot when somebody asks for money: plain frozen values, and how they are read from
the rows.

Every field that may be missing is `None` when it is; conditions (models/funding_condition.py) read `None`
as unknown, never as yes and never as no. All days are days of the installation's time zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from sqlmodel import Session, col, select

from models.capability import Capability
from models.evidence import Evidence, EvidenceKind
from models.pilot import Pilot
from models.place import District
from models.scenario import Scenario

INVESTMENT = "investment"
"""The one purpose of spending the pilot's own documents can show; the vouchers' purposes are told by nobody
yet."""


@dataclass(frozen=True)
class EvidenceFact:
    """A document that stands on the day asked about: uploaded by then, not rejected, not replaced."""

    id: int
    kind: str
    file_hash: str
    issuer: str = ""
    issuer_id: int | None = None
    issued_on: date | None = None
    valid_until_on: date | None = None
    is_checked: bool = False

    def is_current(self, on: date) -> bool:
        """Whether it was issued by that day and has not run out; the last day counts."""
        issued = self.issued_on is None or self.issued_on <= on
        return issued and not self.has_expired(on)

    def has_expired(self, on: date) -> bool:
        """Whether its last day is past."""
        return self.valid_until_on is not None and self.valid_until_on < on


@dataclass(frozen=True)
class Spend:
    """Money spent on one purpose. Until the account is complete, `amount_fen` is a floor: more may follow."""

    amount_fen: int
    is_complete: bool


@dataclass(frozen=True)
class Claim:
    """Public money asked for or granted elsewhere, as told by an officer or another system."""

    pilot_id: int
    programme: str
    stacking_group: str
    year: int
    amount_fen: int


@dataclass(frozen=True)
class FundingFacts:
    """Everything a condition may ask about one pilot, as known on one day.

    claims: None while nobody knows what else was claimed; an empty tuple when it is known that nothing was.
    spend_fen: by purpose (compute, model, corpus, investment); a purpose that is absent is unknown.
    filings: codes the firm states about itself; an absent code says nothing.
    """

    pilot_id: int
    scenario_kind: str | None = None
    scenario_domain: str | None = None
    publisher_id: int | None = None
    publisher_kind: str | None = None
    publisher_names: tuple[str, ...] = ()
    published_on: date | None = None
    go_live_on: date | None = None
    accepted_on: date | None = None
    stopped_on: date | None = None
    applicant_kind: str | None = None
    applicant_city: str | None = None
    applicant_founded_on: date | None = None
    team_size: int | None = None
    leader_born_on: date | None = None
    filings: tuple[str, ...] = ()
    evidence: tuple[EvidenceFact, ...] = ()
    spend_fen: Mapping[str, Spend] = field(default_factory=dict)
    claims: tuple[Claim, ...] | None = None


def facts_of(session: Session, pilot: Pilot, on: date, *, zone: tzinfo) -> FundingFacts:
    """What the rows said about the pilot at the end of day `on`; moments after it are not seen.

    zone: the zone in which days begin (Settings.time_zone). Who else paid, what the leader's age is and
    what was spent on compute, models or data is in no table, so it stays unknown here.
    """
    rows = _standing_evidence(session, pilot.key, on, zone)
    in_use_told = _day(pilot.in_use_at, on, zone) is not None
    return replace(
        facts_of_pair(session, pilot.scenario, pilot.capability, on, zone=zone),
        pilot_id=pilot.key,
        go_live_on=pilot.go_live_on if in_use_told else None,
        accepted_on=_day(pilot.accepted_at, on, zone),
        stopped_on=_day(pilot.stopped_at, on, zone),
        evidence=tuple(_fact(row, on, zone) for row in rows),
        spend_fen=_paid(rows, on, zone),
    )


def facts_of_pair(
    session: Session, scenario: Scenario, capability: Capability, on: date, *, zone: tzinfo
) -> FundingFacts:
    """What is known of a scenario and a firm while they have no pilot: pilot_id is 0, and nothing was delivered yet."""
    publisher, firm = scenario.organisation, capability.organisation
    district = None if firm.district_id is None else session.get(District, firm.district_id)
    return FundingFacts(
        pilot_id=0,
        scenario_kind=scenario.kind.value,
        scenario_domain=scenario.domain if scenario.domain not in ("", "other") else None,
        publisher_id=publisher.key,
        publisher_kind=publisher.kind.value,
        publisher_names=tuple(name for name in (publisher.name, publisher.name_en) if name),
        published_on=_day(scenario.published_at, on, zone),
        applicant_kind=firm.kind.value,
        applicant_city=(district.city or None) if district is not None else None,
        applicant_founded_on=firm.founded_on,
        team_size=firm.team_size,
        filings=tuple(sorted(capability.standing_filings)),
    )


def _day(moment: datetime | None, on: date, zone: tzinfo) -> date | None:
    """The local day of a moment, or None while it lies ahead of `on`."""
    if moment is None:
        return None
    day = moment.astimezone(zone).date()
    return day if day <= on else None


def _standing_evidence(session: Session, pilot_id: int, on: date, zone: tzinfo) -> list[Evidence]:
    """Documents uploaded by `on` and by then neither replaced nor rejected, oldest first."""
    statement = select(Evidence).where(col(Evidence.pilot_id) == pilot_id).order_by(col(Evidence.id))
    seen = [row for row in session.exec(statement) if _day(row.created_at, on, zone) is not None]
    replaced = {row.replaces_id for row in seen}
    return [row for row in seen if row.id not in replaced and _day(row.rejected_at, on, zone) is None]


def _fact(row: Evidence, on: date, zone: tzinfo) -> EvidenceFact:
    return EvidenceFact(
        id=row.key,
        kind=row.kind.value,
        file_hash=row.file_hash,
        issuer=row.issuer.strip(),
        issuer_id=row.issuer_organisation_id,
        issued_on=row.issued_on,
        valid_until_on=row.valid_until_on,
        is_checked=_day(row.checked_at, on, zone) is not None,
    )


def _paid(rows: list[Evidence], on: date, zone: tzinfo) -> dict[str, Spend]:
    """The sum of checked payments with an amount: a floor of what was invested. Empty when no payment shows
    one.
    """
    amounts = [
        row.amount_fen
        for row in rows
        if row.kind is EvidenceKind.PAYMENT
        and row.amount_fen is not None
        and _day(row.checked_at, on, zone) is not None
    ]
    return {INVESTMENT: Spend(sum(amounts), is_complete=False)} if amounts else {}
