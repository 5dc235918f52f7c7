"""The second factor (两步验证): six digits from a person's own device (TOTP, RFC 6238), or a recovery code, each once.

The secret is in no table: it is derived from a random number of its row and the installation's key (see
models/secret_key.py), and shown only while it is being set up. Recovery codes are kept as hashes and do not depend on
that key, so that they still work where the key was changed.
"""

import hmac
import secrets
import unicodedata
from base64 import b32encode
from collections.abc import Collection
from datetime import datetime, timedelta

import pyotp
import sqlalchemy as sa
from sqlmodel import Field, Session, col, func, select, update

from models.account_notice import Change, tell_of_change
from models.audit import record
from models.base import Table, moment
from models.errors import InvalidInput, InvalidTransition
from models.i18n import N_
from models.login import end_sessions, hash_token
from models.secret_key import derive
from models.user import Role, User

NEEDS_SECOND_FACTOR = (Role.FUNDING_OFFICER, Role.OPERATOR, Role.ADMIN)
"""Roles that touch money or administration."""

STEP_SECONDS = 30
STEPS_OFF = 1
"""Clocks of phones drift, and people type slowly: the code before and the one after are taken too (RFC 6238, 5.2)."""
SECRET_BYTES = 20
"""As long as the hash behind the codes (RFC 4226, 4)."""
SETUP_FOR = timedelta(hours=1)
"""A key that was shown and never confirmed is forgotten."""
N_RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits: whoever reads the hashes cannot try them all."""
ISSUER = "Duijie"

WRONG_CODE = N_("验证码不对，或已经用过。等下一个再试；手机的时间要准。")


class SecondFactor(Table, table=True):
    """One device of one person. Waits until its first code is typed; ended, not deleted. One waits, one works."""

    __tablename__ = "second_factor"
    __table_args__ = (
        sa.Index(
            "uq_second_factor_waiting",
            "user_id",
            unique=True,
            sqlite_where=sa.text("confirmed_at IS NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NULL AND ended_at IS NULL"),
        ),
        sa.Index(
            "uq_second_factor_working",
            "user_id",
            unique=True,
            sqlite_where=sa.text("confirmed_at IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NOT NULL AND ended_at IS NULL"),
        ),
    )

    user_id: int = Field(foreign_key="user.id", index=True)
    nonce: str = Field(max_length=43, description="From it and the installation's key the secret is made.")
    last_step: int | None = Field(
        default=None, description="Time step of the last code taken; later ones only."
    )
    confirmed_at: datetime | None = moment(description="When its first code was typed.")
    ended_at: datetime | None = moment()


class RecoveryCode(Table, table=True):
    """One of the codes for a day without the device. Good once, while its device is the one that works."""

    __tablename__ = "recovery_code"

    second_factor_id: int = Field(foreign_key="second_factor.id", index=True)
    code_hash: str = Field(unique=True, max_length=64)
    used_at: datetime | None = moment()


def must_have_second_factor(person: User) -> bool:
    """Whether one of the person's roles asks for a second factor, where the installation insists."""
    return any(person.has_role(role) for role in NEEDS_SECOND_FACTOR)


def find_second_factor(session: Session, user_id: int) -> SecondFactor | None:
    """The device that works, or None."""
    return session.exec(
        select(SecondFactor).where(
            col(SecondFactor.user_id) == user_id,
            col(SecondFactor.confirmed_at).is_not(None),
            col(SecondFactor.ended_at).is_(None),
        )
    ).first()


def holders(session: Session, user_ids: Collection[int]) -> set[int]:
    """Which of these people have a device that works."""
    statement = select(SecondFactor.user_id).where(
        col(SecondFactor.user_id).in_(user_ids),
        col(SecondFactor.confirmed_at).is_not(None),
        col(SecondFactor.ended_at).is_(None),
    )
    return set(session.exec(statement))


def find_waiting(session: Session, user_id: int, *, now: datetime) -> SecondFactor | None:
    """The device that is being set up, or None."""
    return session.exec(
        select(SecondFactor).where(
            col(SecondFactor.user_id) == user_id,
            col(SecondFactor.confirmed_at).is_(None),
            col(SecondFactor.ended_at).is_(None),
            col(SecondFactor.created_at) > now - SETUP_FOR,
        )
    ).first()


def begin(session: Session, person: User, *, now: datetime) -> SecondFactor:
    """Make a device to be set up, with a secret of its own; one that waited is forgotten."""
    _end_waiting(session, person, now)
    row = SecondFactor(user_id=person.key, nonce=secrets.token_urlsafe(32), created_at=now)
    record(session, actor=person, action="second_factor.begun", subject=row)
    return row


def shown_secret(row: SecondFactor, key: str) -> str:
    """The secret as people type it into a device: base32, without padding."""
    return b32encode(derive(key, "second factor", row.nonce)[:SECRET_BYTES]).decode()


def device_address(row: SecondFactor, person: User, key: str) -> str:
    """The otpauth:// address that devices read from a QR code."""
    return pyotp.TOTP(shown_secret(row, key)).provisioning_uri(name=person.email, issuer_name=ISSUER)


def confirm(session: Session, person: User, typed: str, *, key: str, now: datetime) -> list[str]:
    """Let the device that waits work, in the place of an earlier one; the recovery codes, to be shown once.

    Every log-in of the person ends. InvalidInput for a wrong code, InvalidTransition where nothing waits.
    """
    row = find_waiting(session, person.key, now=now)
    if row is None:
        raise InvalidTransition(N_("没有正在设置的验证器，请重新开始。"))
    step = _fitting_step(row, typed, key, now)
    if step is None:
        raise InvalidInput(WRONG_CODE, fields={"code": WRONG_CODE})
    earlier = find_second_factor(session, person.key)
    if earlier is not None:
        earlier.ended_at = now
        session.flush()
    row.confirmed_at, row.last_step = now, step
    record(session, actor=person, action="second_factor.confirmed", subject=person)
    tell_of_change(session, person, Change.FACTOR_ON if earlier is None else Change.FACTOR_RENEWED, now=now)
    end_sessions(session, person.key, now=now)
    return _make_codes(session, row, now)


def take_code(session: Session, person: User, typed: str, *, key: str, now: datetime) -> bool:
    """Whether a code of the device or a recovery code fits; either is used up by it. False without a device."""
    row = find_second_factor(session, person.key)
    if row is None:
        return False
    step = _fitting_step(row, typed, key, now)
    return (
        _take_step(session, row, step)
        if step is not None
        else _take_recovery(session, row, person, typed, now)
    )


def _fitting_step(row: SecondFactor, typed: str, key: str, now: datetime) -> int | None:
    """The time step whose code was typed, a later one than the last taken; None where none fits."""
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    device = pyotp.TOTP(shown_secret(row, key))
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
        is_new = row.last_step is None or step > row.last_step
        if hmac.compare_digest(device.generate_otp(step).encode(), code.encode()) and is_new:
            return step
    return None


def _take_step(session: Session, row: SecondFactor, step: int) -> bool:
    """Of two requests with the same code one wins, on either database."""
    later = sa.or_(col(SecondFactor.last_step).is_(None), col(SecondFactor.last_step) < step)
    statement = update(SecondFactor).where(
        col(SecondFactor.id) == row.key, col(SecondFactor.ended_at).is_(None), later
    )
    taken: bool = session.execute(statement.values(last_step=step)).rowcount == 1  # type: ignore[attr-defined]
    return taken


def _take_recovery(session: Session, row: SecondFactor, person: User, typed: str, now: datetime) -> bool:
    statement = update(RecoveryCode).where(
        col(RecoveryCode.second_factor_id) == row.key,
        col(RecoveryCode.code_hash) == hash_token(_plain(typed)),
        col(RecoveryCode.used_at).is_(None),
    )
    if session.execute(statement.values(used_at=now)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    record(session, actor=person, action="second_factor.recovery_used", subject=person)
    tell_of_change(session, person, Change.RECOVERY_USED, now=now)
    return True


def renew_codes(session: Session, person: User, *, now: datetime) -> list[str]:
    """Ten new recovery codes, to be shown once; the earlier ones stop working. InvalidTransition without a device."""
    row = find_second_factor(session, person.key)
    if row is None:
        raise InvalidTransition(N_("还没有启用两步验证。"))
    unused = update(RecoveryCode).where(
        col(RecoveryCode.second_factor_id) == row.key, col(RecoveryCode.used_at).is_(None)
    )
    session.execute(unused.values(used_at=now))
    record(session, actor=person, action="second_factor.codes_renewed", subject=person)
    tell_of_change(session, person, Change.CODES_RENEWED, now=now)
    return _make_codes(session, row, now)


def _make_codes(session: Session, row: SecondFactor, now: datetime) -> list[str]:
    codes = [_one_code() for _ in range(N_RECOVERY_CODES)]
    for code in codes:
        session.add(
            RecoveryCode(second_factor_id=row.key, code_hash=hash_token(_plain(code)), created_at=now)
        )
    session.flush()
    return codes


def _one_code() -> str:
    """Sixteen signs that no eye takes for each other, in groups of four."""
    text = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _plain(typed: str) -> str:
    """A recovery code as it is hashed, however it was typed."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).lower() if sign.isalnum())


def n_unused_codes(session: Session, row: SecondFactor) -> int:
    """How many recovery codes are left."""
    statement = select(func.count()).where(
        col(RecoveryCode.second_factor_id) == row.key, col(RecoveryCode.used_at).is_(None)
    )
    return session.exec(statement).one()


def remove(session: Session, person: User, *, now: datetime) -> None:
    """A person goes without from now on; every log-in ends. InvalidTransition without a device."""
    _end(session, person, now=now)
    record(session, actor=person, action="second_factor.removed", subject=person)
    tell_of_change(session, person, Change.FACTOR_OFF, now=now)


def reset(session: Session, person: User, *, by: User | None, now: datetime) -> None:
    """Take the device of somebody who lost it; every log-in ends. by: None for the command line.

    InvalidTransition for one's own, or where there is none.
    """
    if by is not None and by.key == person.key:
        raise InvalidTransition(N_("不能重置自己的两步验证，请另一位管理员来做。"))
    _end(session, person, now=now)
    record(session, actor=by, action="second_factor.reset", subject=person)
    tell_of_change(session, person, Change.FACTOR_RESET, now=now)


def _end(session: Session, person: User, *, now: datetime) -> None:
    row = find_second_factor(session, person.key)
    if row is None:
        raise InvalidTransition(N_("还没有启用两步验证。"))
    row.ended_at = now
    _end_waiting(session, person, now)
    end_sessions(session, person.key, now=now)


def _end_waiting(session: Session, person: User, now: datetime) -> None:
    statement = update(SecondFactor).where(
        col(SecondFactor.user_id) == person.key,
        col(SecondFactor.confirmed_at).is_(None),
        col(SecondFactor.ended_at).is_(None),
    )
    session.execute(statement.values(ended_at=now))
