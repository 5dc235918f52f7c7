from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from models.match import Band
from models.rotation import ExposurePolicy
from tests.factories import MONDAY, make_capability, make_firm, make_match, make_scenario, make_score
from tests.surveys import make_survey


def page_of(client: FlaskClient, address: str = "/exposure") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def part(page: str, anchor: str) -> str:
    return page.split(f'id="{anchor}"')[1].split("</section>")[0]


def shown(session: Session, scenario_id: int, firm_id: int, score: float, band: Band = Band.STRONG) -> None:
    match = make_match(session, scenario_id=scenario_id, organisation_id=firm_id)
    make_score(session, match, score=score, band=band, reasons=[])


@pytest.fixture
def crowd(session: Session, city):
    """A larger firm in three scenarios of the agency, a one-person firm beside it in the last, one never shown."""
    big = make_firm(session, name="处处都在科技", team_size=40)
    small = make_firm(session, name="一人一店")
    never = make_firm(session, name="从不露面")
    make_capability(session, organisation_id=never.key)
    scenarios = [make_scenario(session, organisation_id=city.agency.key) for _ in range(3)]
    for scenario in scenarios:
        shown(session, scenario.key, big.key, 0.80)
    shown(session, scenarios[-1].key, small.key, 0.79)
    return scenarios[-1]


def test_the_measures_are_shown_with_the_firms_behind_them(
    as_organizer, session: Session, crowd, tmp_path
) -> None:
    make_survey(session, tmp_path)

    page = page_of(as_organizer)

    assert "1 家企业一次也没有排进任何场景的前列" in page
    assert "从不露面" in part(page, "never-head")
    assert "处处都在科技" in part(page, "most")
    assert "3 个场景" in part(page, "most")
    assert "处处都在科技" in part(page, "policy-head")
    assert "未开" in part(page, "policy-head")
    # The five impressions are 3, 1, 1, 0: Gini (0·-3 + 1·-1 + 1·1 + 3·3) / (4·5).
    assert "0.45" in page
    assert "style=" not in page
    assert page.count('role="img"') == 4


def test_english_readers_get_english(as_organizer, session: Session, crowd, tmp_path) -> None:
    make_survey(session, tmp_path, policy=ExposurePolicy.ROTATE)

    page = page_of(as_organizer, "/exposure?lang=en")

    assert "1 firm is never among the first" in page
    assert "One-person company" in part(page, "size")
    assert "gives way, within strong or possible" in part(page, "policy-head")


def test_without_an_impression_there_is_no_curve(
    as_organizer, session: Session, city, tmp_path: Path
) -> None:
    city.scenario.close(MONDAY)
    make_survey(session, tmp_path)

    page = page_of(as_organizer)

    assert "还没有企业被列出，画不出曲线。" in page
    assert "每家企业都至少列出过一次" not in page


def candidates(client: FlaskClient, scenario_id: int) -> str:
    return client.get(f"/my/scenarios/{scenario_id}/candidates").get_data(as_text=True)


def test_what_counts_as_shown_is_what_the_agencys_page_shows(
    as_agency, session: Session, city, crowd, tmp_path: Path
) -> None:
    poor = make_scenario(session, organisation_id=city.agency.key)
    for n in range(5):
        shown(session, poor.key, make_firm(session, name=f"弱{n}号").key, n / 10, Band.WEAK)
    exposure = make_survey(session, tmp_path).exposure

    listed = sum(
        candidates(as_agency, row.key).count('<article class="candidate')
        for row in (crowd, poor, city.scenario)
    )

    # The other two scenarios show the large firm only.
    assert exposure["n_impressions"] == listed + 2


def test_rotation_is_seen_and_said_on_the_agencys_page_and_only_while_it_is_on(
    as_agency, session: Session, crowd, tmp_path: Path
) -> None:
    make_survey(session, tmp_path)
    plain = candidates(as_agency, crowd.key)
    make_survey(session, tmp_path, policy=ExposurePolicy.ROTATE)
    rotated = candidates(as_agency, crowd.key)

    assert plain.index("处处都在科技") < plain.index("一人一店")
    assert "同档内轮换" not in plain
    assert rotated.index("一人一店") < rotated.index("处处都在科技")
    assert rotated.count("同档内轮换") == 2


def test_a_row_that_is_opened_still_says_why_it_stands_there(
    as_agency, session: Session, crowd, tmp_path: Path
) -> None:
    make_survey(session, tmp_path, policy=ExposurePolicy.ROTATE)
    page = candidates(as_agency, crowd.key)
    match_id = page.split('id="match-')[1].split('"')[0]

    row = as_agency.get(f"/matches/{match_id}/row?open=1&rank=1").get_data(as_text=True)

    assert "同档内轮换" in row


def test_a_long_list_of_firms_never_shown_is_folded(as_organizer, session: Session, crowd, tmp_path) -> None:
    for number in range(30):
        make_capability(session, organisation_id=make_firm(session, name=f"还没露面{number:02}").key)
    make_survey(session, tmp_path)

    never = part(page_of(as_organizer), "never-head")

    assert never.count("<li>") == 31
    assert "还有 7 家" in never.split("<details")[1]


def test_shares_and_firms_are_given_as_files(as_organizer, session: Session, crowd, tmp_path: Path) -> None:
    make_survey(session, tmp_path)

    shares = as_organizer.get("/exposure?as=csv").get_data(as_text=True).splitlines()
    firms = as_organizer.get("/exposure/firms.csv").get_data(as_text=True)

    assert shares[0].lstrip("\ufeff") == "归类,企业类别,企业,曝光,占企业（%）,占曝光（%）"
    assert any(line.startswith("按人数,一人公司,") for line in shares)
    assert "一次也没有列出,从不露面,0" in firms and "列出最多,处处都在科技,3" in firms
    for address in ("/exposure?as=xlsx", "/exposure/firms.xlsx"):
        assert as_organizer.get(address).data[:2] == b"PK"
    assert as_organizer.get("/exposure/firms.pdf").status_code == 404


def test_without_a_survey_there_is_no_file_and_agencies_get_none(as_organizer, as_agency) -> None:
    assert as_organizer.get("/exposure/firms.csv").status_code == 404
    assert as_agency.get("/exposure/firms.csv").status_code == 403
