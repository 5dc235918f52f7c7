"""Drafts: a scenario while its agency writes it. It is seen by its own organisation only and changes freely.

Every change names the revision it was made on, so that two windows cannot overwrite each other in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete

from models.errors import InvalidTransition
from models.organisation import Organisation
from models.revision import claim_revision
from models.rubric import Rubric
from models.scenario import Requirement, Scenario, ScenarioStatus, get_scenario
from models.texts import language_of

ON_THE_DESK = (ScenarioStatus.DRAFT, ScenarioStatus.RETURNED)
"""States in which its author may change a scenario."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement as its author wants it."""

    text: str
    must: bool = True


@dataclass(frozen=True, slots=True)
class DraftContent:
    """All that its author writes. values: by column."""

    values: Mapping[str, Any]
    requirements: Sequence[Wanted] = ()


def make_draft(owner: Organisation, *, title: str, now: datetime) -> Scenario:
    """An empty draft of this organisation, in its district; not saved."""
    return Scenario(
        organisation_id=owner.key,
        district_id=owner.district_id,
        title=title,
        text="",
        lang=language_of(title),
        created_at=now,
        updated_at=now,
    )


CLONED = (
    "kind", "domain", "text", "volume_note", "metric", "baseline", "target", "acceptance", "data_note", "data_access",
    "security_note", "site", "budget_min_fen", "budget_max_fen", "procurement_note", "contact_name", "contact_email",
)  # fmt: skip
"""What a copy takes over; dates are of their time, and number, batch and states are of the original."""


def clone_draft(source: Scenario, owner: Organisation, *, now: datetime) -> Scenario:
    """A new draft of this organisation with the words and requirements of another scenario; not saved."""
    copy = make_draft(owner, title=source.title, now=now)
    for name in CLONED:
        setattr(copy, name, getattr(source, name))
    copy.deployment, copy.lang = list(source.deployment), source.lang
    copy.requirements = [
        Requirement(scenario_id=0, position=row.position, text=row.text, must=row.must)
        for row in source.requirements
    ]
    return copy


def get_draft(session: Session, scenario_id: int, *, organisation_id: int) -> Scenario:
    """A draft of this organisation, or a text that review sent back to it.

    NotFound for another's; InvalidTransition while it is not on its author's desk.
    """
    row = get_scenario(session, scenario_id, organisation_id=organisation_id)
    if row.status not in ON_THE_DESK:
        raise InvalidTransition("这个场景已经不是草稿，不能再改。")
    return row


def change_draft(
    session: Session,
    draft: Scenario,
    content: DraftContent,
    *,
    revision: int,
    now: datetime,
) -> bool:
    """Take over what was written on top of `revision`; whether that changed anything.

    What says the same as the draft is no change, so that a request may be repeated. InvalidTransition with the code
    draft_conflict when the draft has moved on meanwhile.
    """
    if not _differs(draft, content):
        return False
    claim_revision(session, draft, revision)
    for name, value in content.values.items():
        setattr(draft, name, value)
    _rewrite(draft, content.requirements)
    draft.lang = language_of(f"{draft.title}\n{draft.text}")
    draft.revision, draft.updated_at = revision + 1, now
    session.add(draft)
    session.flush()
    return True


def _differs(draft: Scenario, content: DraftContent) -> bool:
    written = [Wanted(row.text, row.must) for row in draft.requirements]
    same = all(getattr(draft, name) == value for name, value in content.values.items())
    return not same or written != list(content.requirements)


def _rewrite(draft: Scenario, requirements: Sequence[Wanted]) -> None:
    # Place by place: the database allows each position once, also while rows are being exchanged.
    rows = draft.requirements
    for row, wanted in zip(rows, requirements, strict=False):
        row.text, row.must = wanted.text, wanted.must
    for position, wanted in enumerate(requirements[len(rows) :], start=len(rows) + 1):
        rows.append(Requirement(scenario_id=0, position=position, text=wanted.text, must=wanted.must))
    del rows[len(requirements) :]


def publish_draft(draft: Scenario, *, now: datetime) -> None:
    """Through review to publication in one go, under a number of its own, as an import does.

    InvalidTransition where it is no draft. Whether it says enough to be published is for the form to check.
    """
    draft.submit(now)
    draft.approve(now)
    draft.publish(now, number=f"CJ-{now:%Y}-{draft.key:05d}")


def refuse_to_delete(draft: Scenario) -> None:
    """InvalidTransition for one that was handed in before: what a reviewer said stays on record."""
    if draft.status is not ScenarioStatus.DRAFT:
        raise InvalidTransition("送审过的场景不能删除。")


def delete_draft(session: Session, draft: Scenario) -> None:
    """Take a draft away with its requirements and criteria; nothing else can refer to it yet.

    InvalidTransition once handed in.
    """
    refuse_to_delete(draft)
    session.execute(delete(Rubric).where(col(Rubric.scenario_id) == draft.key))
    session.delete(draft)
    session.flush()
