"""Writing a capability: drafts change freely; of what is listed a working copy changes, and agencies read the old text
until the firm puts the new one in its place.

Every change names the revision it was made on (models/revision.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models.capability import Capability, CapabilityCase, CapabilityStatus, Maturity, get_capability
from models.errors import InvalidTransition
from models.organisation import Organisation
from models.revision import claim_revision
from models.texts import language_of

COLUMNS = (
    "title", "text", "industries", "technologies", "deployment", "data_needed", "filings", "maturity", "capacity",
    "weeks", "price_note", "url",
)  # fmt: skip
"""What a firm writes, beside its cases, in the order of the form."""


@dataclass(frozen=True, slots=True)
class CaseWritten:
    """One case as the firm wants it."""

    text: str
    customer: str = ""
    metric: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class CapabilityContent:
    """All that its firm writes. values: by column of COLUMNS."""

    values: Mapping[str, Any]
    cases: Sequence[CaseWritten] = ()

    def to_json(self) -> dict[str, Any]:
        """The content as plain values."""
        cases = [
            {"text": case.text, "customer": case.customer, "metric": case.metric, "on": _day_text(case.on)}
            for case in self.cases
        ]
        return {**self.values, "maturity": _code(self.values["maturity"]), "cases": cases}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CapabilityContent":
        """The content that `to_json` gave."""
        code = stored["maturity"]
        values = {name: stored[name] for name in COLUMNS} | {"maturity": Maturity(code) if code else None}
        cases = [
            {**case, "on": date.fromisoformat(case["on"]) if case["on"] else None} for case in stored["cases"]
        ]
        return cls(values, tuple(CaseWritten(**case) for case in cases))


def make_capability_draft(owner: Organisation, *, title: str, now: datetime) -> Capability:
    """An empty draft of this firm; not saved."""
    return Capability(
        organisation_id=owner.key,
        title=title,
        text="",
        lang=language_of(title),
        created_at=now,
        updated_at=now,
    )


def get_own_capability(session: Session, capability_id: int, *, organisation_id: int) -> Capability:
    """A capability of this firm that it may still change. NotFound for another's; InvalidTransition once withdrawn."""
    row = get_capability(session, capability_id, organisation_id=organisation_id)
    if row.status is CapabilityStatus.WITHDRAWN:
        raise InvalidTransition("这项能力已经撤下，不能再改。")
    return row


def content_of(capability: Capability) -> CapabilityContent:
    """What agencies read, or would read if it were listed as it stands."""
    return CapabilityContent(
        {name: _copied(getattr(capability, name)) for name in COLUMNS},
        tuple(CaseWritten(row.text, row.customer, row.metric, row.on) for row in capability.cases),
    )


def working_content(capability: Capability) -> CapabilityContent:
    """What its firm is writing: the working copy, where there is one."""
    if capability.working is None:
        return content_of(capability)
    return CapabilityContent.from_json(capability.working)


def change_capability(
    session: Session,
    capability: Capability,
    content: CapabilityContent,
    *,
    revision: int,
    now: datetime,
) -> bool:
    """Take over what was written on top of `revision`; whether that changed anything.

    What says the same is no change, so that a request may be repeated. Of a listed capability the working copy changes.
    InvalidTransition with the code draft_conflict when it has moved on meanwhile.
    """
    if content.to_json() == working_content(capability).to_json():
        return False
    claim_revision(session, capability, revision)
    if capability.status is CapabilityStatus.LISTED:
        is_old_text = content.to_json() == content_of(capability).to_json()
        capability.working = None if is_old_text else content.to_json()
    else:
        _assign(capability, content, now=now)
    capability.revision = revision + 1
    session.add(capability)
    session.flush()
    return True


def put_in_place(session: Session, capability: Capability, *, now: datetime) -> None:
    """Agencies read the working copy from now on. InvalidTransition where there is none."""
    if capability.working is None:
        raise InvalidTransition("没有改动，不用更新。")
    _assign(capability, CapabilityContent.from_json(capability.working), now=now)
    capability.working = None
    capability.revision += 1
    session.add(capability)
    session.flush()


def discard_working(capability: Capability) -> None:
    """Drop the working copy. InvalidTransition where there is none."""
    if capability.working is None:
        raise InvalidTransition("没有改动可以放弃。")
    capability.working = None
    capability.revision += 1


def delete_capability_draft(session: Session, capability: Capability) -> None:
    """Take a draft away with its cases. InvalidTransition for what was ever listed: matches may speak of it."""
    if capability.status is not CapabilityStatus.DRAFT:
        raise InvalidTransition("入库过的能力不能删除，只能撤下。")
    session.delete(capability)
    session.flush()


def _assign(capability: Capability, content: CapabilityContent, *, now: datetime) -> None:
    for name, value in content.values.items():
        setattr(capability, name, _copied(value))
    _rewrite_cases(capability, content.cases)
    capability.lang = language_of(f"{capability.title}\n{capability.text}")
    capability.updated_at = now


def _rewrite_cases(capability: Capability, wanted: Sequence[CaseWritten]) -> None:
    """Place by place: the database allows each position once. A case that now says something else is not confirmed."""
    rows = capability.cases
    for row, case in zip(rows, wanted, strict=False):
        if CaseWritten(row.text, row.customer, row.metric, row.on) != case:
            row.text, row.customer, row.metric, row.on = case.text, case.customer, case.metric, case.on
            row.confirmed_at = None
    for position, case in enumerate(wanted[len(rows) :], start=len(rows) + 1):
        rows.append(
            CapabilityCase(
                capability_id=0,
                position=position,
                text=case.text,
                customer=case.customer,
                metric=case.metric,
                on=case.on,
            )
        )
    del rows[len(wanted) :]


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _code(maturity: Maturity | None) -> str | None:
    return None if maturity is None else maturity.value


def _day_text(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
