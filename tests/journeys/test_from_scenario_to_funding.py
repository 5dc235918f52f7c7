"""The main story, through HTTP and jobs: a published scenario becomes a match, a mail, a pilot and a funding record."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from jobs.queue_digests import queue_digests
from jobs.record_funding import record_funding
from jobs.reindex import reindex
from jobs.runner import Run
from jobs.send_outbox import send_outbox
from matcher.workshop import Workshop
from models.db import transaction
from models.funding_record import FundingRecord
from models.funding_rule_file import load_rules
from models.invitation import invite_user
from models.match import Match, MatchScore
from models.organisation import Organisation
from models.outbox import MailKind
from models.place import District
from models.subscription import Subscription, add_subscription
from models.transfer import ImportOptions, import_file
from tests.jobs.conftest import FixedClock
from tests.jobs.relay import Relay
from tests.jobs.sending import make_post, make_run
from tests.journeys.conftest import Browser

SHENZHEN = ZoneInfo("Asia/Shanghai")
PASSWORD = "a long enough password"
AGENCY, FIRM = "officer@agency.example", "founder@firm.example"

SCENARIO = {
    "id": "W-1",
    "title": "巡查车视频识别井盖破损并派单",
    "text": "巡查员骑车看井盖，夜里看不到。希望用巡查车视频识别井盖缺失和破损，并推送到工单系统派单。",
    "publisher": "南山区城管部门",
    "district": "NS",
    "kind": "政务",
    "domain": "city_governance",
    "deployment": ["政务云"],
    "deadline_on": "2026-12-31",
    "metric": "发现到派单的中位小时数",
    "baseline": "26",
    "target": "4",
    "requirements": ["用巡查车视频识别井盖缺失和破损", "误报率不高于5%", "整套部署在政务云"],
}
CAPABILITY = {
    "id": "K-1",
    "firm": "井然巡检工作室",
    "title": "巡查车视频识别井盖缺失和破损",
    "text": "用巡查车视频识别井盖缺失和破损，误报率3.1%。识别结果推送到工单系统派单。"
    "可整套部署在政务云，夜里也能看到井盖。已在两个街道的巡查车上连续运行三个月。",
    "team_size": 1,
    "district": "NS",
    "deployment": ["政务云"],
    "maturity": "试用",
    "capacity": 2,
    "cases": [{"customer": "某街道办", "text": "十二辆巡查车使用三个月", "metric": "派单准确率92%"}],
}
# Enough other firms for a background to measure against (matcher/relevance.py: MIN_BACKGROUND).
TRADES = (
    "绘本配音", "民宿订房", "菜价播报", "婚礼摄影", "茶叶电商", "健身课表", "宠物问诊", "花艺设计",
    "旧书估价", "戏曲字幕",
    "钓点天气", "棋谱讲解", "布料选样", "咖啡拼配", "口琴陪练", "手账排版",
)  # fmt: skip
OTHERS = [
    {
        "id": f"O-{n}",
        "firm": f"{trade}工作室",
        "title": trade,
        "text": f"做{trade}的小程序，帮爱好者省下选择的时间。每周更新三次内容，已有八百位老顾客，月费二十元，"
        f"可以按自己的习惯调整{trade}的风格，也能导出记录和朋友分享。",
        "deployment": ["saas"],
    }
    for n, trade in enumerate(TRADES)
]


@dataclass
class City:
    """The parts of the story."""

    database: Engine
    clock: FixedClock
    relay: Relay
    workshop: Workshop
    open_browser: Callable[[], Browser]

    def run(self) -> Run:
        """A run of a job, now."""
        return make_run(self.database, self.clock)

    def tick(self) -> dict[str, dict[str, int]]:
        """What the scheduler does in a morning; returns what each job did."""
        runs = {name: self.run() for name in ("reindex", "queue_digests", "record_funding", "send_outbox")}
        reindex(runs["reindex"], workshop=self.workshop)
        queue_digests(runs["queue_digests"], zone=SHENZHEN)
        record_funding(runs["record_funding"], zone=SHENZHEN)
        send_outbox(runs["send_outbox"], post=make_post(self.relay))
        return {name: dict(run.counts.done) for name, run in runs.items()}

    def mails_to(self, address: str) -> list[str]:
        """The bodies of the mails the relay took for an address."""
        return [
            message_from_bytes(mail.data, policy=policy.default).get_body(("plain",)).get_content()
            for mail in self.relay.taken
            if mail.recipient == address
        ]


@pytest.fixture
def city(
    database: Engine,
    clock: FixedClock,
    relay: Relay,
    workshop: Workshop,
    open_browser: Callable[[], Browser],
    tmp_path: Path,
) -> City:
    """A city with one published scenario, many firms, rules, and two people who set their own passwords."""
    with transaction(database) as session:
        session.add(District(code="NS", name="南山区", name_en="Nanshan"))
        load_rules(session)
    options = ImportOptions(now=clock(), today=clock().date(), release=True)
    for kind, rows in (("scenarios", [SCENARIO]), ("capabilities", [CAPABILITY, *OTHERS])):
        path = tmp_path / f"{kind}.jsonl"
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        with transaction(database) as session:
            assert import_file(session, kind, path, options).created == len(rows)
    for email, role, home, digest in (
        (AGENCY, "agency", SCENARIO["publisher"], MailKind.DIGEST_AGENCY),
        (FIRM, "startup", CAPABILITY["firm"], MailKind.DIGEST_STARTUP),
    ):
        _let_in(database, clock, open_browser(), email=email, role=role, home=str(home), digest=digest)
    return City(database, clock, relay, workshop, open_browser)


def _let_in(
    database: Engine,
    clock: FixedClock,
    browser: Browser,
    *,
    email: str,
    role: str,
    home: str,
    digest: MailKind,
) -> None:
    """Invite a person, who follows the link, sets a password and asks for the digest."""
    with transaction(database) as session:
        token = invite_user(session, email=email, roles=[role], organisation=home, name=email, now=clock())
        organisation = session.exec(select(Organisation).where(col(Organisation.name) == home)).one()
    browser.send(f"/welcome/{token}", on=f"/welcome/{token}", password=PASSWORD, again=PASSWORD)
    with transaction(database) as session:
        if not session.exec(select(Subscription).where(col(Subscription.email) == email)).first():
            add_subscription(
                session, organisation_id=organisation.key, email=email, kind=digest, consented_at=clock()
            )


def _pilot_form(capability_id: int, **values: str) -> dict[str, object]:
    return {
        "title": "井盖识别试点",
        "capability_id": capability_id,
        "scope": "两个街道十二辆巡查车",
        "success_metric": "发现到派单的中位小时数",
        "baseline": "26",
        "target": "4",
        "decision_owner": "李科长",
        "decision_on": "2027-04-10",
        **values,
    }


def _document(kind: str, title: str, issuer: str, issued_on: str = "2026-11-20") -> dict[str, object]:
    return {
        "kind": kind,
        "title": title,
        "issuer": issuer,
        "issued_on": issued_on,
        "file": (io.BytesIO("测试与使用情况说明".encode()), "report.txt"),
    }


def _pair(city: City) -> tuple[Match, int]:
    """The match of the story's firm, and its capability."""
    with transaction(city.database) as session:
        firm = session.exec(select(Organisation).where(col(Organisation.name) == CAPABILITY["firm"])).one()
        match = session.exec(select(Match).where(col(Match.organisation_id) == firm.key)).one()
        statement = select(MatchScore.capability_id).where(col(MatchScore.match_id) == match.key)
        return match, session.exec(statement).one()


def _records(city: City) -> list[FundingRecord]:
    with transaction(city.database) as session:
        return list(session.exec(select(FundingRecord).order_by(col(FundingRecord.id))))


def _both_say_yes(city: City, founder: Browser, officer: Browser, match: Match) -> None:
    """The founder sees why and says yes; the officer is told, reads the same evidence, and invites."""
    at = f"/matches/{match.key}"
    assert "误报率3.1%" in founder.get("/recommended")
    founder.send(f"{at}/interest", on=at, note="先用两周样本跑一遍", start="随时", question="视频从哪里取？")
    city.tick()
    assert any("先用两周样本跑一遍" in mail for mail in city.mails_to(AGENCY))
    assert "误报率3.1%" in officer.get(f"/my/scenarios/{match.scenario_id}/candidates")
    officer.send(f"{at}/invite", on=at)
    city.tick()
    assert any(AGENCY in mail for mail in city.mails_to(FIRM))


def _pilot_in_use(city: City, officer: Browser, match: Match, capability_id: int) -> str:
    """Where the pilot is: not agreed without a decision date, agreed with one, started, in use."""
    form_at = f"/matches/{match.key}/pilot"
    pilot_at = officer.send(form_at, on=form_at, **_pilot_form(capability_id, decision_on=""))
    officer.send(f"{pilot_at}/agree", on=pilot_at, status=422)
    officer.send(f"{pilot_at}/edit", on=f"{pilot_at}/edit", **_pilot_form(capability_id))
    officer.send(f"{pilot_at}/agree", on=pilot_at)
    officer.send(f"{pilot_at}/start", on=pilot_at)
    city.clock.advance(timedelta(hours=1))
    officer.send(
        f"{pilot_at}/in-use", on=pilot_at, go_live_on="2026-11-23", n_users="12", usage_note="两个街道"
    )
    return pilot_at


def test_from_a_published_scenario_to_a_funding_record(city: City) -> None:
    # The morning after publication: the pair is found, and the founder reads about it in a mail.
    city.tick()
    digests = city.mails_to(FIRM)
    assert len(digests) == 1
    assert SCENARIO["title"] in digests[0]

    founder, officer = city.open_browser(), city.open_browser()
    founder.log_in(FIRM, PASSWORD)
    officer.log_in(AGENCY, PASSWORD)
    match, capability_id = _pair(city)
    _both_say_yes(city, founder, officer, match)
    pilot_at = _pilot_in_use(city, officer, match, capability_id)

    # Proofs: the firm's test report, and the officer's own use report.
    owner, today = str(SCENARIO["publisher"]), f"{city.clock().astimezone(SHENZHEN):%Y-%m-%d}"
    founder.send(f"{pilot_at}/evidence", on=pilot_at, **_document("test_report", "测试报告", "某检测机构"))
    officer.send(f"{pilot_at}/evidence", on=pilot_at, **_document("use_report", "使用报告", owner, today))

    # The next round assesses the pilot against the rules of that day.
    city.tick()
    records = _records(city)
    assert records
    assert {f"/pilots/{record.pilot_id}" for record in records} == {pilot_at}
    assert "不明" in founder.get(f"/funding/{records[0].key}")

    # Another round without news changes nothing and mails nobody.
    n_mails = len(city.relay.taken)
    again = city.tick()
    assert len(city.relay.taken) == n_mails
    assert again["reindex"].get("scores_added", 0) == 0
    assert len(_records(city)) == len(records)
