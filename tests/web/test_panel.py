from __future__ import annotations

import pytest
from flask import g
from flask.testing import FlaskClient

from models.draft import make_draft
from models.errors import ModelUnavailable
from models.login import start_session
from models.scenario import Scenario
from models.user import Role
from tests.factories import save
from tests.fakes import HashingEmbedder
from tests.matcher.market import CountingEmbedder, make_market
from tests.web.live_market import index_rows, live_app
from web.auth import cookie_name
from web.panel import open_rows, similar_by_text, similar_by_title

TEXT = "城管巡查车每天拍摄道路视频 300 段，人工回看太慢。希望用车载视频识别井盖缺失和破损，夜间也能识别道路沉降。"


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def draft(session, city, now) -> Scenario:
    make_market(session)
    return save(session, make_draft(city.agency, title="巡查车视频找井盖破损", now=now))


@pytest.fixture
def agency(session, settings, city, now, embedder, draft) -> FlaskClient:
    """The agency on a site in full mode."""
    index_rows(session, settings, HashingEmbedder())
    app = live_app(session, settings, lambda: embedder, clock=lambda: now)
    token = start_session(session, city.users[Role.AGENCY], now=now, hours=12)
    client = app.test_client()
    client.set_cookie(cookie_name(app), token)
    return client


def panel(agency: FlaskClient, draft: Scenario, **fields: str) -> str:
    answer = agency.post(
        f"/drafts/{draft.key}/panel", data={"title": "巡查车视频找井盖破损", "text": TEXT, **fields}
    )
    assert answer.status_code == 200
    return answer.text


def test_with_an_encoder_the_panel_counts_firms_and_judges_each_requirement(agency, draft):
    page = panel(agency, draft, req_1="用车载视频识别井盖缺失和破损", req_2="潜艇声呐标定")

    assert 'data-mode="full"' in page
    assert "按词模式" not in page
    assert "band-strong" in page and "band-possible" in page
    assert "1 用车载视频识别井盖缺失和破损" in page
    assert "2 潜艇声呐标定" in page


def test_the_panel_changes_with_the_text(agency, draft):
    first, second = (
        panel(agency, draft),
        panel(agency, draft, text="老人在家跌倒没有人知道，希望毫米波雷达判断跌倒并通知家属，不拍图像。"),
    )

    assert first != second


def test_a_keystroke_encodes_only_the_sentence_that_changed_and_its_section(agency, draft, embedder):
    panel(agency, draft, req_1="用车载视频识别井盖缺失和破损", req_2="夜间也能识别道路沉降")
    embedder.encoded.clear()

    panel(agency, draft, req_1="用车载视频识别井盖缺失和破损", req_2="夜间和雨天也能识别道路沉降")

    section, sentence = sorted(embedder.encoded, key=len, reverse=True)
    assert sentence == "夜间和雨天也能识别道路沉降"
    assert sentence in section


def test_a_requirement_that_nobody_meets_is_marked(session, settings, city, now):
    make_market(session, 4, 0)
    index_rows(session, settings, HashingEmbedder())
    draft = save(session, make_draft(city.agency, title="巡查车视频找井盖破损", now=now))
    client = live_app(session, settings, HashingEmbedder, clock=lambda: now).test_client()
    client.set_cookie(
        cookie_name(client.application), start_session(session, city.users[Role.AGENCY], now=now, hours=12)
    )

    page = panel(client, draft, req_1="井盖破损识别召回率不低于99%", req_2="给出经纬度", must_2="should")

    assert page.count('class="nobody"') == 2
    assert page.count("放宽、拆开，或改成应当") == 1


def test_two_words_are_too_little_to_compare(agency, draft):
    page = panel(agency, draft, text="找井盖。")

    assert "写得还太少" in page
    assert "band-strong" not in page


def test_when_the_encoder_goes_away_the_panel_goes_by_words(session, settings, city, now, draft):
    index_rows(session, settings, HashingEmbedder())

    def nobody():
        raise ModelUnavailable("weg")

    app = live_app(session, settings, nobody, clock=lambda: now)
    client = app.test_client()
    client.set_cookie(cookie_name(app), start_session(session, city.users[Role.AGENCY], now=now, hours=12))

    page = panel(client, draft)

    assert 'data-mode="no_encoder"' in page
    assert "band-strong" not in page and "band-possible" not in page


def test_without_an_index_the_panel_says_that(session, settings, city, now, draft):
    app = live_app(session, settings, HashingEmbedder, clock=lambda: now)
    client = app.test_client()
    client.set_cookie(cookie_name(app), start_session(session, city.users[Role.AGENCY], now=now, hours=12))

    assert "匹配索引还没有建好" in panel(client, draft)


def test_like_scenarios_by_title_and_by_text_are_open_ones_only(app, session, city, now):
    with app.test_request_context():
        app.preprocess_request()
        g.session, g.today = session, now.date()
        by_title = similar_by_title(city.scenario.title)
        by_text = similar_by_text("道路井盖病害，派单", n=3)
        city.scenario.close(now)
        session.flush()

        assert by_title == (city.scenario.key,)
        assert [row.key for row in by_text] == [city.scenario.key]
        assert similar_by_title(city.scenario.title) == ()
        assert open_rows([city.scenario.key]) == []
