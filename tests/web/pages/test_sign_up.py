from __future__ import annotations

import re

import pytest
from sqlmodel import Session, select

from models.login import LoginAttempt
from models.organisation import Organisation, OrganisationStatus, find_by_credit_code
from models.outbox import MailKind, OutboxMail
from models.user import User, find_user
from tests.factories import make_community, make_district, make_firm, make_user

CODE = "914403001922038216"


@pytest.fixture
def typed(session: Session) -> dict[str, str]:
    community = make_community(session, name="湾区一号社区")
    return {
        "name": "甲视觉", "kind": "startup", "credit_code": CODE, "district_id": str(community.district_id),
        "community_id": str(community.key), "contact_name": "李工", "email": "li@firm.example",
    }  # fmt: skip


def test_the_form_names_places_and_kinds(client, typed) -> None:
    page = client.get("/sign-up").get_data(as_text=True)

    assert "湾区一号社区" in page and "高校院所" in page
    assert 'href="/sign-up"' in client.get("/login").get_data(as_text=True)


def test_a_request_is_kept_as_pending(client, typed, session: Session) -> None:
    answer = client.post("/sign-up", data={**typed, "approved_at": "2026-01-01"})

    home = find_by_credit_code(session, CODE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-up/received")
    assert home is not None and home.status is OrganisationStatus.PENDING
    assert str(home.community_id) == typed["community_id"]


def test_what_is_wrong_is_said_beside_the_field_in_both_languages(client, typed, session: Session) -> None:
    wrong = {**typed, "credit_code": "91440300192203821X", "email": "li"}

    zh = client.post("/sign-up", data=wrong)
    en = client.post("/sign-up?lang=en", data=wrong).get_data(as_text=True)

    page = zh.get_data(as_text=True)
    assert zh.status_code == 422
    assert "校验位对不上" in page and "联系人邮箱：要写一个邮箱" in page and 'value="甲视觉"' in page
    assert "check sign" in en and not re.search(r"校验|邮箱：", en)
    assert session.exec(select(Organisation)).all() == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("district_id", "999999", "请从列表中选一项"),
        ("district_id", "99999999999999999999", "请从列表中选一项"),
        ("community_id", "999999", "请从列表中选一项"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(client, typed, field, value, sentence) -> None:
    answer = client.post("/sign-up", data={**typed, field: value})

    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_community_lies_in_the_chosen_district(client, typed, session: Session) -> None:
    answer = client.post("/sign-up", data={**typed, "district_id": str(make_district(session).key)})

    assert answer.status_code == 422
    assert "不在所选的区" in answer.get_data(as_text=True)


def test_strangers_are_told_the_same_whether_or_not_address_or_code_are_known(
    client, typed, session: Session
) -> None:
    make_user(session, email="known@firm.example")
    make_user(session, organisation_id=make_firm(session, credit_code="9144030071526726XG").key)
    sent = [
        typed,
        {**typed, "email": "known@firm.example"},
        {**typed, "email": "new@firm.example", "credit_code": "9144030071526726XG"},
    ]

    answers = [client.post("/sign-up", data=data) for data in sent]

    assert (
        len({(answer.status_code, answer.headers["Location"], answer.get_data()) for answer in answers}) == 1
    )
    assert find_user(session, "new@firm.example") is None
    known = select(OutboxMail).where(OutboxMail.kind == MailKind.SIGN_UP_KNOWN)
    assert len(session.exec(known).all()) == 2
    assert "不显示" in client.get("/sign-up/received").get_data(as_text=True)


def test_the_sixth_request_in_an_hour_is_refused_in_whatever_process(client, typed, session: Session) -> None:
    for _ in range(5):
        client.post("/sign-up", data=typed)
    n_people = len(session.exec(select(User)).all())

    answer = client.post("/sign-up", data={**typed, "email": "another@firm.example"})

    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 3600
    assert len(session.exec(select(User)).all()) == n_people
    assert len(session.exec(select(LoginAttempt)).all()) == 5
