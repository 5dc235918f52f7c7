"""A draft's form, filled in, and what tests of its pages ask again and again."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlmodel import Session

from models.audit import subject_events
from models.scenario import Scenario

FIELDS = {
    "title": "用巡查车视频发现井盖破损",
    "kind": "government",
    "domain": "city_governance",
    "text": "巡查车每天拍摄 300 段道路视频，人工回看太慢。希望自动发现井盖缺失与破损并派单。",
    "metric": "发现到派单的中位小时数",
    "baseline": "26 小时",
    "target": "4 小时",
    "acceptance": "用三个月的视频验，看召回率和派单时间。",
    "req_1": "召回率不低于90%",
    "must_1": "must",
    "req_2": "给出经纬度",
    "must_2": "should",
    "data_note": "两年的巡查视频，签协议后可用。",
    "deployment": ["gov_cloud", "edge"],
    "budget_min_fen": "30",
    "budget_max_fen": "60",
    "deadline_on": "2026-12-31",
    "contact_name": "李科长",
    "contact_email": "li@agency.example",
}


def send(client: FlaskClient, draft: Scenario, path: str = "", **changes: object):
    """POST the form of a draft with these changes; None leaves a field out."""
    fields = {**FIELDS, "revision": str(draft.revision), **changes}
    return client.post(f"/drafts/{draft.key}{path}", data={k: v for k, v in fields.items() if v is not None})


def actions(session: Session, draft_id: int) -> list[str]:
    return [event.action for event in subject_events(session, "scenario", draft_id)]


def revision_in(page: str) -> str:
    return re.search(r'name="revision" value="([^"]*)"', page).group(1)
