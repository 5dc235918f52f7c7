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
from models.draft import ON_THE_DESK
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

    def refuse_change(self, known: Any, row: Any, *, given: Collection[str], release: bool) -> Refusal | None:
        """Why a page may not change the known row to what the file says, or release it; None where nothing speaks
        against it or nothing would change.
        """

    def apply(
        self, known: Any, row: Any, *, owner: Organisation, given: Collection[str]
    ) -> tuple[Table, bool]:
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

    def refuse_change(
        self, known: Scenario | None, row: ScenarioRow, *, given: Collection[str], release: bool
    ) -> Refusal | None:
        """A text that has left its author's desk: reviewers have read it, or the public has."""
        if known is None or known.status in ON_THE_DESK:
            return None
        if release and known.status in (ScenarioStatus.IN_REVIEW, ScenarioStatus.APPROVED):
            return ("id", "这个场景正在审核或等着批次，不能由导入发布。")
        is_same = not _differing(known, self._values(row), given=given) and (
            "requirements" not in given or _same_requirements(known, row.requirements)
        )
        return None if is_same else ("id", "这个场景已经送审或发布，导入不能改它；发布以后请写变更说明。")

    def apply(
        self, known: Scenario | None, row: ScenarioRow, *, owner: Organisation, given: Collection[str]
    ) -> tuple[Scenario, bool]:
        """As ImportKind. A new one without a district is in that of its owner."""
        values = self._values(row)
        if known is None:
            scenario = Scenario(organisation_id=owner.key, external_id=row.id, title="", text="")
            given = {*values, "requirements"}
            values["district"] = ("district_id", values["district"][1] or owner.district_id)
        else:
            scenario = known
        changed = _assign(scenario, values, given=given)
        if "requirements" in given:
            changed = _apply_requirements(scenario, row.requirements) or changed
        if changed:
            scenario.updated_at = self.now
            # Whoever has the draft open was looking at another text.
            scenario.revision += known is not None
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

    def refuse_change(
        self, known: Capability | None, row: CapabilityRow, *, given: Collection[str], release: bool
    ) -> Refusal | None:
        """A firm may say anew what it can do."""
        return None

    def apply(
        self, known: Capability | None, row: CapabilityRow, *, owner: Organisation, given: Collection[str]
    ) -> tuple[Capability, bool]:
        """As ImportKind."""
        values = self._values(row)
        if known is None:
            capability = Capability(organisation_id=owner.key, external_id=row.id, title="", text="")
            given = {*values, "cases"}
        else:
            capability = known
        changed = _assign(capability, values, given=given)
        if "cases" in given:
            changed = _apply_cases(capability, row.cases) or changed
        if changed:
            capability.updated_at = self.now
            # Whoever has it open was looking at another text.
            capability.revision += known is not None
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
    """Set the given columns that differ; whether any did."""
    differing = _differing(row, values, given=given)
    for column, value in differing.items():
        setattr(row, column, value)
    return bool(differing)


def _differing(row: Any, values: Mapping[str, tuple[str, Any]], *, given: Collection[str]) -> dict[str, Any]:
    """The given columns that differ, with the file's values. A new text brings its language with it."""
    fields = {*given, "lang"} if row.text != values["text"][1] else given
    wanted = (values[field] for field in values if field in fields)
    return {column: value for column, value in wanted if getattr(row, column) != value}


def _wanted_requirements(scenario: Scenario, wanted: Sequence[RequirementRow]) -> list[tuple[str, bool]]:
    """Text and must of each place.

    Where the file does not say must or should, a text that stays keeps what it had, a new one is a must.
    """
    before = [(row.text, row.must) for row in scenario.requirements]
    found = []
    for place, item in enumerate(wanted):
        text, must = before[place] if place < len(before) else ("", True)
        unsaid = must if text == item.text else True
        found.append((item.text, unsaid if item.must is None else item.must))
    return found


def _same_requirements(scenario: Scenario, wanted: Sequence[RequirementRow]) -> bool:
    return [(row.text, row.must) for row in scenario.requirements] == _wanted_requirements(scenario, wanted)


def _apply_requirements(scenario: Scenario, wanted: Sequence[RequirementRow]) -> bool:
    """Rewrite the requirements place by place; whether any changed."""
    if _same_requirements(scenario, wanted):
        return False
    rows = scenario.requirements
    lines = _wanted_requirements(scenario, wanted)
    for row, (text, must) in zip(rows, lines, strict=False):
        row.text, row.must = text, must
    for position, (text, must) in enumerate(lines[len(rows) :], start=len(rows) + 1):
        rows.append(Requirement(scenario_id=0, position=position, text=text, must=must))
    del rows[len(wanted) :]
    return True


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
