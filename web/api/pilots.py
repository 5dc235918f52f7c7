"""Pilots: a party's own; every one for those who read the funding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from flask import Blueprint, g, url_for
from pydantic import Field
from sqlalchemy.orm import joinedload
from sqlmodel import col, select

from models.api_token import Scope
from models.i18n import N_
from models.pilot import Pilot
from models.scenario import Scenario
from web.api.declared import Endpoint, Given, Listing, Paged, declares, listing
from web.api.matches import CapabilityRef, ScenarioRef
from web.api.scenarios import OrganisationRead, organisation_read
from web.auth import requires
from web.pages.pilots import READERS, my_pilot, readable_ids

bp = Blueprint("api_pilots", __name__, url_prefix="/api/v1/pilots")

ID = N_("试点的编号，不变。")
StatusCode = Literal["planned", "agreed", "running", "in_use", "accepted", "stopped"]


class PilotRead(Given):
    """One pilot."""

    id: int = Field(description=ID)
    url: str = Field(description=N_("给人看的网页。"))
    title: str = Field(description=N_("名称。"))
    status: StatusCode = Field(description=N_("走到了哪一步。"))
    match_id: int = Field(description=N_("从哪条匹配来的。"))
    scenario: ScenarioRef = Field(description=N_("场景。"))
    agency: OrganisationRead = Field(description=N_("发布单位。"))
    firm: OrganisationRead = Field(description=N_("企业。"))
    capability: CapabilityRef = Field(description=N_("用哪项能力。"))
    is_demo: bool = Field(description=N_("是不是演示数据。"))
    scope: str = Field(description=N_("范围。"))
    success_metric: str = Field(description=N_("成效指标。"))
    baseline: str = Field(description=N_("现在是多少。"))
    target: str = Field(description=N_("想做到多少。"))
    decision_owner: str = Field(description=N_("谁来决定去留。"))
    decision_on: date | None = Field(description=N_("哪天决定。"))
    data_terms: str = Field(description=N_("数据约定。"))
    budget_fen: int | None = Field(description=N_("预算，分。"))
    starts_on: date | None = Field(description=N_("开始。"))
    ends_on: date | None = Field(description=N_("结束。"))
    go_live_on: date | None = Field(description=N_("上线日期。"))
    n_users: int | None = Field(description=N_("使用人数。"))
    agreed_at: datetime | None = Field(description=N_("什么时候签的。"))
    started_at: datetime | None = Field(description=N_("什么时候开始的。"))
    in_use_at: datetime | None = Field(description=N_("什么时候记为投入使用。"))
    accepted_at: datetime | None = Field(description=N_("什么时候验收的。"))
    stopped_at: datetime | None = Field(description=N_("什么时候终止的。"))
    stop_reason: str = Field(description=N_("为什么终止。"))


@bp.get("")
@requires(*READERS)
@declares(
    Endpoint(
        summary=N_("我的试点"),
        scope=Scope.READ,
        query=Paged,
        answer=Listing[PilotRead],
        problems=(422,),
    )
)
def list_mine(query: Paged) -> Listing[PilotRead]:
    """The pilots I may read, newest first."""
    return listing(PilotRead, readable_ids(), query, lambda ids: [pilot_read(row) for row in _loaded(ids)])


def _loaded(ids: Sequence[int]) -> Sequence[Pilot]:
    statement = (
        select(Pilot)
        .where(col(Pilot.id).in_(ids))
        .options(
            joinedload(Pilot.scenario).joinedload(Scenario.organisation),
            joinedload(Pilot.organisation),
            joinedload(Pilot.capability),
        )
    )
    return g.session.exec(statement.order_by(col(Pilot.id).desc())).all()  # type: ignore[no-any-return]


@bp.get("/<id:pilot_id>")
@requires(*READERS)
@declares(
    Endpoint(
        summary=N_("一个试点"),
        scope=Scope.READ,
        answer=PilotRead,
        problems=(404,),
        path={"pilot_id": ID},
    )
)
def show(pilot_id: int) -> PilotRead:
    """One pilot; 404 for one of others."""
    return pilot_read(my_pilot(pilot_id)[0])


def pilot_read(row: Pilot) -> PilotRead:
    """A pilot as programs read it."""
    made = {"id", "url", "status", "scenario", "agency", "firm", "capability"}
    return PilotRead.model_validate(
        {name: getattr(row, name) for name in PilotRead.model_fields if name not in made}
        | {
            "id": row.key,
            "url": url_for("pilots.show", pilot_id=row.key, _external=True),
            "status": row.status.value,
            "scenario": ScenarioRef(
                id=row.scenario.key, number=row.scenario.number, title=row.scenario.title
            ),
            "agency": organisation_read(row.scenario.organisation),
            "firm": organisation_read(row.organisation),
            "capability": CapabilityRef(id=row.capability.key, title=row.capability.title),
        }
    )
