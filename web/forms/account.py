"""Logging in, setting a password, choosing language and theme."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from models.i18n import N_
from models.password import MAX_LENGTH, MIN_LENGTH
from models.subscription import Frequency
from web.forms.parsing import Form, filled, sentence

PasswordText = Annotated[str, filled(MAX_LENGTH)]


class LoginForm(Form):
    """Address and password."""

    email: Annotated[str, filled(254)]
    password: PasswordText


class PasswordForm(Form):
    """A new password, twice."""

    password: PasswordText
    again: PasswordText

    @field_validator("password")
    @classmethod
    def long_enough(cls, value: str) -> str:
        """Length is the only rule: rules about signs make passwords worse."""
        if len(value) < MIN_LENGTH:
            raise sentence(N_("密码至少 10 个字符。"))
        return value

    @field_validator("again")
    @classmethod
    def typed_alike(cls, value: str, info: ValidationInfo) -> str:
        """The second time as the first."""
        if value != info.data.get("password", value):
            raise sentence(N_("两次输入的密码不一样。"))
        return value


class SettingsForm(Form):
    """Language of pages and mails, and the look."""

    locale: Literal["zh", "en"]
    theme: Literal["light", "dark", "auto"]


class SubscriptionForm(Form):
    """How often at most a digest comes."""

    frequency: Frequency
