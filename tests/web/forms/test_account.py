from __future__ import annotations

import pytest

from models.errors import InvalidInput
from web.forms.account import (
    ForgottenForm,
    GrantForm,
    InviteForm,
    LoginForm,
    PasswordForm,
    ReasonForm,
    SettingsForm,
    SignUpForm,
    SubscriptionForm,
)
from web.forms.parsing import parse


def test_a_log_in_needs_both_fields() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(LoginForm, {"email": "", "password": ""})

    assert set(caught.value.fields) == {"email", "password"}


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [("short", "short", "password"), ("long enough 1", "long enough 2", "again")],
)
def test_a_new_password_is_long_and_typed_alike(password: str, again: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(PasswordForm, {"password": password, "again": again})

    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize("sent", [{"locale": "fr", "theme": "dark"}, {"locale": "en", "theme": "blue"}, {}])
def test_settings_are_from_their_lists(sent: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        parse(SettingsForm, sent)


def test_a_frequency_is_one_of_three() -> None:
    assert parse(SubscriptionForm, {"frequency": "weekly"}).frequency == "weekly"


SIGN_UP = {
    "name": " 甲视觉\n科技 ", "kind": "startup", "credit_code": "９１４４０３００ 1922038216", "district_id": "1",
    "community_id": "", "contact_name": "李工", "email": "Li@Firm.example",
}  # fmt: skip


def test_a_request_is_put_into_its_normal_form() -> None:
    form = parse(SignUpForm, SIGN_UP)

    assert form.credit_code == "914403001922038216"
    assert (form.name, form.email, form.community_id) == ("甲视觉 科技", "li@firm.example", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "长" * 201), ("kind", "boss"), ("credit_code", "91"), ("district_id", ""),
        ("district_id", "x"), ("community_id", "x"), ("contact_name", ""), ("email", "li"), ("email", ""),
    ],
)  # fmt: skip
def test_each_wrong_field_of_a_request_is_named(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(SignUpForm, {**SIGN_UP, "credit_code": "914403001922038216", field: value})

    assert set(caught.value.fields) == {field}


def test_what_a_request_does_not_name_is_ignored() -> None:
    sent = {**SIGN_UP, "credit_code": "914403001922038216", "approved_at": "2026-01-01", "role": "admin"}

    assert set(parse(SignUpForm, sent).model_dump()) == set(SIGN_UP)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
def test_a_reason_is_given_and_not_too_long(reason: str) -> None:
    with pytest.raises(InvalidInput):
        parse(ReasonForm, {"reason": reason})


def test_a_colleague_has_a_name_and_an_address() -> None:
    form = parse(InviteForm, {"email": "Wang@Example.org", "name": " 王\n工 "})

    assert (form.email, form.name) == ("wang@example.org", "王 工")
    with pytest.raises(InvalidInput) as caught:
        parse(InviteForm, {"email": "wang", "name": ""})
    assert set(caught.value.fields) == {"email", "name"}


@pytest.mark.parametrize("sent", [{"role": "boss"}, {}, {"role": "admin", "district_id": "x"}])
def test_a_role_is_one_of_the_list(sent: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        parse(GrantForm, sent)


def test_a_role_without_a_district_is_for_the_city() -> None:
    assert parse(GrantForm, {"role": "operator", "district_id": ""}).district_id is None


def test_a_forgotten_password_needs_an_address() -> None:
    assert parse(ForgottenForm, {"email": " Li@Example.org "}).email == "li@example.org"
    with pytest.raises(InvalidInput):
        parse(ForgottenForm, {"email": "li"})
