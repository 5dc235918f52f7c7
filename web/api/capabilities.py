"""My firm's capabilities. Others' are seen where they match: in candidates, with reasons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from flask import Blueprint, g
from pydantic import Field

from models.api_token import Scope
from models.capability import Capability, get_capability, organisation_capabilities
from models.i18n import N_
from models.user import Role
from web.api.declared import Endpoint, Given, Listing, Paged, declares, listing
from web.auth import my_organisation_id, requires

bp = Blueprint("api_capabilities", __name__, url_prefix="/api/v1/capabilities")

ID = N_("能力的编号，不变。")


class CapabilityQuery(Paged):
    """Which of my capabilities."""

    status: Literal["draft", "listed", "unlisted"] | None = Field(
        default=None, description=N_("草稿、已入库还是已下架；不写就是全部。")
    )


class CaseRead(Given):
    """Where a capability has been used."""

    position: int = Field(description=N_("第几个，从 1 开始。"))
    customer: str = Field(description=N_("给谁做的。"))
    text: str = Field(description=N_("做了什么。"))
    metric: str = Field(description=N_("效果。"))
    on: date | None = Field(description=N_("哪天。"))
    is_confirmed: bool = Field(description=N_("客户有没有确认。"))


class CapabilityRead(Given):
    """One capability of my firm."""

    id: int = Field(description=ID)
    external_id: str | None = Field(description=N_("导入时的编号。"))
    title: str = Field(description=N_("名称。"))
    text: str = Field(description=N_("能做什么，原话。"))
    lang: Literal["zh", "en"] = Field(description=N_("正文的语言。"))
    status: Literal["draft", "listed", "unlisted"] = Field(description=N_("草稿、已入库还是已下架。"))
    industries: list[str] = Field(description=N_("行业。"))
    technologies: list[str] = Field(description=N_("技术。"))
    deployment: list[str] = Field(description=N_("可以部署在哪里；空着是没写。"))
    data_needed: str = Field(description=N_("要用什么数据。"))
    filings: list[str] = Field(description=N_("备案和测评的代码。"))
    maturity: Literal["idea", "prototype", "pilot", "commercial"] | None = Field(description=N_("成熟度。"))
    capacity: int | None = Field(description=N_("还能接几个试点；没写就是空的。"))
    weeks: int | None = Field(description=N_("几周交付。"))
    price_note: str = Field(description=N_("价格怎么算。"))
    url: str | None = Field(description=N_("产品的网页。"))
    cases: list[CaseRead] = Field(description=N_("案例。"))
    updated_at: datetime = Field(description=N_("最近一次改动。"))


@bp.get("")
@requires(Role.STARTUP)
@declares(
    Endpoint(
        summary=N_("本企业的能力清单"),
        scope=Scope.READ,
        query=CapabilityQuery,
        answer=Listing[CapabilityRead],
        problems=(422,),
    )
)
def list_mine(query: CapabilityQuery) -> Listing[CapabilityRead]:
    """All capabilities of my firm, by id."""
    rows = organisation_capabilities(g.session, my_organisation_id())
    wanted = [row for row in rows if query.status in (None, row.status.value)]
    return listing(CapabilityRead, wanted, query, lambda page: [_read(row) for row in page])


@bp.get("/<id:capability_id>")
@requires(Role.STARTUP)
@declares(
    Endpoint(
        summary=N_("本企业的一项能力"),
        scope=Scope.READ,
        answer=CapabilityRead,
        problems=(404,),
        path={"capability_id": ID},
    )
)
def show(capability_id: int) -> CapabilityRead:
    """One capability of my firm; 404 for another's."""
    return _read(get_capability(g.session, capability_id, organisation_id=my_organisation_id()))


def _read(row: Capability) -> CapabilityRead:
    names = set(CapabilityRead.model_fields) - {"id", "status", "maturity", "cases"}
    return CapabilityRead.model_validate(
        {name: getattr(row, name) for name in names}
        | {
            "id": row.key,
            "status": row.status.value,
            "maturity": None if row.maturity is None else row.maturity.value,
            "cases": [
                CaseRead(
                    position=case.position,
                    customer=case.customer,
                    text=case.text,
                    metric=case.metric,
                    on=case.on,
                    is_confirmed=case.confirmed_at is not None,
                )
                for case in row.cases
            ],
        }
    )
