"""A firm's own capabilities: labels of their form, what is missing and what it would unlock, what would be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g

from matcher.explanation import Voice, word
from models.capability import Capability, CapabilityStatus
from models.i18n import N_, gettext
from models.scenario import Scenario
from web.chips import Chip
from web.live import Mode

if TYPE_CHECKING:
    from matcher.findability import Findability

LABELS = {
    "title": N_("一句话：做什么"),
    "text": N_("能力说明"),
    "industries": N_("用在哪些行业"),
    "technologies": N_("用什么技术"),
    "deployment": N_("能部署在哪里"),
    "filings": N_("备案和测评"),
    "data_needed": N_("要对方给什么数据"),
    "maturity": N_("做到哪一步"),
    "capacity": N_("还能接几个试点"),
    "weeks": N_("几周交付"),
    "price_note": N_("怎么收费"),
    "url": N_("网址"),
}

CASE_LABELS = {
    "case_text": N_("做了什么"),
    "case_customer": N_("给谁用"),
    "case_metric": N_("效果"),
    "case_on": N_("什么时候"),
}

MODE_WORDS = {
    Mode.NO_ENCODER: N_("按词模式：编码进程没有在运行，强和可能的场景数要等它。"),
    Mode.BUSY: N_("按词模式：编码进程正忙，强和可能的场景数要等它。"),
    Mode.NO_INDEX: N_("按词模式：匹配索引还没有建好，强和可能的场景数要等它。"),
}

UNLOCKS = {
    "text_too_short": N_("写到看得出做什么、用什么数据、测到多少，才会和场景比对。"),
    "other_language": N_("用中文或英文写，才会和场景比对。"),
    "deployment_unknown": N_("写了，场景里“部署在哪里”的要求才有依据。"),
    "case_missing": N_("写一个用过的地方，“哪里用过”的要求才有依据，同样合适时排得更前。"),
    "maturity_unknown": N_("写了，同样合适时做得更成熟的排得更前。"),
    "capacity_unknown": N_("写了，需求方看得到你还接得下。"),
    "filing_missing": N_("有就勾上；没有，去办的地方写在每个场景里。"),
    "figure_missing": N_("写测到的数，例如“召回率 91%”。"),
}
"""What each gap would unlock. The first six are of the profile, the others of requirements that were met before."""

ANCHORS = {
    "text_too_short": "text",
    "other_language": "text",
    "deployment_unknown": "deployment",
    "case_missing": "case_text_1",
    "maturity_unknown": "maturity",
    "capacity_unknown": "capacity",
    "filing_missing": "filings",
    "figure_missing": "text",
}

OF_REQUIREMENTS = {
    "filing_missing": N_("要的备案你没有登记"),
    "figure_missing": N_("要看数，你没有写对得上的数"),
}

MAX_FOUND = 5

_CHIPS = {
    CapabilityStatus.DRAFT: ("idle", N_("草稿，没有入库")),
    CapabilityStatus.LISTED: ("live", N_("已入库，参加匹配")),
    CapabilityStatus.UNLISTED: ("soon", N_("已暂停，不参加匹配")),
    CapabilityStatus.WITHDRAWN: ("end", N_("已撤下")),
}


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is not said. unlocks: what saying it would change; n: in how many of the scenarios compared."""

    words: str
    unlocks: str
    anchor: str
    n: int


@dataclass(frozen=True, slots=True)
class FindPanel:
    """The panel beside the form. bands: (code, n), None where nothing can be counted. rows: (band, scenario)."""

    mode: str
    mode_words: str
    enough: bool
    bands: Sequence[tuple[str, int]] | None
    n_compared: int
    lacks: Sequence[Lack]
    rows: Sequence[tuple[str, Scenario]]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of the form. number: that of its fields, from 1."""

    number: int
    is_confirmed: bool = False


def capability_labels() -> dict[str, str]:
    """The labels of the form in the reader's language; those of a case name their number."""
    labels = {name: gettext(g.locale, words) for name, words in LABELS.items()}
    for n in range(1, 100):
        for name, words in CASE_LABELS.items():
            labels[f"{name}_{n}"] = gettext(
                g.locale, N_("案例 %(n)s：%(field)s"), n=n, field=gettext(g.locale, words)
            )
    return labels


def capability_chip(capability: Capability) -> Chip:
    """Whether a capability takes part in matching."""
    turn, words = _CHIPS[capability.status]
    return Chip(turn, gettext(g.locale, words))


def case_lines(typed: Mapping[str, str], numbers: Sequence[int], confirmed: Sequence[bool]) -> list[CaseLine]:
    """The cases as typed, and one empty one after them to go on with. confirmed: of the stored ones, in order."""
    lines = [CaseLine(n, is_confirmed=at < len(confirmed) and confirmed[at]) for at, n in enumerate(numbers)]
    if not lines or typed.get(f"case_text_{numbers[-1]}", "").strip():
        lines.append(CaseLine(numbers[-1] + 1 if numbers else 1))
    return lines


def present_lacks(missing: Sequence[str], asked: Mapping[str, int]) -> list[Lack]:
    """What is not said, most helpful first; then what the scenarios compared ask for beyond it. asked: by gap code."""
    lacks = [
        Lack(
            word(code, {}, g.locale, Voice.FIRM),
            gettext(g.locale, UNLOCKS[code]),
            f"field-{ANCHORS[code]}",
            asked.get(code, 0),
        )
        for code in missing
    ]
    return lacks + [
        Lack(
            gettext(g.locale, words), gettext(g.locale, UNLOCKS[code]), f"field-{ANCHORS[code]}", asked[code]
        )
        for code, words in OF_REQUIREMENTS.items()
        if asked.get(code)
    ]


def present_found(found: Findability, rows: Mapping[int, Scenario]) -> FindPanel:
    """The panel in full mode. rows: the open scenarios among those found, by id."""
    promising = [
        (each.band.value, rows[each.scenario_id]) for each in found.found if each.scenario_id in rows
    ]
    bands = [(band.value, n) for band, n in found.n_bands.items() if band.value in ("strong", "possible")]
    return FindPanel(
        mode=Mode.FULL.value,
        mode_words="",
        enough=found.enough,
        bands=bands if found.enough else None,
        n_compared=found.n_compared,
        lacks=present_lacks(found.missing, found.asked),
        rows=promising[:MAX_FOUND],
    )


def present_by_words(missing: Sequence[str], mode: Mode, rows: Sequence[Scenario]) -> FindPanel:
    """The panel where only words can be asked: nothing is called strong or possible."""
    return FindPanel(
        mode=mode.value,
        mode_words=gettext(g.locale, MODE_WORDS[mode]),
        enough="text_too_short" not in missing,
        bands=None,
        n_compared=0,
        lacks=present_lacks(missing, {}),
        rows=[("", row) for row in rows],
    )
