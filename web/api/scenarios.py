"""Published scenarios, open to every program: the list with the filters of the page, and each scenario whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from flask import Blueprint, g, url_for
from pydantic import Field, StringConstraints
from sqlalchemy.orm import joinedload, selectinload
from sqlmodel import col, select

from matcher import facets
from matcher.directory import Entry
from models.addendum import list_addenda
from models.i18n import N_
from models.question import public_answers
from models.review import content_of
from models.scenario import Scenario, get_published_scenario
from models.texts import storable
from web.api.declared import Clean, Endpoint, Given, Listing, Paged, declares, listing
from web.auth import public
from web.directory import directory

bp = Blueprint("api_scenarios", __name__, url_prefix="/api/v1/scenarios")

Code = Annotated[str, StringConstraints(max_length=60), Clean]
ScenarioKindCode = Literal["government", "industry", "challenge"]
Deployment = Literal["gov_cloud", "on_premise", "edge", "saas", "any", "unsaid"]

NUMBER = N_("场景编号，例如 NS-2026Q4-017；发布之后不变。")


class ScenarioQuery(Paged):
    """Search and filters of the list: within one name choices widen it, names narrow it."""

    q: Annotated[str, StringConstraints(max_length=200), Clean] = Field(
        default="", description=N_("找什么：编号、标题、需求、单位里的字词。")
    )
    domain: list[Code] = Field(default=[], max_length=20, description=N_("领域的代码。"))
    district: list[Code] = Field(default=[], max_length=40, description=N_("区的代码；空着是全市。"))
    kind: list[ScenarioKindCode] = Field(default=[], max_length=3, description=N_("政务、产业还是揭榜。"))
    deployment: list[Deployment] = Field(
        default=[], max_length=6, description=N_("部署在哪里；unsaid 是没写。")
    )
    budget: list[Literal["known", "none"]] = Field(default=[], max_length=2, description=N_("写没写预算。"))
    deadline: list[Literal["week", "month", "none"]] = Field(
        default=[], max_length=3, description=N_("7 天内、30 天内截止，或没写截止。")
    )
    state: list[Literal["open", "ended"]] = Field(
        default=["open"], max_length=2, description=N_("征集中还是已截止；不写就是征集中。")
    )
    sort: Literal["deadline", "newest", "budget"] | None = Field(
        default=None, description=N_("次序；不写时，找字词按相关，否则按截止。")
    )

    def chosen(self) -> dict[str, frozenset[str]]:
        """What was chosen, by group, as the filters take it."""
        return {group: frozenset(getattr(self, group)) for group in facets.GROUPS}


class OrganisationRead(Given):
    """An organisation as everybody sees it."""

    id: int = Field(description=N_("机构的编号，不变。"))
    name: str = Field(description=N_("名称。"))
    name_en: str = Field(description=N_("英文名称，可能是空的。"))


class RequirementRead(Given):
    """One requirement."""

    position: int = Field(description=N_("第几条，从 1 开始。"))
    text: str = Field(description=N_("原话。"))
    must: bool = Field(description=N_("必须还是应当。"))


class ScenarioRead(Given):
    """A published scenario. Contacts are seen on the pages, once both sides said yes."""

    id: int = Field(description=N_("我们的编号，不变。"))
    number: str = Field(description=NUMBER)
    url: str = Field(description=N_("给人看的网页。"))
    title: str = Field(description=N_("标题。"))
    lang: Literal["zh", "en"] = Field(description=N_("正文的语言。"))
    kind: ScenarioKindCode = Field(description=N_("政务、产业还是揭榜。"))
    domain: str = Field(description=N_("领域的代码。"))
    organisation: OrganisationRead = Field(description=N_("发布单位。"))
    district: str = Field(description=N_("区的代码；空着是全市。"))
    batch: str | None = Field(description=N_("在哪一批发布的；单独发布的没有。"))
    is_open: bool = Field(description=N_("今天还收不收意向。"))
    is_demo: bool = Field(description=N_("是不是演示数据。"))
    text: str = Field(description=N_("要解决什么问题。"))
    volume_note: str = Field(description=N_("现在怎么做、多大量。"))
    metric: str = Field(description=N_("成效指标。"))
    baseline: str = Field(description=N_("现在是多少。"))
    target: str = Field(description=N_("想做到多少。"))
    requirements: list[RequirementRead] = Field(description=N_("逐条要求。"))
    data_note: str = Field(description=N_("有什么数据。"))
    data_access: str = Field(description=N_("数据怎么用得到。"))
    deployment: list[str] = Field(description=N_("可以部署在哪里；空着是没写。"))
    security_note: str = Field(description=N_("安全要求。"))
    site: str = Field(description=N_("在哪里试点。"))
    budget_min_fen: int | None = Field(description=N_("预算下限，分。"))
    budget_max_fen: int | None = Field(description=N_("预算上限，分。"))
    opens_on: date | None = Field(description=N_("哪天开始征集。"))
    deadline_on: date | None = Field(description=N_("收意向的最后一天。"))
    pilot_from_on: date | None = Field(description=N_("试点从哪天。"))
    pilot_to_on: date | None = Field(description=N_("试点到哪天。"))
    acceptance: str = Field(description=N_("怎么验收。"))
    procurement_note: str = Field(description=N_("以后怎么采购。"))
    published_at: datetime = Field(description=N_("什么时候发布的。"))
    updated_at: datetime = Field(description=N_("正文最近一次改动。"))


class AddendumRead(Given):
    """What changed after publication."""

    at: datetime = Field(description=N_("什么时候。"))
    what: str = Field(description=N_("改了什么，以它为准。"))
    why: str = Field(description=N_("为什么改。"))


class AnswerRead(Given):
    """A question that was answered for everybody."""

    question: str = Field(description=N_("问。"))
    answer: str = Field(description=N_("答。"))


class ScenarioDetail(ScenarioRead):
    """A scenario whole, with what was said after it was published."""

    addenda: list[AddendumRead] = Field(description=N_("变更说明，正文以它为准。"))
    answers: list[AnswerRead] = Field(description=N_("公开的问答。"))


@bp.get("")
@public
@declares(
    Endpoint(
        summary=N_("公开场景的清单"),
        query=ScenarioQuery,
        answer=Listing[ScenarioRead],
        problems=(422,),
    )
)
def list_published(query: ScenarioQuery) -> Listing[ScenarioRead]:
    """Published scenarios, filtered and in order; the same as on the page."""
    entries = directory().entries(g.session)
    found = directory().find(g.session, query.q) if query.q else None
    asked_for = [entry for entry in entries if found is None or entry.id in found]
    shown = facets.narrowed(asked_for, query.chosen(), g.today)
    sort = query.sort or ("deadline" if found is None else "relevance")
    return listing(ScenarioRead, facets.in_order(shown, sort, found or {}), query, _items)


def _items(entries: Sequence[Entry]) -> list[ScenarioRead]:
    rows = {row.key: row for row in _loaded([entry.id for entry in entries])}
    return [scenario_read(rows[entry.id]) for entry in entries if entry.id in rows]


def _loaded(ids: Sequence[int]) -> Sequence[Scenario]:
    statement = (
        select(Scenario)
        .where(col(Scenario.id).in_(ids))
        .options(
            joinedload(Scenario.organisation),
            joinedload(Scenario.district),
            joinedload(Scenario.batch),
            selectinload(Scenario.requirements),
        )
    )
    return g.session.exec(statement).all()  # type: ignore[no-any-return]


@bp.get("/<number>")
@public
@declares(
    Endpoint(
        summary=N_("一个公开场景"),
        answer=ScenarioDetail,
        problems=(404,),
        path={"number": NUMBER},
    )
)
def show(number: str) -> ScenarioDetail:
    """One published scenario by its public number."""
    row = _loaded([get_published_scenario(g.session, storable(number)).key])[0]
    return ScenarioDetail(
        **scenario_read(row).model_dump(),
        addenda=[
            AddendumRead(at=addendum.created_at, what=addendum.what, why=addendum.why)
            for addendum in list_addenda(g.session, row.key)
        ],
        answers=[
            AnswerRead(question=question.text, answer=question.answer)
            for question in public_answers(g.session, row.key)
        ],
    )


def scenario_read(row: Scenario) -> ScenarioRead:
    """A published scenario as programs read it."""
    assert row.published_at is not None and row.number is not None, "only published scenarios are read"
    content = content_of(row)
    shared = {name: content[name] for name in ScenarioRead.model_fields if name in content}
    return ScenarioRead.model_validate(
        shared
        | {
            "id": row.key,
            "number": row.number,
            "url": url_for("scenarios.show", number=row.number, _external=True),
            "lang": row.lang,
            "kind": row.kind.value,
            "organisation": organisation_read(row.organisation),
            "district": "" if row.district is None else row.district.code,
            "batch": None if row.batch is None else row.batch.number,
            "is_open": row.is_open(g.today),
            "is_demo": row.is_demo,
            "requirements": [
                RequirementRead(position=line.position, text=line.text, must=line.must)
                for line in row.requirements
            ],
            "published_at": row.published_at,
            "updated_at": row.updated_at,
        }
    )


def organisation_read(row: object) -> OrganisationRead:
    """An organisation as programs read it."""
    return OrganisationRead(id=row.key, name=row.name, name_en=row.name_en)  # type: ignore[attr-defined]
