"""How each kind of imported row becomes a table row: whose it is, what it changes, when it may be released.

The order of things, for both kinds alike, is in models/transfer.py.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from models.base import Table
from models.capability import Capability, CapabilityCase
from models.organisation import Organisation, OrganisationKind
from models.outbox import MailKind
from models.place import Gazetteer
from models.scenario import Requirement, Scenario, ScenarioKind, ScenarioStatus
from models.texts import language_of
from models.transfer_rows import CapabilityRow, CaseRow, RequirementRow, ScenarioRow

TITLE_FROM_TEXT = 60
"""Characters of the text that stand in for a title the file does not give."""

Refusal = tuple[str, str]
"""Column and sentence."""


def file_id(row: Scenario | Capability) -> str:
    """The id by which a file speaks of a table row: the one it came with, or `db-` and ours for a row typed in here."""
    return row.external_id or f"db-{row.key}"


class ImportKind(Protocol):
    """What models/transfer.py asks of a kind. The row types are the kind's own."""

    owner_kinds: Sequence[OrganisationKind]
    owner_field: str
    digest: MailKind
    released: str

    def owner_name(self, row: Any) -> str:
        """Name of the organisation the row belongs to, as the file has it."""

    def make_owner(self, row: Any, name: str) -> Organisation:
        """A new organisation, not yet saved."""

    def complete_owner(self, owner: Organisation, row: Any) -> None:
        """Fill what is not known of the organisation yet; what is known stays."""

    def existing(self, session: Session, owner_ids: Collection[int]) -> Sequence[Any]:
        """The table rows of these organisations."""

    def refuse_release(self, known: Any, row: Any, *, today: date) -> Refusal | None:
        """Why the row may not be released, or None."""

    def apply(self, known: Any, row: Any, *, owner_id: int, given: Collection[str]) -> tuple[Table, bool]:
        """The new or known table row with the file's values, and whether anything changed.

        given: the fields the file speaks of; the others of a known row stay as they are.
        """

    def release(self, row: Any) -> bool:
        """Publish or list the table row where that is due; whether it was."""


class ScenarioImport:
    """Scenarios: owned by who publishes them, released by publication."""

    owner_kinds: Sequence[OrganisationKind] = (
        OrganisationKind.AGENCY,
        OrganisationKind.ENTERPRISE,
        OrganisationKind.UNIVERSITY,
    )
    owner_field = "publisher"
    digest = MailKind.DIGEST_AGENCY
    released = "scenario.published"

    def __init__(self, places: Gazetteer, now: datetime) -> None:
        self.places = places
        self.now = now

    def owner_name(self, row: ScenarioRow) -> str:
        """The publisher."""
        return row.publisher

    def make_owner(self, row: ScenarioRow, name: str) -> Organisation:
        """An agency for a government scenario, else an enterprise; approved, since an operator imports."""
        government = row.kind is ScenarioKind.GOVERNMENT
        kind = OrganisationKind.AGENCY if government else OrganisationKind.ENTERPRISE
        return Organisation(name=name, kind=kind, approved_at=self.now)

    def complete_owner(self, owner: Organisation, row: ScenarioRow) -> None:
        """A publisher's first scenario tells its district."""
        if owner.district_id is None:
            owner.district_id = self.places.find_district_id(row.district)

    def existing(self, session: Session, owner_ids: Collection[int]) -> Sequence[Scenario]:
        """With their requirements, in two queries."""
        statement = select(Scenario).where(col(Scenario.organisation_id).in_(owner_ids))
        requirements = selectinload(Scenario.requirements)  # type: ignore[arg-type]
        return session.exec(statement.options(requirements)).all()

    def refuse_release(self, known: Scenario | None, row: ScenarioRow, *, today: date) -> Refusal | None:
        """A withdrawn draft, or a deadline that is over; what is published already is not published again."""
        if known is not None and known.published_at is not None:
            return None
        if known is not None and known.status is ScenarioStatus.WITHDRAWN:
            return ("id", "这个场景已经撤回，不能发布。")
        deadline = row.deadline_on
        if deadline is not None and deadline < today:
            return ("deadline_on", f"截止日期 {deadline} 已经过去，不能发布。")
        return None

    def apply(
        self, known: Scenario | None, row: ScenarioRow, *, owner_id: int, given: Collection[str]
    ) -> tuple[Scenario, bool]:
        """As ImportKind."""
        values = self._values(row)
        if known is None:
            scenario = Scenario(organisation_id=owner_id, external_id=row.id, title="", text="")
            given = {*values, "requirements"}
        else:
            scenario = known
        changed = _assign(scenario, values, given=given)
        if "requirements" in given:
            changed = _apply_requirements(scenario, row.requirements) or changed
        if changed:
            scenario.updated_at = self.now
        return scenario, changed

    def _values(self, row: ScenarioRow) -> dict[str, tuple[str, Any]]:
        """Field of the file -> column of the table and its value."""
        same = ("kind", "domain", "budget_min_fen", "budget_max_fen", "opens_on", "deadline_on", "metric")
        return {
            **_texts(row),
            **{name: (name, getattr(row, name)) for name in (*same, "baseline", "target")},
            "district": ("district_id", self.places.find_district_id(row.district)),
            "data": ("data_note", row.data),
            "deployment": ("deployment", list(row.deployment)),
        }

    def release(self, row: Scenario) -> bool:
        """Through review to publication, under a number of its own."""
        if row.published_at is not None or row.status is ScenarioStatus.WITHDRAWN:
            return False
        if row.status in (ScenarioStatus.DRAFT, ScenarioStatus.RETURNED):
            row.submit(self.now)
        if row.status is ScenarioStatus.IN_REVIEW:
            row.approve(self.now)
        row.publish(self.now, number=f"IMP-{row.key:06d}")
        return True


class CapabilityImport:
    """Capabilities: owned by the firm, released by listing."""

    owner_kinds: Sequence[OrganisationKind] = (OrganisationKind.STARTUP, OrganisationKind.UNIVERSITY)
    owner_field = "firm"
    digest = MailKind.DIGEST_STARTUP
    released = "capability.listed"

    def __init__(self, places: Gazetteer, now: datetime) -> None:
        self.places = places
        self.now = now

    def owner_name(self, row: CapabilityRow) -> str:
        """The firm; lists of firms with one line each give its name as the title."""
        return row.firm or row.title

    def make_owner(self, row: CapabilityRow, name: str) -> Organisation:
        """A startup; approved, since an operator imports."""
        return Organisation(name=name, kind=OrganisationKind.STARTUP, approved_at=self.now)

    def complete_owner(self, owner: Organisation, row: CapabilityRow) -> None:
        """Size and place of the firm."""
        if owner.team_size is None:
            owner.team_size = row.team_size
        if owner.district_id is None:
            owner.district_id = self.places.find_district_id(row.district)
        if owner.community_id is None:
            owner.community_id = self.places.find_community_id(row.community)

    def existing(self, session: Session, owner_ids: Collection[int]) -> Sequence[Capability]:
        """With their cases, in two queries."""
        statement = select(Capability).where(col(Capability.organisation_id).in_(owner_ids))
        cases = selectinload(Capability.cases)  # type: ignore[arg-type]
        return session.exec(statement.options(cases)).all()

    def refuse_release(self, known: Capability | None, row: CapabilityRow, *, today: date) -> Refusal | None:
        """Nothing speaks against listing."""
        return None

    def apply(
        self, known: Capability | None, row: CapabilityRow, *, owner_id: int, given: Collection[str]
    ) -> tuple[Capability, bool]:
        """As ImportKind."""
        values = self._values(row)
        if known is None:
            capability = Capability(organisation_id=owner_id, external_id=row.id, title="", text="")
            given = {*values, "cases"}
        else:
            capability = known
        changed = _assign(capability, values, given=given)
        if "cases" in given:
            changed = _apply_cases(capability, row.cases) or changed
        if changed:
            capability.updated_at = self.now
        return capability, changed

    def _values(self, row: CapabilityRow) -> dict[str, tuple[str, Any]]:
        """Field of the file -> column of the table and its value."""
        lists = ("industries", "technologies", "deployment", "filings")
        return {
            **_texts(row),
            **{name: (name, list(getattr(row, name))) for name in lists},
            "maturity": ("maturity", row.maturity),
            "capacity": ("capacity", row.capacity),
            "url": ("url", row.url or None),
        }

    def release(self, row: Capability) -> bool:
        """Listed for the first time; what was taken down stays down."""
        if row.listed_at is not None:
            return False
        row.list_publicly(self.now)
        return True


def _texts(row: ScenarioRow | CapabilityRow) -> dict[str, tuple[str, Any]]:
    return {
        "title": ("title", row.title or " ".join(row.text.split())[:TITLE_FROM_TEXT]),
        "text": ("text", row.text),
        "lang": ("lang", row.lang or language_of(f"{row.title}\n{row.text}")),
    }


def _assign(row: Any, values: Mapping[str, tuple[str, Any]], *, given: Collection[str]) -> bool:
    """Set the given columns that differ; whether any did. A new text brings its language with it."""
    fields = {*given, "lang"} if row.text != values["text"][1] else given
    changed = False
    for column, value in (values[field] for field in values if field in fields):
        if getattr(row, column) != value:
            setattr(row, column, value)
            changed = True
    return changed


def _apply_requirements(scenario: Scenario, wanted: Sequence[RequirementRow]) -> bool:
    """Rewrite the requirements place by place; whether any changed.

    Where the file does not say must or should, a text that stays keeps what it had, a new one is a must.
    """
    rows = scenario.requirements
    changed = len(rows) != len(wanted)
    for row, item in zip(rows, wanted, strict=False):
        same_text = row.text == item.text
        must = item.must if item.must is not None else (row.must if same_text else True)
        if not same_text or row.must != must:
            row.text, row.must, changed = item.text, must, True
    for position, item in enumerate(wanted[len(rows) :], start=len(rows) + 1):
        rows.append(
            Requirement(scenario_id=0, position=position, text=item.text, must=item.must is not False)
        )
    del rows[len(wanted) :]
    return changed


def _apply_cases(capability: Capability, wanted: Sequence[CaseRow]) -> bool:
    """Rewrite the cases place by place; whether any changed. A changed case is no longer confirmed."""
    rows = capability.cases
    changed = len(rows) != len(wanted)
    for row, item in zip(rows, wanted, strict=False):
        values = item.model_dump()
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.confirmed_at, changed = None, True
    for position, item in enumerate(wanted[len(rows) :], start=len(rows) + 1):
        rows.append(CapabilityCase(capability_id=0, position=position, **item.model_dump()))
    del rows[len(wanted) :]
    return changed
