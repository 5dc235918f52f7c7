from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.capability import Capability
from models.config import Settings
from models.market_survey import MarketSurvey
from models.match import Band
from models.user import Role
from tests.factories import (
    MONDAY,
    make_capability,
    make_district,
    make_firm,
    make_match,
    make_scenario,
    make_score,
)
from tests.surveys import make_survey
from tests.web.conftest import COVERAGE
from tests.web.pages.test_scenarios import count_queries

READERS = (Role.ORGANIZER, Role.OPERATOR, Role.ADMIN)
ADDRESSES = ("/gaps", "/gaps/unsupplied.csv", "/gaps/undemanded.csv")


@pytest.fixture
def surveyed(session: Session, city, tmp_path: Path) -> MarketSurvey:
    """The city's scenario with one requirement met and one not, a lonely scenario elsewhere, an idle firm."""
    futian = make_district(session, code="FT", name="福田区", name_en="Futian")
    make_scenario(
        session,
        title="没人能做的场景",
        number="FT-1",
        domain="public_service",
        district_id=futian.key,
        requirements=("=听懂方言并转写",),
    )
    idle = make_firm(session, name="无处可去智能", name_en="Nowhere AI", team_size=6, district_id=futian.key)
    make_capability(session, organisation_id=idle.key, title="酒店能耗优化", industries=["modern_services"])
    return make_survey(session, tmp_path)


def page_of(client: FlaskClient, address: str = "/gaps", status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def part(page: str, anchor: str) -> str:
    return page.split(f'id="{anchor}"')[1].split("</section>")[0]


def table(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def cells(page: str) -> Iterator[tuple[str, str]]:
    """Address and text of each field of the grid."""
    for address, inside in re.findall(r'<a class="cell [^"]*" href="([^"#]*)[^>]*>(.*?)</a>', page, re.S):
        yield address.replace("&amp;", "&"), " ".join(re.sub("<[^>]*>", " ", inside).split())


@pytest.mark.parametrize("address", [*ADDRESSES, "/exposure"])
def test_only_those_who_run_the_market_see_it(city, client, log_in, surveyed, address: str) -> None:
    allowed = {role for role in Role if log_in(city.users[role]).get(address).status_code == 200}

    assert allowed == set(READERS)
    assert client.get(address).status_code == 303


def test_the_finding_comes_first(as_organizer, surveyed) -> None:
    page = page_of(as_organizer)

    assert "2 条要求没有供给" in page
    assert "1 项能力没有场景用得上" in page
    assert page.index("条要求没有供给") < page.index("gap-grid")
    assert page.count('role="img"') == 1
    assert "style=" not in page


def test_both_lists_say_what_to_do_next(as_organizer, surveyed, city) -> None:
    page = page_of(as_organizer)
    unsupplied, undemanded = part(page, "unsupplied"), part(page, "undemanded")

    assert "整套部署在政务云" in unsupplied
    assert "自动发现井盖缺失与破损" not in unsupplied
    assert "只缺这一项" in unsupplied
    assert "招一家能做“=听懂方言并转写”的企业" in unsupplied
    assert "无处可去智能" in undemanded
    assert "没有进过任何场景的候选" in undemanded
    assert city.firm.name not in undemanded


def test_the_number_in_a_field_is_the_number_of_rows_behind_it(as_organizer, surveyed) -> None:
    found = dict(cells(page_of(as_organizer)))

    assert found["/gaps?domain=city_governance&district=NS"] == "1 : 0 无供给 1 条没人能做"
    assert found["/gaps?domain=public_service&district=FT"] == "1 : 0 无供给 1 条没人能做"
    assert found["/gaps?domain=modern_services&district=FT"] == "0 : 1 富余"
    for address, words in found.items():
        rows = part(page_of(as_organizer, address), "rows")
        scenarios, firms = re.findall(r'<span class="count">(\d+)</span>', rows)[:2]
        assert words.startswith(f"{scenarios} : {firms} ")
        columns = rows.split("<h3")[1:3]
        assert [column.count("<li>") for column in columns] == [int(scenarios), int(firms)]


def test_a_field_that_does_not_exist_opens_nothing(as_organizer, surveyed) -> None:
    assert 'id="rows"' not in page_of(as_organizer, "/gaps?domain=research&district=NS")
    assert 'id="rows"' not in page_of(as_organizer, "/gaps?domain=%00&district=")


def test_a_withdrawn_scenario_keeps_its_row_and_loses_its_link(as_organizer, session, surveyed, city) -> None:
    city.scenario.withdraw(MONDAY)
    session.flush()

    unsupplied = part(page_of(as_organizer), "unsupplied")

    assert city.scenario.title in unsupplied
    assert f"/scenarios/{city.scenario.number}" not in unsupplied


def test_english_readers_get_english(as_organizer, surveyed) -> None:
    page = page_of(as_organizer, "/gaps?lang=en")

    assert "2 requirements have no supply" in page
    assert "Nowhere AI" in page
    assert "Futian" in page
    assert "no supply" in page


def test_the_files_hold_the_rows_of_the_page_and_nothing_a_spreadsheet_runs(
    as_organizer, surveyed, city
) -> None:
    unsupplied = table(as_organizer, "/gaps/unsupplied.csv")
    undemanded = table(as_organizer, "/gaps/undemanded.csv")

    assert {(row["场景编号"], row["要求"]) for row in unsupplied} == {
        (city.scenario.number, "整套部署在政务云"),
        ("FT-1", "'=听懂方言并转写"),
    }
    assert {row["所在场景有候选"] for row in unsupplied} == {"yes", "no"}
    assert [(row["企业"], row["人数"], row["能力"], row["最好的匹配"]) for row in undemanded] == [
        ("无处可去智能", "6", "酒店能耗优化", "")
    ]
    assert list(table(as_organizer, "/gaps/unsupplied.csv?lang=en")[0])[:2] == ["Group", "Scenario number"]


@pytest.mark.parametrize(
    ("written", "words"),
    [(None, "还没有建匹配索引"), (b"no manifest", "匹配索引读不出来")],
)
def test_without_a_survey_the_page_says_what_is_missing(
    as_organizer, settings: Settings, written: bytes | None, words: str
) -> None:
    if written is not None:
        settings.index_dir.mkdir(parents=True)
        (settings.index_dir / "manifest.json").write_bytes(written)

    assert words in page_of(as_organizer)
    assert words in page_of(as_organizer, "/exposure")
    assert as_organizer.get("/gaps/unsupplied.csv").status_code == 404


def test_with_an_index_and_no_survey_yet_it_says_when_there_will_be_one(
    as_organizer, session: Session, city, settings: Settings, tmp_path: Path
) -> None:
    make_survey(session, tmp_path)
    session.delete(session.get(MarketSurvey, 1) or pytest.fail("no survey"))
    session.flush()
    (tmp_path / "index").rename(settings.index_dir)

    assert "还没有盘点过" in page_of(as_organizer)


def test_an_empty_market_is_a_page_too(as_organizer, session: Session, city, tmp_path: Path) -> None:
    city.scenario.close(MONDAY)
    for capability in session.exec(select(Capability)):
        capability.unlisted_at = MONDAY
    session.flush()
    make_survey(session, tmp_path)

    page = page_of(as_organizer)

    assert "每条要求都有强或可能的企业能做" not in page
    assert "现在没有征集中的场景。" in page
    assert "没有征集中的场景，也没有入库的企业。" in page
    assert "没有这样的能力。" in page


def test_the_page_asks_the_same_number_of_questions_whatever_the_size(
    as_organizer, session: Session, surveyed, tmp_path: Path
) -> None:
    few = count_queries(session, lambda: page_of(as_organizer))
    for _ in range(5):
        make_scenario(session, requirements=("要求一", "要求二"))
        make_capability(session, industries=["research"])
    make_survey(session, tmp_path)

    assert count_queries(session, lambda: page_of(as_organizer)) == few


def test_weak_firms_are_no_supply(as_organizer, session: Session, city, tmp_path: Path) -> None:
    lonely = make_scenario(session, title="只有弱匹配", requirements=("自动发现井盖缺失与破损", "第二条"))
    make_score(session, make_match(session, scenario_id=lonely.key), band=Band.WEAK, coverage=COVERAGE)
    make_survey(session, tmp_path)

    assert "只有弱匹配" in part(page_of(as_organizer), "unsupplied")


def test_both_lists_are_given_as_workbooks_and_as_nothing_else(as_organizer, surveyed) -> None:
    for name in ("unsupplied", "undemanded"):
        assert as_organizer.get(f"/gaps/{name}.xlsx").data[:2] == b"PK"
        assert as_organizer.get(f"/gaps/{name}.pdf").status_code == 404
