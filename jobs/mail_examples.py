"""An example of the values of each kind of mail, as jobs/mail_content.py reads them: for operators, and for tests."""

from datetime import date
from typing import Any

from models.outbox import MailKind

ON = date(2026, 11, 23)
"""The day on which the examples are written."""

ITEM: dict[str, Any] = {
    "match_id": 12,
    "scenario_id": 3,
    "scenario_number": "SZ-2026-003",
    "scenario_title": "用巡查车视频发现道路病害",
    "scenario_lang": "zh",
    "agency_name": "某区城市管理局",
    "deadline_on": date(2026, 12, 4),
    "firm_name": "甲视觉",
    "team_size": 1,
    "capability_title": "车载视频道路病害识别",
    "capability_lang": "zh",
    "band": "strong",
    "reasons": [{"code": "requirement_met", "values": {"position": 1, "quote": "井盖缺失，召回率91%"}}],
    "gaps": [{"code": "case_missing", "values": {}}],
    "is_demo": False,
}
OPEN_ENDED = {**ITEM, "match_id": 13, "deadline_on": None, "team_size": None, "band": "possible", "gaps": []}

SEARCH: dict[str, Any] = {
    "name": "南山的城市治理",
    "stop_token": "an-example",
    "scenarios": [
        {
            "number": "2027Q1-003",
            "title": "用热线录音自动生成工单",
            "lang": "zh",
            "agency_name": "某区政务服务中心",
            "deadline_on": date(2026, 12, 18),
        }
    ],
    "n_more": 2,
}

PAIR: dict[str, Any] = {
    "match_id": 12,
    "scenario_number": "SZ-2026-003",
    "scenario_title": "用巡查车视频发现道路病害",
    "scenario_lang": "zh",
    "agency_name": "某区城市管理局",
    "firm_name": "甲视觉",
    "deadline_on": date(2026, 12, 4),
    "is_demo": False,
}

PILOT: dict[str, Any] = {
    "pilot_id": 5,
    "pilot_title": "道路病害识别试点",
    "agency_name": "某区城市管理局",
    "firm_name": "甲视觉",
    "is_demo": False,
}

RECORD: dict[str, Any] = {
    "record_id": 8,
    "rule_title": {"zh": "开放场景应用资助", "en": "Open scenario support"},
    "verdict": "unknown",
    "n_met": 3,
    "n_unknown": 2,
    "missing": [{"code": "test_report", "where_to_get": "test_lab", "clause": "test_report"}],
    "amount_min_fen": 100_000_000,
    "amount_max_fen": 500_000_000,
    "rule_version": 1,
    "unverified": True,
}

SCENARIO: dict[str, Any] = {
    "scenario_id": 3,
    "scenario_number": "",
    "scenario_title": "用巡查车视频发现道路病害",
    "scenario_lang": "zh",
    "agency_name": "某区城市管理局",
    "deadline_on": date(2026, 12, 4),
    "is_demo": False,
}

JUDGED = {**SCENARIO, "scenario_number": "SZ-2026-003"}
ASKED = {**SCENARIO, "scenario_number": "SZ-2026-003", "question": "视频能否出域？"}
HOME: dict[str, Any] = {"organisation_id": 7, "organisation_name": "甲视觉", "is_demo": False}
LINK: dict[str, Any] = {"link_nonce": "a-nonce", "link_hours": 72}

EXAMPLES: dict[MailKind, dict[str, Any]] = {
    MailKind.DIGEST_STARTUP: {
        "organisation_name": "甲视觉",
        "items": [ITEM, OPEN_ENDED],
        "groups": [[ITEM, OPEN_ENDED]],
        "searches": [SEARCH],
    },
    MailKind.DIGEST_AGENCY: {
        "organisation_name": "某区城市管理局",
        "items": [ITEM, OPEN_ENDED],
        "groups": [[ITEM], [OPEN_ENDED]],
        "searches": [],
    },
    MailKind.INVITATION: {**PAIR, "scored": ITEM},
    MailKind.INTEREST: {
        **PAIR,
        "interest_note": "先接两路视频，\n四周出第一份报告。",
        "interest_start": "十二月初",
        "interest_question": "视频能否出域？",
    },
    MailKind.INTRODUCTION: {
        **PAIR,
        "other_name": "甲视觉",
        "contact_name": "李工",
        "contact_email": "li@example.org",
        "is_firm": False,
    },
    MailKind.PILOT_IN_USE: {**PILOT, "go_live_on": date(2026, 11, 16), "n_users": 12},
    MailKind.FUNDING_RECORDED: {
        **PILOT,
        "records": [RECORD],
        "n_unmet": 2,
        "assessed_on": date(2026, 11, 23),
        "is_correction": False,
    },
    MailKind.SCENARIO_SUBMITTED: {**SCENARIO, "is_again": True},
    MailKind.SCENARIO_RETURNED: {**SCENARIO, "note": "先把目标写成数。", "n_remarks": 2},
    MailKind.SCENARIO_APPROVED: {**SCENARIO, "note": "", "batch_number": "2027Q1"},
    MailKind.SCENARIO_PUBLISHED: {**SCENARIO, "scenario_number": "2027Q1-003"},
    MailKind.BATCH_REMINDER: {
        "unit_name": "某区城市管理局",
        "batch_number": "2027Q1",
        "batch_title": {"zh": "2027年第一季度清单", "en": "First quarter 2027"},
        "collects_until_on": date(2026, 12, 1),
        "is_demo": False,
    },
    MailKind.QUESTION_ASKED: {**ASKED, "due_on": date(2026, 11, 30)},
    MailKind.QUESTION_ANSWERED: {**ASKED, "answer": "可以，\n在政务云内使用。", "is_public": True},
    MailKind.QUESTION_REMINDER: {**ASKED, "due_on": date(2026, 11, 24)},
    MailKind.ADDENDUM: {
        **SCENARIO,
        "scenario_number": "SZ-2026-003",
        "what": "视频改为两路，\n其余不变。",
        "why": "第三路摄像头还没有装好。",
        "serial": 1,
    },
    MailKind.SIGN_UP_WAITING: {**HOME, "contact_name": "李工", "is_new": True},
    MailKind.SIGN_UP_APPROVED: {**HOME, **LINK},
    MailKind.SIGN_UP_REFUSED: {**HOME, "reason": "名称与代码不符，\n请核对。"},
    MailKind.SIGN_UP_KNOWN: {**HOME, "email": "li@example.org", "is_waiting": False},
    MailKind.COLLEAGUE_INVITED: {**HOME, **LINK, "inviter_name": "李工", "is_elsewhere": False},
    MailKind.PASSWORD_RESET: {**LINK, "email": "li@example.org"},
    MailKind.BID_SUBMITTED: {**JUDGED, "bid_id": 4, "firm_name": "甲视觉"},
    MailKind.BID_DECIDED: {
        **JUDGED,
        "bid_id": 4,
        "firm_name": "甲视觉",
        "selected": False,
        "reasons": ["evidence_missing", "price"],
        "text": "没有夜间的案例，\n补上以后欢迎再来。",
    },
    MailKind.JUROR_APPOINTED: {**JUDGED, "jury_id": 6, "answer_due_on": date(2026, 12, 31)},
    MailKind.MARKS_COMPLETE: {**JUDGED, "jury_id": 6, "answer_due_on": date(2026, 12, 31)},
    MailKind.PILOT_UNDECIDED: {
        "pilot_id": 5,
        "pilot_title": "道路病害识别试点",
        "firm_name": "甲视觉",
        "decision_owner": "李科长",
        "decision_on": date(2026, 11, 20),
        "is_demo": False,
    },
    MailKind.PROOF_EXPIRING: {
        "capability_id": 4,
        "capability_title": "车载视频道路病害识别",
        "proof_title": "算法备案",
        "valid_until_on": date(2026, 12, 20),
        "is_filing": True,
        "is_demo": False,
    },
    MailKind.PROOF_REFUSED: {
        "capability_id": 4,
        "capability_title": "车载视频道路病害识别",
        "proof_title": "算法备案",
        "reason": "备案号和公示的不一致，\n请核对后重传。",
        "is_demo": False,
    },
    MailKind.ACCOUNT_CHANGED: {"change": "removed", "email": "li@example.org"},
}
