from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlmodel import Session

from tests.factories import MONDAY, make_match, make_scenario, make_score


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_list_shows_published_scenarios_without_logging_in(client, city) -> None:
    page = text_of(client, "/scenarios")

    assert city.scenario.title in page
    assert "发现到派单" in page and "4 小时" in page
    assert "30–60 万元" in page


def test_drafts_and_withdrawn_scenarios_are_not_shown(client, session: Session) -> None:
    make_scenario(session, title="还没发布的场景", number=None, published_at=None)
    make_scenario(session, title="撤回了的场景", withdrawn_at=MONDAY)

    page = text_of(client, "/scenarios?state=open&state=ended")

    assert "还没发布的场景" not in page
    assert "撤回了的场景" not in page


def test_closed_scenarios_are_out_of_the_list_until_asked_for(client, session: Session) -> None:
    make_scenario(session, title="上一批的场景", deadline_on=date(2026, 11, 22))

    assert "上一批的场景" not in text_of(client, "/scenarios")
    assert "上一批的场景" in text_of(client, "/scenarios?state=ended")


def test_two_chinese_characters_find_a_scenario(client, session: Session) -> None:
    make_scenario(session, title="影像辅助诊断", text="医院影像科每天阅片。")
    make_scenario(session, title="企业政策问答", text="窗口每天回答政策问题。")

    page = text_of(client, "/scenarios?q=影像")

    assert "影像辅助诊断" in page
    assert "企业政策问答" not in page


def test_english_and_mixed_queries_find_scenarios(client, session: Session) -> None:
    make_scenario(session, title="Invoice extraction", text="We extract invoices by hand.", lang="en")
    make_scenario(session, title="注塑件外观缺陷检测", text="用 AOI 拍照后人工复判。")

    assert "Invoice extraction" in text_of(client, "/scenarios?q=invoices")
    assert "注塑件外观缺陷检测" in text_of(client, "/scenarios?q=AOI 复判")


def test_a_number_finds_its_scenario(client, city) -> None:
    assert city.scenario.title in text_of(client, "/scenarios?q=ns-2026q4-017")


def test_search_wildcards_are_ordinary_characters(client, city) -> None:
    assert city.scenario.title not in text_of(client, "/scenarios?q=%25")
    assert city.scenario.title not in text_of(client, "/scenarios?q=_")


def test_filters_narrow_the_list_and_say_how_many(client, session: Session, city) -> None:
    make_scenario(session, title="园区能耗优化", domain="modern_services")

    page = text_of(client, "/scenarios?domain=modern_services")

    assert "园区能耗优化" in page
    assert city.scenario.title not in page
    assert "1 个场景符合条件" in page


def test_choices_in_one_group_add_up(client, session: Session, city) -> None:
    make_scenario(session, title="园区能耗优化", domain="modern_services")

    page = text_of(client, "/scenarios?domain=modern_services&domain=city_governance")

    assert "园区能耗优化" in page and city.scenario.title in page


def test_nothing_found_names_the_filter_to_drop(client, city) -> None:
    page = text_of(client, "/scenarios?domain=city_governance&deadline=week")

    assert "没有符合全部条件的场景" in page
    assert "去掉“截止”还有 1 个" in page


def test_a_word_nobody_wrote_is_said_so(client, city) -> None:
    assert "没有场景写到“量子纠缠”" in text_of(client, "/scenarios?q=量子纠缠")


def test_list_is_cut_into_pages_that_keep_the_filters(client, session: Session) -> None:
    for _ in range(21):
        make_scenario(session, domain="research")

    page = text_of(client, "/scenarios?domain=research")

    assert "第 1–20 个，共 21 个" in page
    assert "/scenarios?domain=research&amp;page=2" in page


def test_list_asks_the_database_the_same_number_of_questions_whatever_its_length(
    client, session: Session, city
) -> None:
    few = count_queries(session, lambda: text_of(client, "/scenarios"))
    for _ in range(15):
        make_scenario(session)
    text_of(client, "/scenarios")

    assert count_queries(session, lambda: text_of(client, "/scenarios")) <= few


def count_queries(session: Session, act) -> int:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    engine = session.connection().engine
    sa.event.listen(engine, "before_cursor_execute", note)
    act()
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_scenario_page_shows_requirements_and_terms(client, city) -> None:
    page = text_of(client, "/scenarios/NS-2026Q4-017")

    assert "整套部署在政务云" in page
    assert "政务云" in page
    assert "登录看匹配" in page


def test_scenario_page_keeps_the_contact_to_itself(client, city) -> None:
    page = text_of(client, "/scenarios/NS-2026Q4-017")

    assert "li@agency.example" not in page
    assert "李科长" not in page


def test_a_row_id_leads_to_the_permanent_address(client, city) -> None:
    answer = client.get(f"/scenarios/{city.scenario.key}")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/scenarios/NS-2026Q4-017")


def test_unknown_withdrawn_and_draft_scenarios_answer_alike(client, session: Session) -> None:
    make_scenario(session, number="T-W", withdrawn_at=MONDAY)
    make_scenario(session, number="T-D", published_at=None)

    pages = [text_of(client, f"/scenarios/{number}", 404) for number in ("T-W", "T-D", "T-X")]

    assert len({page.split("<main")[1].split("查问时")[0] for page in pages}) == 1


def test_english_page_has_no_chinese_of_ours(client, session: Session) -> None:
    make_scenario(session, title="Forklift warning", text="Forklifts.", lang="en", metric="", number="EN-1")

    page = text_of(client, "/scenarios/EN-1?lang=en")

    assert "Requirements" in page
    assert "需求" not in page


def test_firm_sees_how_a_scenario_fits_it(as_firm, city) -> None:
    page = text_of(as_firm, "/scenarios/NS-2026Q4-017")

    assert "和你的匹配" in page
    assert f"/matches/{city.match_id}" in page


def test_another_firms_match_is_not_shown(as_firm, session: Session) -> None:
    other = make_scenario(session, number="T-OTHER")
    make_score(session, make_match(session, scenario_id=other.key), reasons=[])

    assert "和你的匹配" not in text_of(as_firm, "/scenarios/T-OTHER")
