from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from models.capability import Maturity
from models.user import Role
from tests.factories import make_capability


@pytest.fixture
def operator(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.OPERATOR])


def lines(client: FlaskClient) -> dict[str, list[str]]:
    rows = client.get("/taxonomies?as=csv").get_data(as_text=True).splitlines()[1:]
    return {f"{cells[0]} {cells[1]}": cells for cells in (row.split(",") for row in rows)}


def test_taxonomies_are_for_operators(client, as_agency) -> None:
    assert client.get("/taxonomies").status_code == 303
    assert as_agency.get("/taxonomies").status_code == 403


def test_every_code_is_told_with_its_words_and_what_uses_it(operator, session, city) -> None:
    make_capability(
        session,
        organisation_id=city.firm.key,
        deployment=["edge", "edge"],
        filings=["mlps_3"],
        maturity=Maturity.COMMERCIAL,
    )
    found = lines(operator)

    assert found["部署方式 edge"][2:6] == ["端侧", "Edge device", "0", "1"]
    assert found["部署方式 gov_cloud"][4] == "1"
    assert found["备案与登记 mlps_3"][4:6] == ["", "1"]
    assert found["成熟度 commercial"][5] == "1"
    page = operator.get("/taxonomies").text
    assert "政务外网" in page and "等级保护三级" in page
    assert "deployment=gov_cloud" in page


def test_a_code_of_an_import_that_no_list_holds_stands_out(operator, session, city) -> None:
    make_capability(session, organisation_id=city.firm.key, deployment=["moon_base"])

    page = operator.get("/taxonomies").text

    assert "moon_base" in page and "词表里没有" in page and "1 个代码是导入带来的" in page


def test_english_readers_get_english(operator) -> None:
    page = operator.get("/taxonomies?lang=en").text

    assert "Government cloud" in page and "Read as it in texts" in page
