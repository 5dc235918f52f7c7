"""The gap map as its page and its files show it: the stored survey, with the names its ids stand for today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from models.i18n import N_, gettext, name_of
from models.organisation import Organisation
from models.place import District, list_districts
from models.scenario import Scenario, published
from web.labels import DOMAINS, label

UNSAID = "-"
"""Stands in addresses for a domain or district that nobody stated."""


@dataclass(frozen=True, slots=True)
class ScenarioName:
    """A scenario behind a figure. number: None once it is withdrawn, so that no link leads nowhere."""

    title: str
    lang: str
    number: str | None


@dataclass(frozen=True, slots=True)
class FirmName:
    """A firm behind a figure."""

    name: str
    team_size: int | None


@dataclass(frozen=True)
class Names:
    """What ids are called, in the reader's language."""

    locale: str
    districts: Mapping[int, District]
    scenarios: Mapping[int, ScenarioName] = field(default_factory=dict)
    firms: Mapping[int, FirmName] = field(default_factory=dict)

    def district(self, district_id: int | None) -> str:
        """The district's name; a word for none."""
        row = self.districts.get(district_id or 0)
        if row is None:
            return gettext(self.locale, N_("没写区"))
        return name_of(row, self.locale)

    def domain(self, code: str) -> str:
        """The domain's name; a word for none."""
        return label("domain", code, self.locale) if code else gettext(self.locale, N_("没写领域"))


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """A requirement nobody can meet, and its scenario."""

    scenario: ScenarioName
    position: int
    text: str
    lang: str
    must: bool
    domain: str
    district: str
    has_candidate: bool


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """A capability nobody asks for. best: its best band, None where it was never a candidate."""

    title: str
    lang: str
    firm: FirmName
    domains: str
    district: str
    best: str | None
    nearest: ScenarioName | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its rows and what to do next. where: districts; what: domains, both most frequent first."""

    name: str
    lang: str
    words: Sequence[str]
    what: Sequence[str]
    where: Sequence[str]
    rows: Sequence[Any]
    step: str

    @property
    def short_name(self) -> str:
        """Its telling words, or its name where it has none."""
        return "·".join(self.words) or self.name


@dataclass(frozen=True, slots=True)
class CellView:
    """A field of the grid. domain, district: as in the address of its rows."""

    domain: str
    district: str
    n_scenarios: int
    n_firms: int
    n_unsupplied: int
    supply: str


@dataclass(frozen=True, slots=True)
class GridView:
    """The grid: names of the districts across, and for each domain its name and one cell or None a district."""

    districts: Sequence[str]
    rows: Sequence[tuple[str, Sequence[CellView | None]]]


@dataclass(frozen=True, slots=True)
class Opened:
    """The rows behind one field of the grid."""

    domain: str
    district: str
    scenarios: Sequence[ScenarioName]
    firms: Sequence[FirmName]
    requirements: Sequence[RequirementRow]


def load_names(session: Session, gaps: Mapping[str, Any], locale: str) -> Names:
    """The names of everything in a stored gap map; two questions and the districts, whatever its size."""
    cells = gaps["cells"]
    scenario_ids = {id_ for cell in cells for id_ in cell["scenario_ids"]}
    scenario_ids |= {row["nearest_id"] for row in _rows(gaps["undemanded"]) if row["nearest_id"]}
    firm_ids = {id_ for cell in cells for id_ in cell["firm_ids"]}
    return Names(
        locale=locale,
        districts={row.key: row for row in list_districts(session)},
        scenarios=_scenarios(session, scenario_ids),
        firms=firm_names(session, firm_ids, locale),
    )


def _scenarios(session: Session, ids: Collection[int]) -> dict[int, ScenarioName]:
    statement = select(Scenario.id, Scenario.title, Scenario.lang, Scenario.number, published()).where(
        col(Scenario.id).in_(ids)
    )
    return {
        id_: ScenarioName(title, lang, number if is_shown else None)
        for id_, title, lang, number, is_shown in session.execute(statement)
    }


def firm_names(session: Session, ids: Collection[int], locale: str) -> dict[int, FirmName]:
    """Names of these firms, by id."""
    statement = select(
        Organisation.id, Organisation.name, Organisation.name_en, Organisation.team_size
    ).where(col(Organisation.id).in_(ids))
    return {
        id_: FirmName(name if locale == "zh" else name_en or name, team_size)
        for id_, name, name_en, team_size in session.execute(statement)
    }


def _rows(groups: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return (row for group in groups for row in group["rows"])


def unsupplied_groups(gaps: Mapping[str, Any], names: Names) -> list[GroupView]:
    """Requirements without supply, by group."""
    return [
        _view(group, [_requirement(row, names) for row in group["rows"]], _recruit(group, names), names)
        for group in gaps["unsupplied"]
    ]


def undemanded_groups(gaps: Mapping[str, Any], names: Names) -> list[GroupView]:
    """Capabilities without demand, by group."""
    return [
        _view(group, [_capability(row, names) for row in group["rows"]], _open_scenario(group, names), names)
        for group in gaps["undemanded"]
    ]


def _view(group: Mapping[str, Any], rows: Sequence[Any], step: str, names: Names) -> GroupView:
    return GroupView(
        name=group["name"],
        lang=group["lang"],
        words=group["words"],
        what=[names.domain(code) for code in group["domains"]],
        where=[names.district(id_) for id_ in group["district_ids"]],
        rows=rows,
        step=step,
    )


def _requirement(row: Mapping[str, Any], names: Names) -> RequirementRow:
    return RequirementRow(
        scenario=names.scenarios[row["scenario_id"]],
        position=row["position"],
        text=row["text"],
        lang=row["lang"],
        must=row["must"],
        domain=names.domain(row["domain"]),
        district=names.district(row["district_id"]),
        has_candidate=row["has_candidate"],
    )


def _capability(row: Mapping[str, Any], names: Names) -> CapabilityRow:
    return CapabilityRow(
        title=row["title"],
        lang=row["lang"],
        firm=names.firms[row["organisation_id"]],
        domains=listed([names.domain(code) for code in row["domains"]], names.locale),
        district=names.district(row["district_id"]),
        best=row["best"],
        nearest=names.scenarios.get(row["nearest_id"] or 0),
    )


def listed(words: Sequence[str], locale: str) -> str:
    """Words in a row, with the mark of the language between them."""
    return ("、" if locale == "zh" else ", ").join(words)


def _recruit(group: Mapping[str, Any], names: Names) -> str:
    what = listed(group["words"], names.locale) or group["name"]
    if any(row["has_candidate"] for row in group["rows"]):
        return gettext(
            names.locale,
            N_("所在场景有候选企业，只缺这一项：先请他们补证据或找搭档，不成再招能做“%(what)s”的企业。"),
            what=what,
        )
    return gettext(names.locale, N_("招一家能做“%(what)s”的企业：所在场景还没有强或可能的候选。"), what=what)


def _open_scenario(group: Mapping[str, Any], names: Names) -> str:
    if all(row["best"] in (None, "not_enough_information") for row in group["rows"]):
        return gettext(names.locale, N_("先请企业补全资料：信息不足，看不出有没有场景用得上。"))
    return gettext(
        names.locale,
        N_("开一个用得上“%(what)s”的场景：先问%(where)s的单位有没有这件事。"),
        what=group["name"],
        where=listed([names.district(id_) for id_ in group["district_ids"][:2]], names.locale),
    )


def grid_view(gaps: Mapping[str, Any], names: Names) -> GridView:
    """The stored cells as a table: domains down, districts across, only those that occur."""
    cells = {(cell["domain"], cell["district_id"]): cell for cell in gaps["cells"]}
    across = [id_ for id_ in (*names.districts, None) if any(place[1] == id_ for place in cells)]
    return GridView(
        districts=[names.district(id_) for id_ in across],
        rows=[
            (names.domain(code), [_cell(cells.get((code, id_)), names) for id_ in across])
            for code in sorted_domains({place[0] for place in cells})
        ],
    )


def sorted_domains(codes: Iterable[str]) -> list[str]:
    """Domains in the order of their table, then those an import brought, then the one nobody stated."""
    known = list(DOMAINS)
    return sorted(
        codes, key=lambda code: (not code, known.index(code) if code in known else len(known), code)
    )


def _cell(cell: Mapping[str, Any] | None, names: Names) -> CellView | None:
    if cell is None:
        return None
    district = names.districts.get(cell["district_id"] or 0)
    return CellView(
        domain=cell["domain"] or UNSAID,
        district=UNSAID if district is None else district.code,
        n_scenarios=len(cell["scenario_ids"]),
        n_firms=len(cell["firm_ids"]),
        n_unsupplied=cell["n_unsupplied"],
        supply=cell["supply"],
    )


def opened(gaps: Mapping[str, Any], names: Names, domain: str, district: str) -> Opened | None:
    """The rows behind the field that an address names, or None where there is no such field."""
    for cell in gaps["cells"]:
        view = _cell(cell, names)
        if view is not None and (view.domain, view.district) == (domain, district):
            place = (cell["domain"], cell["district_id"])
            return Opened(
                domain=names.domain(cell["domain"]),
                district=names.district(cell["district_id"]),
                scenarios=[names.scenarios[id_] for id_ in cell["scenario_ids"]],
                firms=[names.firms[id_] for id_ in cell["firm_ids"]],
                requirements=[
                    _requirement(row, names)
                    for row in _rows(gaps["unsupplied"])
                    if (row["domain"], row["district_id"]) == place
                ],
            )
    return None
