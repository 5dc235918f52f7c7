from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.audit import subject_events
from models.db import transaction
from models.errors import InvalidInput, InvalidTransition
from models.login import find_session, start_session
from models.outbox import MailKind, OutboxMail
from models.second_factor import (
    N_RECOVERY_CODES,
    NEEDS_SECOND_FACTOR,
    RecoveryCode,
    SecondFactor,
    begin,
    confirm,
    device_address,
    find_second_factor,
    find_waiting,
    holders,
    must_have_second_factor,
    n_unused_codes,
    remove,
    renew_codes,
    reset,
    shown_secret,
    take_code,
)
from models.user import Role, find_user
from tests.factories import code_of, make_second_factor, make_user, save

KEY = "k" * 32


def changes(session: Session) -> list[str]:
    mails = session.exec(select(OutboxMail).where(col(OutboxMail.kind) == MailKind.ACCOUNT_CHANGED))
    return [mail.context["change"] for mail in mails]


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(moment: int, code: str) -> None:
    device = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    assert device.at(datetime.fromtimestamp(moment, UTC)) == code


def test_the_secret_is_long_enough_its_own_and_not_in_the_row(session: Session, now: datetime) -> None:
    person = make_user(session, email="zhou@example.org")
    row = begin(session, person, now=now)
    secret = shown_secret(row, KEY)

    assert len(secret) == 32 and secret != shown_secret(row, "another key")
    assert secret != shown_secret(begin(session, person, now=now), KEY)
    assert secret not in str(row.model_dump())
    assert device_address(row, person, KEY).startswith("otpauth://totp/Duijie:zhou%40example.org?secret=")


def test_a_device_works_from_its_first_code_on(session: Session, now: datetime) -> None:
    person = make_user(session)
    token = start_session(session, person, now=now, hours=12)
    row = begin(session, person, now=now)
    before = find_second_factor(session, person.key)

    codes = confirm(session, person, code_of(row, KEY, now), key=KEY, now=now)

    assert before is None and find_second_factor(session, person.key) is row
    assert len(set(codes)) == N_RECOVERY_CODES == n_unused_codes(session, row)
    assert find_session(session, token, now=now) is None
    assert changes(session) == ["factor_on"]
    assert [event.action for event in subject_events(session, "user", person.key)] == [
        "second_factor.confirmed"
    ]


@pytest.mark.parametrize("typed", ["", "000000", "abcdef", "12345", "１２３４５６", "\x00", "9" * 500])
def test_a_wrong_first_code_is_said_at_the_field(session: Session, now: datetime, typed: str) -> None:
    person = make_user(session)
    row = begin(session, person, now=now)
    assert code_of(row, KEY, now) not in ("000000", "123456"), "or this test needs other codes"

    with pytest.raises(InvalidInput) as caught:
        confirm(session, person, typed, key=KEY, now=now)

    assert list(caught.value.fields) == ["code"] and find_second_factor(session, person.key) is None


def test_what_was_shown_and_not_confirmed_is_forgotten(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = begin(session, person, now=now)
    later = now + timedelta(hours=1)

    assert find_waiting(session, person.key, now=now) is row
    assert find_waiting(session, person.key, now=later) is None
    with pytest.raises(InvalidTransition):
        confirm(session, person, code_of(row, KEY, later), key=KEY, now=later)


def test_a_code_is_taken_once_and_no_earlier_one_after_it(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = make_second_factor(session, person)
    before, present, after = (code_of(row, KEY, now + timedelta(seconds=s)) for s in (-30, 0, 30))

    taken = [
        take_code(session, person, typed, key=KEY, now=now) for typed in (present, present, before, after)
    ]

    assert taken == [True, False, False, True]


@pytest.mark.parametrize("kind", ["device", "recovery"])
def test_of_four_requests_with_one_code_one_wins(empty_engine: Engine, now: datetime, kind: str) -> None:
    with transaction(empty_engine) as session:
        person = make_user(session, email="he@city.example")
        row = make_second_factor(session, person)
        code = code_of(row, KEY, now) if kind == "device" else renew_codes(session, person, now=now)[0]
    start = threading.Barrier(4)

    def send(_n: int) -> bool:
        start.wait(timeout=30)
        with transaction(empty_engine) as session:
            found = find_user(session, "he@city.example")
            assert found is not None
            return take_code(session, found, code, key=KEY, now=now)

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(send, range(4)))

    assert sorted(taken) == [False, False, False, True]


def test_codes_of_a_minute_ago_or_of_another_person_are_not_taken(session: Session, now: datetime) -> None:
    person, other = make_user(session), make_user(session)
    row = make_second_factor(session, person)
    theirs = make_second_factor(session, other)

    for typed in (
        code_of(row, KEY, now - timedelta(seconds=60)),
        code_of(row, KEY, now + timedelta(seconds=60)),
    ):
        assert not take_code(session, person, typed, key=KEY, now=now)
    assert not take_code(session, person, code_of(theirs, KEY, now), key=KEY, now=now)
    assert not take_code(session, make_user(session), code_of(row, KEY, now), key=KEY, now=now)


def test_digits_may_be_typed_wide_or_in_groups(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = make_second_factor(session, person)
    code = code_of(row, KEY, now)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert take_code(session, person, f" {wide[:3]} {wide[3:]}", key=KEY, now=now)


def test_a_recovery_code_is_taken_once_and_its_owner_is_told(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = make_second_factor(session, person)
    codes = renew_codes(session, person, now=now)

    first = take_code(session, person, codes[0].upper().replace("-", " "), key="a new key", now=now)
    second = take_code(session, person, codes[0], key=KEY, now=now)

    assert (first, second, n_unused_codes(session, row)) == (True, False, N_RECOVERY_CODES - 1)
    assert changes(session) == ["codes_renewed", "recovery_used"]
    kept = session.exec(select(RecoveryCode.code_hash)).all()
    assert all(len(code) == 19 and code not in kept for code in codes)


def test_new_recovery_codes_end_the_earlier_ones(session: Session, now: datetime) -> None:
    person = make_user(session)
    make_second_factor(session, person)
    earlier, later = renew_codes(session, person, now=now), renew_codes(session, person, now=now)

    assert not take_code(session, person, earlier[0], key=KEY, now=now)
    assert take_code(session, person, later[0], key=KEY, now=now)


def test_a_new_device_takes_the_place_of_the_old_one_with_its_codes(session: Session, now: datetime) -> None:
    person = make_user(session)
    old = make_second_factor(session, person)
    codes = renew_codes(session, person, now=now)
    new = begin(session, person, now=now)
    still = take_code(session, person, code_of(old, KEY, now), key=KEY, now=now)

    confirm(session, person, code_of(new, KEY, now), key=KEY, now=now)

    later = now + timedelta(seconds=30)
    assert still and old.ended_at == now and changes(session)[-1] == "factor_renewed"
    assert not take_code(session, person, code_of(old, KEY, later), key=KEY, now=later)
    assert not take_code(session, person, codes[0], key=KEY, now=later)
    assert take_code(session, person, code_of(new, KEY, later), key=KEY, now=later)


def test_removing_ends_it_and_every_log_in(session: Session, now: datetime) -> None:
    person = make_user(session)
    row = make_second_factor(session, person)
    token = start_session(session, person, now=now, hours=12)

    remove(session, person, now=now)

    assert find_second_factor(session, person.key) is None and find_session(session, token, now=now) is None
    assert not take_code(session, person, code_of(row, KEY, now), key=KEY, now=now)
    assert changes(session) == ["factor_off"]
    with pytest.raises(InvalidTransition):
        remove(session, person, now=now)
    with pytest.raises(InvalidTransition):
        renew_codes(session, person, now=now)


def test_somebody_else_resets_and_nobody_oneself(session: Session, now: datetime) -> None:
    admin, person = make_user(session, roles=(Role.ADMIN,)), make_user(session)
    for each in (admin, person):
        make_second_factor(session, each)

    reset(session, person, by=admin, now=now)

    with pytest.raises(InvalidTransition, match="自己"):
        reset(session, admin, by=admin, now=now)
    assert find_second_factor(session, person.key) is None
    assert find_second_factor(session, admin.key) is not None
    (event,) = subject_events(session, "user", person.key)
    assert (event.action, event.actor_user_id) == ("second_factor.reset", admin.key)
    assert changes(session) == ["factor_reset"]


def test_holders_are_those_with_a_device_that_works(session: Session, now: datetime) -> None:
    with_one, without, ended, other = (make_user(session) for _ in range(4))
    begin(session, without, now=now)
    make_second_factor(session, with_one)
    make_second_factor(session, ended, ended_at=now)
    make_second_factor(session, other)

    assert holders(session, [row.key for row in (with_one, without, ended)]) == {with_one.key}


@pytest.mark.parametrize("role", list(Role))
def test_money_and_administration_need_it(session: Session, role: Role) -> None:
    assert must_have_second_factor(make_user(session, roles=(role,))) == (role in NEEDS_SECOND_FACTOR)
    assert set(NEEDS_SECOND_FACTOR) == {Role.ADMIN, Role.OPERATOR, Role.FUNDING_OFFICER}


@pytest.mark.parametrize("confirmed", [False, True])
def test_the_database_keeps_one_of_each_kind(session: Session, now: datetime, confirmed: bool) -> None:
    person = make_user(session)
    moments = {"confirmed_at": now} if confirmed else {}
    save(session, SecondFactor(user_id=person.key, nonce="a", **moments))

    with pytest.raises(IntegrityError):
        save(session, SecondFactor(user_id=person.key, nonce="b", **moments))
