"""What stands in the files of each list: columns beside the words of their headings. web/tables.py makes the files."""

from __future__ import annotations

from flask import g

from models.i18n import N_, name_of
from web.filters import titled
from web.labels import label
from web.tables import Columns


def _yuan(fen: int | None) -> int | float | None:
    return None if fen is None else fen / 100


SCENARIO_COLUMNS: Columns = (
    (N_("编号"), lambda row: row.number),
    (N_("标题"), lambda row: row.title),
    (N_("发布单位"), lambda row: name_of(row.organisation, g.locale)),
    (N_("领域"), lambda row: label("domain", row.domain, g.locale)),
    (N_("状态"), lambda row: label("scenario_status", row.status.value, g.locale)),
    (N_("截止日期"), lambda row: row.deadline_on),
    (N_("预算下限（元）"), lambda row: _yuan(row.budget_min_fen)),
    (N_("预算上限（元）"), lambda row: _yuan(row.budget_max_fen)),
    (N_("描述"), lambda row: row.text),
)

CANDIDATE_COLUMNS: Columns = (
    (N_("名次"), lambda view: view.rank),
    (N_("匹配"), lambda view: label("band", view.band, g.locale)),
    (N_("企业"), lambda view: name_of(view.firm, g.locale)),
    (N_("能力"), lambda view: view.capability.title),
    (N_("状态"), lambda view: view.chip.words),
    (N_("邀请"), lambda view: view.match.invited_at),
    (N_("意向"), lambda view: view.match.interested_at),
)

RECOMMENDED_COLUMNS: Columns = (
    (N_("编号"), lambda view: view.scenario.number),
    (N_("场景"), lambda view: view.scenario.title),
    (N_("发布单位"), lambda view: name_of(view.scenario.organisation, g.locale)),
    (N_("匹配"), lambda view: label("band", view.band, g.locale)),
    (N_("状态"), lambda view: view.chip.words),
    (N_("截止日期"), lambda view: view.scenario.deadline_on),
    (N_("邀请"), lambda view: view.match.invited_at),
    (N_("意向"), lambda view: view.match.interested_at),
)

PILOT_COLUMNS: Columns = (
    (N_("试点"), lambda row: row.title),
    (N_("编号"), lambda row: row.scenario.number),
    (N_("企业"), lambda row: name_of(row.organisation, g.locale)),
    (N_("状态"), lambda row: label("pilot_status", row.status.value, g.locale)),
    (N_("成效指标"), lambda row: row.success_metric),
    (N_("现状值"), lambda row: row.baseline),
    (N_("目标值"), lambda row: row.target),
    (N_("决定人"), lambda row: row.decision_owner),
    (N_("决定日期"), lambda row: row.decision_on),
    (N_("上线日期"), lambda row: row.go_live_on),
)

FUNDING_COLUMNS: Columns = (
    (N_("政策"), lambda line: line.title),
    (N_("试点"), lambda line: line.pilot_title),
    (N_("企业"), lambda line: line.firm),
    (N_("系统看法"), lambda line: label("verdict", line.verdict, g.locale)),
    (N_("金额区间"), lambda line: line.amount),
    (N_("截至"), lambda line: line.as_of),
)

BATCH_COLUMNS: Columns = (
    (N_("编号"), lambda batch: batch.number),
    (N_("批次"), titled),
    (N_("状态"), lambda batch: label("batch_status", batch.status_on(g.today).value, g.locale)),
    (N_("发布"), lambda batch: batch.released_at),
    (N_("截止"), lambda batch: batch.closes_on),
)

BID_COLUMNS: Columns = (
    (N_("企业"), lambda line: name_of(line.bid.organisation, g.locale)),
    (N_("状态"), lambda line: line.standing.chip.words),
    (N_("进展"), lambda line: line.standing.line),
    (N_("提交"), lambda line: line.bid.submitted_at),
    (N_("满足"), lambda line: dict(line.tally).get("met", 0)),
    (N_("部分"), lambda line: dict(line.tally).get("partly", 0)),
    (N_("未满足"), lambda line: dict(line.tally).get("unmet", 0)),
    (N_("不明"), lambda line: dict(line.tally).get("unknown", 0)),
    (N_("报价（元）"), lambda line: _yuan(line.content.get("price_fen"))),
    (N_("方案概述"), lambda line: line.content["summary"]),
)
