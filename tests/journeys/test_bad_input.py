"""What people paste, import and leave out: on the page and on the command line a sensible sentence comes.

Never an exception, and never a candidate that is called strong or possible on nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.answer import Answer, Question, answer_explain, answer_match
from matcher.workshop import Workshop
from models.capability import Capability
from models.config import Settings
from models.db import make_session, transaction
from models.login import start_session
from models.match import Band
from models.user import Role
from models.work import RunStatus, begin_run
from tests.conftest import sqlite_copy
from tests.factories import make_capability, make_firm, make_organisation, make_scenario, make_user
from tests.matcher.market import NOW, TOPICS, make_market, make_workshop
from web.app import create_app
from web.auth import cookie_name

ZONE = ZoneInfo("Asia/Shanghai")
RUSSIAN = (
    "Нам нужна система, которая находит повреждённые крышки люков на видео и сообщает координаты дежурному."
)
JAPANESE = "車載カメラの映像からマンホールの破損を見つけて、場所を担当者に知らせるシステムが必要です。"
LONG = "".join(f"{TOPICS[n % 8][1]}，第{n}处要在三十分钟内处置完毕并留下照片。" for n in range(600))[:20_000]


@pytest.fixture
def own_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A database of its own: what is committed here must be in nobody else's. Nothing depends on which kind it is."""
    with sqlite_copy(sqlite_template, tmp_path) as engine:
        yield engine


@dataclass
class City:
    """An agency with its market, matched by the job whenever asked."""

    workshop: Workshop
    engine: Engine
    agency_id: int
    get: Callable[[str], str]

    def publish(self, **values: Any) -> int:
        """A scenario of the agency, matched; its id."""
        with transaction(self.engine) as session:
            scenario_id = make_scenario(session, organisation_id=self.agency_id, **values).key
        self.match()
        return scenario_id

    def match(self) -> None:
        now = NOW + timedelta(hours=1)
        run = Run(engine=self.engine, clock=lambda: now, owner="test")
        reindex(run, workshop=self.workshop)
        with transaction(self.engine) as session:
            row = begin_run(session, job="reindex", key=str(now), owner="test", now=now)
            if row is not None:
                row.finish(now, status=RunStatus.OK, counts={}, n_items=1)

    def candidates(self, scenario_id: int, band: str = "") -> str:
        """What the agency reads of a scenario's candidates."""
        return self.get(f"/my/scenarios/{scenario_id}/candidates?band={band}")

    def told(self, scenario_id: int) -> Answer:
        """What the command answers."""
        return answer_match(self.workshop, Question(scenario_id=scenario_id), k=30, zone=ZONE)


@pytest.fixture
def city(own_engine: Engine, tmp_path: Path, now: datetime) -> City:
    with transaction(own_engine) as session:
        make_market(session)
        agency = make_organisation(session, name="市城管局").key
        user = make_user(session, roles=(Role.AGENCY,), organisation_id=agency)
        token = start_session(session, user, now=now, hours=12, second_factor_at=now)
    workshop = make_workshop(own_engine, tmp_path)
    workshop.update_index(now=NOW)

    def open_session(read_only: bool) -> Session:
        return make_session(own_engine, read_only=read_only)

    settings = Settings(data_dir=tmp_path / "var", _env_file=None)
    app = create_app(settings, clock=lambda: now, open_session=open_session)
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)

    def get(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))))

    return City(workshop, own_engine, agency, get)


def bands(answer: Answer) -> set[str]:
    return {result["band"] for result in answer.results}


@pytest.mark.parametrize(
    ("text", "sentence", "step"),
    [
        ("井盖", "需求只写了几个字，判断不了谁做得到", "写清要做什么、用在哪里、做到多少"),
        (RUSSIAN, "需求既不是中文也不是英文，判断不了谁做得到", "用中文或英文再写一遍"),
        (JAPANESE, "需求既不是中文也不是英文，判断不了谁做得到", "用中文或英文再写一遍"),
    ],
    ids=["one word", "Russian", "Japanese"],
)
def test_a_need_nobody_can_be_judged_by_says_so(city: City, text: str, sentence: str, step: str) -> None:
    scenario_id = city.publish(title=text[:20], text=text)

    page, answer = city.candidates(scenario_id), city.told(scenario_id)

    assert sentence in page and step in page
    assert sentence in answer.to_text("zh")
    assert bands(answer) == {Band.NOT_ENOUGH_INFORMATION}


def test_a_need_of_twenty_thousand_characters_is_matched_as_any(city: City) -> None:
    scenario_id = city.publish(title="全市井盖、通道、河道一并要管", text=LONG)

    answer = city.told(scenario_id)

    assert len(LONG) == 20_000
    assert "值得先看" in city.candidates(scenario_id, "all")
    assert len(answer.results) == 24
    assert all(1 <= len(result["requirements"]) <= 8 for result in answer.results)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "能力说明太短，判断不了"), (RUSSIAN, "能力说明既不是中文也不是英文，判断不了")],
    ids=["empty", "Russian"],
)
def test_a_capability_that_says_nothing_is_never_a_candidate(city: City, text: str, sentence: str) -> None:
    with transaction(city.engine) as session:
        firm = make_firm(session, name="空页智能")
        capability_id = make_capability(session, organisation_id=firm.key, title=TOPICS[0][1], text=text).key
    scenario_id = city.publish(title=TOPICS[0][0], text=f"{TOPICS[0][1]}。{TOPICS[0][2]}，并派单给养护班组。")

    explained = answer_explain(city.workshop, scenario_id, capability_id, zone=ZONE)

    assert bands(explained) == {Band.NOT_ENOUGH_INFORMATION}
    assert sentence in explained.to_text("zh")
    page = city.candidates(scenario_id, "all")
    assert "空页智能" not in page or sentence in page


def test_a_firm_with_two_hundred_capabilities_stands_in_a_list_once(city: City) -> None:
    with transaction(city.engine) as session:
        firm = make_firm(session, name="百宝智能").key
        for n in range(200):
            topic = TOPICS[n % 8]
            make_capability(
                session,
                organisation_id=firm,
                title=topic[1],
                text=f"{topic[1]}，型号{n}。{topic[2]}。已试用{n}天。",
            )
    scenario_id = city.publish(title=TOPICS[1][0], text=f"{TOPICS[1][1]}。{TOPICS[1][2]}，并留下照片。")

    page = city.candidates(scenario_id, "all")

    assert "百宝智能" in page
    assert len(re.findall(r"另有\d+项能力", page)) == 1
    assert len(city.told(scenario_id).results) == 30


def test_two_firms_alike_stand_beside_each_other_in_a_fixed_order(city: City) -> None:
    title, text = "信箱来件分办", "来件自动转给承办部门并附理由原句。同一事由的信件归并成一件再流转。"
    with transaction(city.engine) as session:
        twins = [
            make_capability(
                session, title=title, text=text, organisation_id=make_firm(session, name=name).key
            ).key
            for name in ("孪生甲", "孪生乙")
        ]
    scenario_id = city.publish(title=title, text=text)

    first, second = city.told(scenario_id).results[:2]

    assert [first["id"], second["id"]] == twins
    assert (first["score"], first["band"]) == (second["score"], second["band"])
    page = city.candidates(scenario_id, "all")
    assert 0 < page.index("孪生甲") < page.index("孪生乙")


def test_where_no_firm_has_room_the_page_says_that_matching_is_done(city: City) -> None:
    with transaction(city.engine) as session:
        for capability in session.exec(select(Capability)).all():
            capability.capacity = 0
    scenario_id = city.publish(title=TOPICS[0][0], text=f"{TOPICS[0][1]}。{TOPICS[0][2]}，并派单给养护班组。")

    page, answer = city.candidates(scenario_id), city.told(scenario_id)

    assert "没有一家能参加" in page
    assert answer.to_text("zh") == "没有匹配。"


def test_where_nobody_can_run_it_there_every_firm_is_weak_with_the_reason(city: City) -> None:
    with transaction(city.engine) as session:
        for capability in session.exec(select(Capability)).all():
            capability.deployment = ["saas"]
    scenario_id = city.publish(
        title=TOPICS[0][0],
        text=f"{TOPICS[0][1]}。{TOPICS[0][2]}，并派单给养护班组。",
        deployment=["gov_cloud"],
    )

    page, answer = city.candidates(scenario_id), city.told(scenario_id)

    assert "没有“强”或“可能”的企业" in page
    assert bands(answer) <= {Band.WEAK, Band.NOT_ENOUGH_INFORMATION}
    assert "部署方式不合" in page and "部署方式不合" in answer.to_text("zh")
