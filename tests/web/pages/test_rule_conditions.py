from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.funding_rule_change import RuleChange
from models.user import Role
from tests.factories import save
from tests.funding_examples import make_condition, make_rule
from web.forms.rule_conditions import CHECKS

BASE = {"text_zh": "条件", "text_en": "Condition", "source": "第二条", "source_grade": "B"}


@pytest.fixture
def writer(city, log_in) -> FlaskClient:
    return log_in(city.users[Role.FUNDING_OFFICER])


@pytest.fixture
def address(session: Session, writer: FlaskClient) -> str:
    """A change of a rule with two conditions."""
    first, last = make_condition("pilot_in_use", code="in_use"), make_condition("window_open", code="window")
    save(session, make_rule(first, last, rate_bp=3000, spend_purpose="model", cap_fen=100))
    return writer.post("/rules/test_grant/1/change").headers["Location"] + "/condition"


def terms(session: Session) -> dict:
    session.expire_all()
    return session.exec(select(RuleChange)).one().terms


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_every_kind_of_condition_has_a_form_in_both_languages(writer, address: str, kind: str) -> None:
    assert 'name="text_zh"' in page_of(writer, f"{address}?kind={kind}")
    assert "New condition" in page_of(writer, f"{address}?kind={kind}&lang=en")


def test_a_condition_keeps_its_place_and_its_parameters_are_typed(session, writer, address: str) -> None:
    sent = {**BASE, "revision": "1", "kind": "team_size_min", "was": "in_use", "code": "team", "people": "2"}

    assert writer.post(address, data=sent).status_code == 303

    items = terms(session)["conditions"]
    assert [item["code"] for item in items] == ["team", "window"]
    assert (items[0]["params"], items[0]["source_grade"], items[0]["unverified"]) == (
        {"people": 2},
        "B",
        False,
    )
    assert 'value="2"' in page_of(writer, f"{address}?code=team")


def test_several_choices_and_sums_are_read(session, writer, address: str) -> None:
    kinds = {
        **BASE,
        "revision": "1",
        "kind": "applicant_kind",
        "code": "who",
        "kinds": ["startup", "university"],
    }
    spend = {
        **BASE, "revision": "2", "kind": "spend_min_fen", "code": "spend", "purpose": "model",
        "minimum_fen": "50", "unverified": "true",
    }  # fmt: skip

    assert [writer.post(address, data=sent).status_code for sent in (kinds, spend)] == [303, 303]

    params = {item["code"]: item["params"] for item in terms(session)["conditions"]}
    assert params["who"] == {"kinds": ["startup", "university"]}
    assert params["spend"] == {"purpose": "model", "minimum_fen": 50_000_000}
    page = page_of(writer, f"{address}?code=who")
    assert page.count(" checked") == 2


def test_a_share_makes_it_an_alternative_rate(session, writer, address: str) -> None:
    sent = {
        **BASE,
        "revision": "1",
        "kind": "applicant_age_max_days",
        "code": "young",
        "days": "364",
        "rate_bp": "60",
    }

    assert writer.post(address, data=sent).status_code == 303

    (rate,) = terms(session)["alternative_rates"]
    assert (rate["rate_bp"], rate["condition"]["params"]) == (6000, {"days": 364})
    assert 'value="60"' in page_of(writer, f"{address}?code=young")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "team_size_min", "people": "0"}, "people"),
        ({"kind": "team_size_min", "people": "many"}, "people"),
        ({"kind": "applicant_kind", "kinds": "dragon"}, "kinds"),
        ({"kind": "spend_min_fen", "purpose": "model", "minimum_fen": "0"}, "minimum_fen"),
        ({"kind": "basis_in_force", "document": "某文件", "until_on": "soon"}, "until_on"),
        ({"kind": "pilot_in_use", "code": "Not A Code"}, "code"),
        ({"kind": "pilot_in_use", "text_zh": ""}, "text_zh"),
        ({"kind": "pilot_in_use", "code": "window"}, ""),
    ],
)
def test_what_makes_no_sense_comes_back_with_a_sentence(
    session, writer, address: str, sent: dict[str, str], field: str
) -> None:
    before = terms(session)

    answer = writer.post(address, data={**BASE, "revision": "1", "code": "fresh", **sent})

    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert (f'href="#field-{field}"' in page) if field else "同一个代号" in page
    assert terms(session) == before


def test_a_condition_is_removed_and_others_stay(session, writer, address: str) -> None:
    assert writer.post(f"{address}/remove", data={"code": "in_use", "revision": "1"}).status_code == 303

    assert [item["code"] for item in terms(session)["conditions"]] == ["window"]
    assert writer.post(f"{address}/remove", data={"code": "in_use", "revision": "2"}).status_code == 404


def test_kinds_and_codes_that_are_not_there_are_404(writer, address: str) -> None:
    page_of(writer, f"{address}?kind=horoscope", 404)
    page_of(writer, f"{address}?code=absent", 404)
    assert writer.post(address, data={**BASE, "kind": "horoscope"}).status_code == 404
