import re
from datetime import date
from itertools import product
from pathlib import Path
from string import Formatter

import pytest

import models.funding
from models.funding import assess
from models.funding_facts import Claim, FundingFacts, Spend
from models.funding_rule_file import RULES_FILE, read_rules
from models.funding_wording import (
    MISSING,
    PLACES,
    REASONS,
    WORDS,
    word_amount,
    word_clause,
    word_missing,
    word_money,
)
from tests.funding_examples import UNKNOWN_FACTS, WAN, make_facts

SOURCE = "".join(
    path.read_text(encoding="utf-8") for path in Path(models.funding.__file__).parent.glob("funding*.py")
)


def test_every_reason_a_check_can_give_has_words_and_no_words_are_idle() -> None:
    given = set(re.findall(r'\b(?:met|unmet|unknown)\(\s*"(\w+)"', SOURCE)) | {
        "issued_by_owner",
        "evidence_present",
    }
    judged = set(re.findall(r'\bjudge\((?:[^"]|\n)*?"(\w+)"', SOURCE))
    expected = given | {f"{reason}_{end}" for reason in judged for end in ("fits", "fails")}

    assert expected == set(REASONS)


def test_everything_that_can_be_missing_has_words_and_a_place() -> None:
    missing = set(re.findall(r'missing="(\w+)"', SOURCE))
    places = set(re.findall(r'where="(\w+)"', SOURCE))

    assert missing <= {*MISSING, *WORDS}
    assert places <= set(PLACES)


@pytest.mark.parametrize("reason", REASONS)
def test_both_languages_use_the_same_values(reason: str) -> None:
    chinese, english = (
        {name for _, name, _, _ in Formatter().parse(text) if name} for text in REASONS[reason]
    )

    assert chinese == english


SITUATIONS = [
    (make_facts(), date(2026, 11, 23)),
    (make_facts(team_size=1, publisher_kind="enterprise", applicant_city="广州"), date(2027, 1, 1)),
    (make_facts(evidence=(), spend_fen={"compute": Spend(1, is_complete=False)}), date(2026, 5, 20)),
    (make_facts(claims=(Claim(1, "other", "shenzhen_ai_application", 2026, 5),)), date(2026, 11, 23)),
    (UNKNOWN_FACTS, date(2026, 11, 23)),
]


@pytest.mark.parametrize(("situation", "locale"), list(product(SITUATIONS, ["zh", "en"])))
def test_every_clause_of_the_shipped_rules_reads_as_a_sentence(
    situation: tuple[FundingFacts, date], locale: str
) -> None:
    facts, on = situation
    assessments = [assess(facts, row.make_rule(), on) for row in read_rules(RULES_FILE)]
    clauses = [clause for assessment in assessments for clause in assessment.clauses]
    missing = [item for assessment in assessments for item in assessment.missing]

    sentences = [word_clause(clause.reason, clause.values, locale) for clause in clauses]
    sentences += [word_missing(item.code, item.where_to_get, locale) for item in missing]

    assert [text for text in sentences if re.search(r"[{}_]|None", text)] == []
    assert {text[-1] for text in sentences} == {"。" if locale == "zh" else "."}


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("zh", "团队1人，要求至少2人，要先找到伙伴。"),
        ("zh_Hans_CN", "团队1人，要求至少2人，要先找到伙伴。"),
        ("en", "Team of 1; at least 2 asked. Find a partner first."),
        ("en-GB", "Team of 1; at least 2 asked. Find a partner first."),
    ],
)
def test_a_clause_reads_in_the_readers_language(locale: str, text: str) -> None:
    assert word_clause("team_size_fails", {"team_size": 1, "minimum": 2}, locale) == text


def test_days_sums_and_codes_are_worded() -> None:
    values = {"purpose": "model", "spend_fen": 32 * WAN + 50, "minimum_fen": 50 * WAN}

    assert word_clause("spend_so_far", values, "zh") == "已有凭证的模型支出320,000.50元，要求至少50万元。"
    assert word_clause("in_use", {"go_live_on": "2026-11-16"}, "zh") == "2026年11月16日起投入使用。"
    assert word_clause("in_use", {"go_live_on": "2026-11-16"}, "en") == "In use since 16 Nov 2026."


def test_a_document_of_a_kind_nobody_worded_is_shown_as_it_is() -> None:
    assert word_clause("evidence_missing", {"document": "drone_licence"}, "zh") == "还没有drone_licence。"
    assert word_missing("drone_licence", "applicant", "en") == "Drone_licence: the firm provides it."


def test_a_reason_without_words_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        word_clause("astrology", {}, "zh")


def test_what_is_missing_says_where_to_get_it() -> None:
    assert word_missing("use_report", "scenario_owner", "zh") == "用户使用报告：找场景方。"
    assert word_missing("use_report", "scenario_owner", "en") == "User's report: ask the scenario's owner."


@pytest.mark.parametrize(
    ("least", "most", "chinese", "english"),
    [
        (100 * WAN, 500 * WAN, "100万元至500万元", "CNY 1,000,000 to CNY 5,000,000"),
        (0, 200 * WAN, "最高200万元", "Up to CNY 2,000,000"),
        (300 * WAN, 300 * WAN, "300万元", "CNY 3,000,000"),
        (0, 0, "今年额度已用完。", "Nothing is left this year."),
        (None, None, "暂时估不出金额。", "No sum can be estimated."),
    ],
)
def test_an_amount_is_worded_as_a_range(
    least: int | None, most: int | None, chinese: str, english: str
) -> None:
    assert (word_amount(least, most, "zh"), word_amount(least, most, "en")) == (chinese, english)


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0元"), (1, "0.01元"), (999_900, "9,999元"), (12_345 * WAN, "12,345万元")]
)
def test_money_is_never_rounded(fen: int, text: str) -> None:
    assert word_money(fen, "zh") == text
