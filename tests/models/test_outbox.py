import itertools
import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.db import transaction
from models.errors import InvalidInput
from models.outbox import (
    STATE_COLUMNS,
    MailKind,
    MailStatus,
    OutboxMail,
    clean_address,
    enqueue,
    find_mail,
    in_state,
    suppress_address,
)
from tests.factories import MONDAY, save
from tests.jobs.rows import make_mail, make_mail_in_doubt

LATER = MONDAY + timedelta(hours=1)


def ask(session: Session, **values: object) -> OutboxMail:
    defaults: dict[str, object] = {
        "kind": MailKind.INVITATION,
        "recipient": "firm@example.org",
        "locale": "zh",
        "subject_ref": "match:1",
        "context": {"title": "甲"},
        "now": MONDAY,
    }
    return enqueue(session, **{**defaults, **values})  # type: ignore[arg-type]


def test_a_new_mail_is_queued(session: Session) -> None:
    mail = ask(session)

    assert (mail.status, mail.created_at, mail.period) == (MailStatus.QUEUED, MONDAY, "once")


def test_asking_twice_gives_the_first_row_unchanged(session: Session) -> None:
    first = ask(session, context={"title": "甲"})

    second = ask(session, context={"title": "乙"}, recipient="Firm@Example.org ")

    assert second is first
    assert second.context == {"title": "甲"}


@pytest.mark.parametrize(
    "other",
    [
        {"kind": MailKind.INTEREST},
        {"recipient": "b@example.org"},
        {"subject_ref": "match:2"},
        {"period": "2026-W48"},
    ],
)
def test_each_part_of_the_key_makes_another_mail(session: Session, other: dict[str, object]) -> None:
    first = ask(session)

    second = ask(session, **other)

    assert second.id != first.id


def test_the_database_refuses_a_second_row_with_the_same_key(session: Session) -> None:
    first = make_mail(session)
    twin = OutboxMail(**first.model_dump(exclude={"id", "uuid"}))

    with pytest.raises(IntegrityError, match="outbox_mail"):
        save(session, twin)


def test_two_processes_asking_at_once_make_one_mail(empty_engine: Engine) -> None:
    ready = threading.Barrier(2)
    ids: list[int] = []

    def asking() -> None:
        ready.wait()
        with transaction(empty_engine) as session:
            ids.append(ask(session).key)

    threads = [threading.Thread(target=asking) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_mail_dies_with_the_decision_that_asked_for_it(empty_engine: Engine) -> None:
    with Session(empty_engine) as session:
        ask(session)
        session.rollback()

    with Session(empty_engine) as session:
        assert session.exec(select(OutboxMail)).all() == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c",
        "a b@example.org",
        "a@example.org,b@example.org",
        "a@example.org\r\nBcc: x@y.z",
        "名@example.org",
        "<a@example.org>",
        "a@",
        "@example.org",
        "a@-x.org",
        "a..b@example.org",
        "a@x..org",
        "=?utf-8?q?a?=@example.org",
        "x" * 65 + "@example.org",
        "a@" + "x" * 250 + ".org",
        "a@example.org\x00",
    ],
)
def test_what_is_not_one_plain_address_is_refused(session: Session, address: str) -> None:
    with pytest.raises(InvalidInput, match="邮箱"):
        ask(session, recipient=address)


@pytest.mark.parametrize(
    ("address", "cleaned"),
    [
        (" Name@Example.org ", "name@example.org"),
        ("a+b@x.cn", "a+b@x.cn"),
        ("name@例子.中国", "name@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_an_address_is_kept_as_mail_travels(address: str, cleaned: str) -> None:
    assert clean_address(address) == cleaned


@given(st.text(max_size=60), st.sampled_from(["@example.org", "@", "", "@x\r\n.org"]))
def test_an_accepted_address_never_holds_what_could_break_a_header(local: str, rest: str) -> None:
    try:
        address = clean_address(local + rest)
    except InvalidInput:
        return

    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' <>,;:"\\()[]?')


def test_a_mail_to_a_dead_address_is_written_down_as_suppressed(session: Session) -> None:
    suppress_address(session, make_mail(session, recipient="gone@example.org"), reason="550 5.1.1")

    mail = ask(session, recipient="Gone@example.org")

    assert (mail.status, mail.reason) == (MailStatus.SUPPRESSED, "address_suppressed")


def test_every_combination_of_timestamps_gives_one_state_in_python_and_in_sql(session: Session) -> None:
    ends = {"sent_at", "failed_at", "suppressed_at"}
    columns = [column for column, _ in STATE_COLUMNS]
    combinations = [
        chosen
        for n in range(len(columns) + 1)
        for chosen in itertools.combinations(columns, n)
        if len(ends & set(chosen)) <= 1
    ]
    mails = [make_mail(session, **dict.fromkeys(chosen, MONDAY), claim_token=1) for chosen in combinations]

    expected = {mail.id: mail.status for mail in mails}
    by_sql = {
        mail_id: status
        for status in MailStatus
        for mail_id in session.exec(select(OutboxMail.id).where(in_state(status)))
    }

    assert by_sql == expected
    assert set(expected.values()) == set(MailStatus)


ENDS = ("sent_at", "failed_at", "suppressed_at")


@pytest.mark.parametrize("two", list(itertools.combinations(ENDS, 2)))
def test_the_database_refuses_two_ends(session: Session, two: tuple[str, str]) -> None:
    with pytest.raises(IntegrityError, match="one_end"):
        make_mail(session, **dict.fromkeys(two, MONDAY))


def test_the_database_refuses_doubt_without_a_claim(session: Session) -> None:
    with pytest.raises(IntegrityError, match="doubt_needs_claim"):
        make_mail(session, in_doubt_at=MONDAY)


def test_find_mail_knows_the_key_in_any_case(session: Session) -> None:
    mail = ask(session)

    found = find_mail(session, kind=MailKind.INVITATION, recipient="FIRM@example.org", subject_ref="match:1")

    assert found is mail


def test_suppressing_an_address_twice_keeps_one_row(session: Session) -> None:
    first = make_mail(session, recipient="gone@example.org")
    second = make_mail(session, recipient="gone@example.org")

    suppress_address(session, first, reason="550 5.1.1")
    suppress_address(session, second, reason="550 5.1.10")

    assert ask(session, recipient="gone@example.org").status is MailStatus.SUPPRESSED


def test_moments_come_back_aware(session: Session) -> None:
    mail, token = make_mail_in_doubt(session)
    mail.mark_sent(LATER, token=token, relay_ref="")
    session.expire(mail)

    found = session.exec(select(OutboxMail).where(col(OutboxMail.id) == mail.id)).one()

    assert isinstance(found.sent_at, datetime)
    assert found.sent_at == LATER
