"""Signing up, logging in, setting a password, choosing language and theme, and what is decided about accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from models.credit_code import checked_credit_code
from models.errors import InvalidInput
from models.i18n import N_
from models.invitation import checked_address
from models.organisation import OrganisationKind
from models.password import MAX_LENGTH, MIN_LENGTH
from models.subscription import Frequency
from models.user import Role
from web.forms.parsing import Form, OptionalInt, filled, sentence

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


def _mailable(value: str) -> str:
    try:
        return checked_address(value) if value else ""
    except InvalidInput as err:
        raise sentence(N_("要写一个邮箱，例如 zhang@example.cn。")) from err


class SignUpForm(Form):
    """An organisation and its first person."""

    name: Annotated[str, filled(200)]
    kind: OrganisationKind
    credit_code: str
    district_id: int
    community_id: OptionalInt = None
    contact_name: Annotated[str, filled(120)]
    email: Annotated[str, filled(254)]

    @field_validator("name", "contact_name")
    @classmethod
    def one_line(cls, value: str) -> str:
        """Names are lines."""
        return " ".join(value.split())

    @field_validator("credit_code")
    @classmethod
    def code_is_one(cls, value: str) -> str:
        """The code in its normal form, or what is wrong with it."""
        try:
            return checked_credit_code(value)
        except InvalidInput as err:
            raise sentence(err.message) from err

    @field_validator("email")
    @classmethod
    def address_is_one(cls, value: str) -> str:
        """An address we can mail."""
        return _mailable(value)


class ReasonForm(Form):
    """Why something is refused; it is mailed."""

    reason: Annotated[str, filled(500)]


class InviteForm(Form):
    """A colleague to be invited."""

    email: Annotated[str, filled(254)]
    name: Annotated[str, filled(120)]

    @field_validator("email")
    @classmethod
    def address_is_one(cls, value: str) -> str:
        """An address we can mail."""
        return _mailable(value)

    @field_validator("name")
    @classmethod
    def one_line(cls, value: str) -> str:
        """A name is a line."""
        return " ".join(value.split())


class GrantForm(Form):
    """A role, for the whole city or one district."""

    role: Role
    district_id: OptionalInt = None


class ForgottenForm(Form):
    """The address of whoever forgot a password."""

    email: Annotated[str, filled(254)]

    @field_validator("email")
    @classmethod
    def address_is_one(cls, value: str) -> str:
        """An address we can mail."""
        return _mailable(value)


class CodeForm(Form):
    """A code of the second factor, or a recovery code."""

    code: Annotated[str, filled(40)]


class FactorForm(Form):
    """What is to become of the second factor, by whoever knows the password and has the device."""

    act: Literal["renew", "codes", "remove"]
    password: PasswordText
    code: Annotated[str, filled(40)]


class EraseForm(Form):
    """The wish to be forgotten, from whoever knows the password."""

    password: PasswordText
    sure: Literal["yes"]
