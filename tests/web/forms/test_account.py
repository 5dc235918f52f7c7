from __future__ import annotations

import pytest

from models.errors import InvalidInput
from web.forms.account import LoginForm, PasswordForm, SettingsForm, SubscriptionForm
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
