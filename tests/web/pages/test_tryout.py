from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from models.scenario import Scenario
from tests.fakes import HashingEmbedder
from tests.matcher.market import TOPICS, make_market
from tests.web.live_market import index_rows, live_app
from web.pages.tryout import QUESTIONS

OFFER = f"{TOPICS[0][1]}。{TOPICS[0][0]}，{TOPICS[0][2]}。已在三个街道试用半年，召回率91%。"
NEED = f"{TOPICS[0][0]}。希望{TOPICS[0][1]}，{TOPICS[0][2]}，并派单给养护班组。"


@pytest.fixture
def stranger(session, settings, now):
    """Somebody who is not logged in, on a site in full mode."""
    make_market(session)
    index_rows(session, settings, HashingEmbedder())
    return live_app(session, settings, HashingEmbedder, clock=lambda: now).test_client()


def rows_of_all_tables(session: Session) -> dict[str, int]:
    return {
        table.name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in SQLModel.metadata.sorted_tables
    }


def test_the_form_needs_no_log_in(client):
    page = client.get("/try").text

    assert "不用登录" in page
    assert 'name="text"' in page


def test_the_public_pages_lead_to_it(client):
    assert 'href="/try"' in client.get("/scenarios").text


def test_a_product_finds_open_scenarios_with_reasons(session, stranger):
    page = stranger.post("/try", data={"side": "offer", "text": OFFER}).text

    numbers = [row.number for row in session.exec(sa.select(Scenario)).scalars() if row.title == TOPICS[0][0]]
    assert any(f'href="/scenarios/{number}"' in page for number in numbers)
    assert "逐条看理由" in page
    assert "按词模式" not in page


def test_a_need_finds_capabilities_without_naming_a_firm_or_quoting_it(session, stranger):
    page = stranger.post("/try", data={"side": "need", "text": NEED}).text

    names = [name for (name,) in session.execute(sa.text("SELECT name FROM organisation"))]
    assert "对得上的能力" in page
    assert TOPICS[0][1] in page
    assert [name for name in names if f">{name}<" in page] == []
    assert "<q" not in page


@pytest.mark.parametrize("side", ["offer", "need"])
@pytest.mark.parametrize("mode", ["full", "words"])
def test_nothing_is_stored_anywhere(session, settings, stranger, client, side, mode):
    asking = stranger if mode == "full" else client
    session.flush()
    before = rows_of_all_tables(session)
    files = sorted(path for path in settings.data_dir.rglob("*") if path.is_file())

    answer = asking.post("/try", data={"side": side, "text": OFFER})

    assert answer.status_code == 200
    assert rows_of_all_tables(session) == before
    assert sorted(path for path in settings.data_dir.rglob("*") if path.is_file()) == files


def test_the_session_it_is_given_only_reads(app):
    from web.pages import tryout

    assert tryout.answer.reads_only


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "要填写"), ("井盖", "太短"), ("井" * 4001, "最多 4000 字"), ("井" * 40_001, "太长")],
)
def test_a_text_of_the_wrong_length_is_told_so(client, text, sentence):
    answer = client.post("/try", data={"side": "offer", "text": text})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'href="#field-text"' in answer.text


@pytest.mark.parametrize("side", ["", "both", None])
def test_a_side_is_one_of_two(client, side):
    data = {"text": OFFER} if side is None else {"text": OFFER, "side": side}

    assert client.post("/try", data=data).status_code == 422


def test_a_text_of_signs_only_finds_nothing_and_breaks_nothing(stranger):
    for side in ("offer", "need"):
        answer = stranger.post("/try", data={"side": side, "text": "!?。，" * 10})

        assert answer.status_code in (200, 422)


def test_too_many_in_a_row_have_to_wait_and_are_written_nowhere(session, client):
    before = rows_of_all_tables(session)
    for _ in range(QUESTIONS):
        assert client.post("/try", data={"side": "offer", "text": "短"}).status_code == 422

    answer = client.post("/try", data={"side": "offer", "text": OFFER})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert rows_of_all_tables(session) == before


def test_without_an_encoder_it_goes_by_words_and_calls_nothing_strong(client, city):
    page = client.post(
        "/try", data={"side": "offer", "text": "我们用巡查车视频自动发现道路井盖病害并派单。"}
    ).text

    assert "按词模式：编码进程没有在运行" in page
    assert "不代表对得上" in page
    assert f'href="/scenarios/{city.scenario.number}"' in page
    assert "band-" not in page


def test_scenarios_that_closed_since_the_index_was_made_are_left_out(session, stranger, now):
    for row in session.exec(sa.select(Scenario)).scalars():
        row.close(now)
    session.flush()

    page = stranger.post("/try", data={"side": "offer", "text": OFFER}).text

    assert 'href="/scenarios/T-' not in page
