from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from models.match import Band, DismissReason, Match
from models.match_queries import find_match, scores_of_match
from models.organisation import Organisation
from models.user import Role, User
from tests.factories import (
    MONDAY,
    make_capability,
    make_firm,
    make_introduced_match,
    make_match,
    make_organisation,
    make_scenario,
    make_score,
    make_team,
    make_user,
)
from tests.funding_examples import make_condition, make_rule
from tests.web.conftest import COVERAGE, GAP, REASON


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def add_candidate(session: Session, city, name: str, band: Band, score: float = 0.5) -> int:
    firm = make_firm(session, name=name)
    match = make_match(session, scenario_id=city.scenario.key, organisation_id=firm.key)
    make_score(session, match, band=band, score=score, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)
    return match.key


def test_my_scenarios_count_candidates_by_band(as_agency, session: Session, city) -> None:
    add_candidate(session, city, "拾级智能", Band.POSSIBLE)

    page = page_of(as_agency, "/my/scenarios")

    assert city.scenario.title in page
    assert "强 1" in page and "可能 1" in page


def test_candidates_are_in_order_with_abstentions_last_and_without_a_rank(
    as_agency, session: Session, city
) -> None:
    add_candidate(session, city, "灯下算力", Band.NOT_ENOUGH_INFORMATION, 0.9)
    add_candidate(session, city, "拾级智能", Band.POSSIBLE, 0.6)

    page = page_of(as_agency, f"/my/scenarios/{city.scenario.key}/candidates?band=all")

    assert page.index("井然巡检工作室") < page.index("拾级智能") < page.index("灯下算力")
    assert page.count("不排名") == 2


def test_weak_candidates_are_put_away_until_asked_for(as_agency, session: Session, city) -> None:
    add_candidate(session, city, "远处智能", Band.WEAK)
    address = f"/my/scenarios/{city.scenario.key}/candidates"

    first, every = page_of(as_agency, address), page_of(as_agency, f"{address}?band=all")

    assert "远处智能" not in first and "另有 1 家匹配弱或信息不足" in first
    assert "远处智能" in every


def test_where_all_are_weak_the_nearest_few_are_shown_and_said_to_be_weak(
    as_agency, session: Session, city
) -> None:
    scenario = make_scenario(session, organisation_id=city.agency.key)
    for name in ("甲智能", "乙智能", "丙智能", "丁智能"):
        match = make_match(
            session, scenario_id=scenario.key, organisation_id=make_firm(session, name=name).key
        )
        make_score(session, match, band=Band.WEAK, reasons=[], coverage=COVERAGE)

    page = page_of(as_agency, f"/my/scenarios/{scenario.key}/candidates")

    assert "没有“强”或“可能”的企业" in page
    assert "甲智能" in page and "丙智能" in page and "丁智能" not in page


def test_candidates_show_reasons_quotes_and_the_next_step_but_never_a_figure(as_agency, city) -> None:
    page = page_of(as_agency, f"/my/scenarios/{city.scenario.key}/candidates")

    assert "召回率91%" in page
    assert "整套部署在政务云" in page
    assert "没写不等于做不到" in page
    shown = re.sub(r'datetime="[^"]*"', "", page)
    assert "0.8" not in shown and "80%" not in shown


def test_candidates_can_be_narrowed_to_a_band(as_agency, session: Session, city) -> None:
    add_candidate(session, city, "拾级智能", Band.POSSIBLE)

    page = page_of(as_agency, f"/my/scenarios/{city.scenario.key}/candidates?band=possible")

    assert "拾级智能" in page
    assert "井然巡检工作室" not in page


def test_a_scenario_without_matches_says_that_they_are_being_prepared(
    as_agency, session: Session, city
) -> None:
    scenario = make_scenario(session, organisation_id=city.agency.key)

    assert "匹配还没有算好" in page_of(as_agency, f"/my/scenarios/{scenario.key}/candidates")


def test_a_row_opens_for_htmx(as_agency, city) -> None:
    shut = page_of(as_agency, f"/matches/{city.match_id}/row?open=0&rank=1")
    opened = page_of(as_agency, f"/matches/{city.match_id}/row?open=1&rank=1")

    assert "需求原话" not in shut
    assert "需求原话" in opened
    assert "<html" not in opened


def test_firm_reads_the_same_pair_in_its_own_voice(as_firm, city) -> None:
    page = page_of(as_firm, f"/matches/{city.match_id}")

    assert "你没有提到" in page or "你没有" in page
    assert "做得到，就在能力说明或案例里补一句" in page


def test_contacts_appear_only_after_the_introduction(as_firm, session: Session, city) -> None:
    before = page_of(as_firm, f"/matches/{city.match_id}")
    introduce(session, city)
    after = page_of(as_firm, f"/matches/{city.match_id}")
    asked = as_firm.post(f"/matches/{city.match_id}/contact").get_data(as_text=True)

    assert "li@agency.example" not in before + after
    assert "看联系人" in after and "li@agency.example" in asked


def test_contacts_asked_for_too_early_are_refused_and_anothers_are_404(
    as_firm, log_in, session, city
) -> None:
    stranger = make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key)

    early = as_firm.post(f"/matches/{city.match_id}/contact")
    introduce(session, city)

    assert early.status_code == 403 and "li@agency.example" not in early.get_data(as_text=True)
    assert log_in(stranger).post(f"/matches/{city.match_id}/contact").status_code == 404


def test_each_side_reads_who_saw_its_contact(as_firm, as_agency, session: Session, city) -> None:
    introduce(session, city)
    before = page_of(as_firm, f"/matches/{city.match_id}")
    as_agency.post(f"/matches/{city.match_id}/contact")

    after, theirs = (
        page_of(as_firm, f"/matches/{city.match_id}"),
        page_of(as_agency, f"/matches/{city.match_id}"),
    )

    assert "还没有人看过" in before and "还没有人看过" in theirs
    assert "周敏" in after and "在页面上" in after


def introduce(session: Session, city) -> None:
    from models.match import Match

    match = session.get(Match, city.match_id)
    assert match is not None
    match.express_interest(MONDAY, note="用现有记录仪")
    match.invite(MONDAY)
    session.add(match)
    session.flush()


def test_agency_sees_the_firms_people_only_after_the_introduction(as_agency, session: Session, city) -> None:
    person = city.users[Role.STARTUP]
    before = page_of(as_agency, f"/matches/{city.match_id}")
    introduce(session, city)
    after = page_of(as_agency, f"/matches/{city.match_id}")
    asked = as_agency.post(f"/matches/{city.match_id}/contact").get_data(as_text=True)

    assert person.email not in before + after
    assert person.email in asked


def test_recommended_scenarios_are_mine_and_open(as_firm, session: Session, city) -> None:
    other = make_match(session, scenario_id=make_scenario(session, title="别家的推荐").key)
    make_score(session, other, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)
    closed = make_scenario(session, title="已结束的", closed_at=MONDAY)
    gone = make_match(session, scenario_id=closed.key, organisation_id=city.firm.key)
    make_score(session, gone, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)

    page = page_of(as_firm, "/recommended")

    assert city.scenario.title in page
    assert "别家的推荐" not in page
    assert "已结束的" not in page


def test_a_dismissed_scenario_is_behind_its_own_filter(as_firm, session: Session, city) -> None:
    as_firm.post(f"/matches/{city.match_id}/dismiss", data={"reason": "budget"})

    assert city.scenario.title not in page_of(as_firm, "/recommended")
    assert city.scenario.title in page_of(as_firm, "/recommended?band=dismissed")


def test_what_was_put_away_is_on_its_own_list_with_the_effect_it_has(as_firm, session: Session, city) -> None:
    match = session.get(Match, city.match_id)
    match.hide(MONDAY, until=date(2026, 12, 8))
    session.flush()
    assert city.scenario.title not in page_of(as_firm, "/recommended")
    assert city.scenario.title not in page_of(as_firm, "/home")

    page = page_of(as_firm, "/recommended?band=dismissed")

    assert "收起到" in page and "先不看的 1 个" in page and "放回推荐" in page
    assert "没有一个说的是方向不合" in page
    match.unhide()
    match.dismiss(MONDAY, reason=DismissReason.NOT_MY_FIELD)
    session.flush()
    page = page_of(as_firm, "/recommended?band=dismissed")
    assert "其中 1 个说的是方向不合" in page and "内置权重" in page


def test_a_card_tells_the_route_of_the_money_and_too_few_answers_as_such(
    as_firm, session: Session, city, now
) -> None:
    fits = make_condition("scenario_kind_in", kinds=["government"])
    session.add(make_rule(fits, title="政务场景资助", cap_fen=500_000_000, valid_from_on=now.date()))
    other = make_scenario(session, organisation_id=city.agency.key)
    make_match(session, scenario_id=other.key, interested_at=now, invited_at=now, introduced_at=now)

    page = page_of(as_firm, "/recommended")

    assert "政务场景资助" in page and "不是承诺" in page
    assert "答复太少" in page and "满 3 次才算" in page


def test_applications_say_whose_turn_it_is(as_firm, session: Session, city) -> None:
    as_firm.post(f"/matches/{city.match_id}/interest", data={"note": "接现有记录仪", "start": "合同后 2 周"})

    assert "等需求方答复意向" in page_of(as_firm, "/applications")


def test_a_pair_whose_capability_was_taken_down_still_has_a_page(as_agency, session: Session, city) -> None:
    firm = make_firm(session)
    match = make_match(session, scenario_id=city.scenario.key, organisation_id=firm.key)
    capability = make_capability(session, organisation_id=firm.key, unlisted_at=MONDAY)
    make_score(session, match, capability_id=capability.key, reasons=[REASON])

    assert "能力已下架" in page_of(as_agency, f"/matches/{match.key}")


def test_a_pair_of_an_unpublished_scenario_is_not_shown_to_the_firm(as_firm, session: Session, city) -> None:
    draft = make_scenario(session, number=None, published_at=None)
    match = make_match(session, scenario_id=draft.key, organisation_id=city.firm.key)

    page_of(as_firm, f"/matches/{match.key}", 404)


def test_other_organisations_ids_answer_404(
    session: Session, city, log_in: Callable[[User], FlaskClient]
) -> None:
    stranger = make_organisation(session)
    foreign_agency = log_in(make_user(session, roles=(Role.AGENCY,), organisation_id=stranger.key))
    foreign_firm = log_in(make_user(session, roles=(Role.STARTUP,), organisation_id=make_firm(session).key))

    page_of(foreign_agency, f"/my/scenarios/{city.scenario.key}/candidates", 404)
    page_of(foreign_agency, f"/matches/{city.match_id}", 404)
    page_of(foreign_agency, f"/matches/{city.match_id}/row", 404)
    page_of(foreign_firm, f"/matches/{city.match_id}", 404)


def test_person_without_organisation_is_told_so(
    session: Session, log_in: Callable[[User], FlaskClient]
) -> None:
    client = log_in(make_user(session, roles=(Role.AGENCY,)))

    assert "还没有所属机构" in page_of(client, "/my/scenarios", 403)


def test_introduced_pair_leads_the_agency_to_the_pilot_form(as_agency, session: Session, city) -> None:
    match = make_introduced_match(session, scenario_id=city.scenario.key)
    make_score(session, match, reasons=[REASON], gaps=[GAP], coverage=COVERAGE)

    assert f"/matches/{match.key}/pilot" in page_of(as_agency, f"/matches/{match.key}")


def add_partner(session: Session, city) -> int:
    """A firm that takes part 2 of the city's scenario in a proposed team, with the city's firm; its pair's id."""
    other = make_firm(session, name="问策小馆")
    scenario = make_scenario(
        session, organisation_id=city.agency.key, requirements=("识别井盖病害", "整套部署在政务云")
    )
    make_team(session, scenario, {city.firm.key: (1,), other.key: (2,)})
    match = find_match(session, scenario.key, city.firm.key)
    partner = find_match(session, scenario.key, other.key)
    assert match is not None and partner is not None
    [score] = scores_of_match(session, match.key)
    score.coverage, score.gaps = COVERAGE, [GAP]
    session.flush()
    return match.key


def test_the_partner_who_has_the_part_is_named_to_both_and_linked_for_the_agency(
    as_agency, as_firm, session: Session, city
) -> None:
    match_id = add_partner(session, city)
    partner = session.exec(select(Match).join(Organisation).where(col(Organisation.name) == "问策小馆")).one()

    agency, firm = (page_of(client, f"/matches/{match_id}") for client in (as_agency, as_firm))

    assert "问策小馆能做这一条，已在联合体建议里" in agency
    assert f'href="/matches/{partner.key}"' in agency
    assert "问策小馆能做这一条，和你在同一份联合体建议里" in firm
    assert f'href="/matches/{partner.key}"' not in firm


def test_the_list_of_candidates_names_the_partner_too(as_agency, session: Session, city) -> None:
    match_id = add_partner(session, city)
    scenario_id = session.get_one(Match, match_id).scenario_id

    page = page_of(as_agency, f"/my/scenarios/{scenario_id}/candidates?open={match_id}")

    assert "问策小馆能做这一条，已在联合体建议里" in page
