from __future__ import annotations

from datetime import date

from sqlmodel import Session

from tests.factories import make_pilot_in_use
from tests.web.pages.test_funding import record_of
from web.presenters.funding import present_line, present_lines, present_record

TODAY = date(2026, 11, 23)


def test_a_line_counts_its_clauses_by_verdict(session: Session) -> None:
    line = present_line(record_of(session, make_pilot_in_use(session)), "zh")

    assert dict(line.tally) == {"met": 2, "unknown": 2}
    assert line.verdict == "unknown"


def test_clauses_are_numbered_and_worded_in_the_readers_language(session: Session) -> None:
    record = record_of(session, make_pilot_in_use(session))

    zh, en = (present_record(record, locale, today=TODAY).clauses[0] for locale in ("zh", "en"))

    assert (zh.number, zh.asks) == (1, "政策在有效期内")
    assert en.asks == "The rule is in force"


def test_what_is_missing_is_said_once_with_the_clauses_that_wait(session: Session) -> None:
    record = record_of(session, make_pilot_in_use(session))

    missing = present_record(record, "zh", today=TODAY).missing

    assert sorted(number for _, numbers in missing for number in numbers) == [3, 4]
    assert len({words for words, _ in missing}) == len(missing)


def test_tiers_come_highest_first(session: Session) -> None:
    record = record_of(session, make_pilot_in_use(session))

    assert present_record(record, "zh", today=TODAY).tiers == [500_000_000, 300_000_000, 100_000_000]


def test_a_lapsed_rule_is_said_to_have_lapsed(session: Session) -> None:
    record = record_of(session, make_pilot_in_use(session))

    assert present_record(record, "zh", today=date(2027, 1, 1)).status_words == "已到期"


def test_what_is_not_ruled_out_comes_first(session: Session) -> None:
    possible = record_of(session, make_pilot_in_use(session), programme="a")
    ruled_out = record_of(
        session, make_pilot_in_use(session, stopped_at=None), programme="b", valid_until_on=date(2026, 1, 31)
    )

    assert [line.id for line in present_lines([ruled_out, possible], "zh")] == [possible.key, ruled_out.key]
