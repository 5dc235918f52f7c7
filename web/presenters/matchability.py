"""How matchable a draft is, as the panel beside its form shows it: counts, requirements, vague places, like needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.vagueness import Finding, Wording, find_vague
from models.i18n import N_, gettext
from models.scenario import Scenario
from web.live import Mode

if TYPE_CHECKING:
    from matcher.matchability import Matchability, Outlook

MAX_FINDINGS = 8
"""More at once is discouraging; the rest shows as these are mended."""

BANDS = ("strong", "possible")

MODE_WORDS = {
    Mode.NO_ENCODER: N_("按词模式：编码进程没有在运行，强和可能的企业数要等它。下面只按词判断。"),
    Mode.BUSY: N_("按词模式：编码进程正忙，强和可能的企业数要等它。下面只按词判断。"),
    Mode.NO_INDEX: N_("按词模式：匹配索引还没有建好，强和可能的企业数要等它。下面只按词判断。"),
}

# What to write instead. %(phrase)s is what was written.
FINDINGS = {
    "no_figure": N_("正文和现状里没有一个数。写现在每天、每月多少件，要多长时间。"),
    "no_metric": N_("没有成效指标。写一个能量出来的，例如“从发现到派单的中位小时数”。"),
    "no_baseline": N_("没有现在的数。写现在是多少，例如“26 小时”。"),
    "no_target": N_("没有目标。写想做到多少，例如“4 小时”。"),
    "baseline_without_figure": N_("“%(phrase)s”里没有数。写现在是多少，例如“26 小时”。"),
    "target_without_figure": N_("“%(phrase)s”里没有数。写想做到多少，例如“4 小时”。"),
    "no_requirements": N_("没有逐条要求。写几条能验的，每条一件事，分清必须和应当。"),
    "vague_speed": N_("“%(phrase)s”没有数。写最多几秒、几分钟或几小时，例如“上报后 10 分钟内派单”。"),
    "vague_quality": N_("“%(phrase)s”没法验。写指标和数，例如“召回率不低于 90%%”。"),
    "vague_ease": N_("“%(phrase)s”没法验。写谁来用、几步做完、多久学会，例如“窗口人员培训半天能用”。"),
    "vague_amount": N_("“%(phrase)s”是多少？写数量和单位，例如“每天 300 件”。"),
    "names_product": N_("“%(phrase)s”点了产品或厂家。写要做到什么；非写不可就加“或同等”。"),
}

# Where it stands; requirements are named by their number.
FIELD_WORDS = {
    "text": N_("要解决的问题"),
    "volume_note": N_("现在怎么做，多大量"),
    "metric": N_("成效指标"),
    "baseline": N_("现在是多少"),
    "target": N_("想做到多少"),
    "data_note": N_("有什么数据"),
    "acceptance": N_("怎么验收"),
    "requirement": N_("逐条要求"),
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """One vague place. where: the field in words; anchor: id of the field."""

    where: str
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class PanelView:
    """The panel. mode_words: the banner, empty in full mode. bands: (code, n), None where nothing can be counted."""

    mode: str
    mode_words: str
    enough: bool
    bands: Sequence[tuple[str, int]] | None
    n_compared: int
    outlooks: Sequence[Outlook]
    findings: Sequence[FindingView]
    n_more: int
    similar: Sequence[Scenario]


def present_panel(
    draft: Scenario,
    found: Matchability | None,
    mode: Mode,
    similar: Sequence[Scenario],
    *,
    locale: str,
) -> PanelView:
    """The panel for a draft as it is typed. found: None where only words could be asked."""
    findings = find_vague(wording_of(draft))
    counted = found is not None and found.enough
    return PanelView(
        mode=mode.value,
        mode_words=gettext(locale, MODE_WORDS[mode]) if mode in MODE_WORDS else "",
        enough=found is None or found.enough,
        bands=[(code, _n_firms(found, code)) for code in BANDS] if found is not None and counted else None,
        n_compared=0 if found is None else found.n_compared,
        outlooks=() if found is None else found.outlooks,
        findings=[_finding(item, locale) for item in findings[:MAX_FINDINGS]],
        n_more=max(0, len(findings) - MAX_FINDINGS),
        similar=similar,
    )


def _n_firms(found: Matchability, code: str) -> int:
    return next((n for band, n in found.n_firms.items() if band.value == code), 0)


def wording_of(draft: Scenario) -> Wording:
    """The words of a draft, as matcher/vagueness.py reads them."""
    return Wording(
        text=draft.text,
        volume_note=draft.volume_note,
        metric=draft.metric,
        baseline=draft.baseline,
        target=draft.target,
        data_note=draft.data_note,
        acceptance=draft.acceptance,
        requirements=tuple(row.text for row in draft.requirements),
    )


def _finding(item: Finding, locale: str) -> FindingView:
    where = gettext(locale, FIELD_WORDS[item.field])
    if item.position:
        where = gettext(locale, N_("第 %(n)s 条要求"), n=item.position)
    anchor = f"field-req_{item.position or 1}" if item.field == "requirement" else f"field-{item.field}"
    return FindingView(where, anchor, gettext(locale, FINDINGS[item.code], phrase=item.phrase))
