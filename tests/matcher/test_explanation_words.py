import re
from pathlib import Path
from string import Formatter

import pytest

import matcher.explanation
from matcher.asked_facts import FILINGS
from matcher.explanation import STEP_OF_FIELD
from matcher.explanation_words import (
    CODE_WORDS,
    CROSS_LANGUAGE,
    FIRM_SENTENCES,
    FIRM_STEPS,
    SENTENCES,
    STEPS,
    WHERE_TO_FILE,
)
from models.i18n import LOCALES
from models.scenario import DEPLOYMENTS

TABLES = {
    "sentences": SENTENCES,
    "firm_sentences": FIRM_SENTENCES,
    "steps": STEPS,
    "firm_steps": FIRM_STEPS,
    "codes": CODE_WORDS,
    "where_to_file": WHERE_TO_FILE,
    "cross_language": CROSS_LANGUAGE,
}
PHRASES = [(name, code) for name, table in TABLES.items() for code in table]


def placeholders(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def sources():
    folder = Path(matcher.explanation.__file__).parent
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))


@pytest.mark.parametrize(("table", "code"), PHRASES)
def test_every_phrase_is_there_in_both_languages(table, code):
    assert TABLES[table][code].keys() == set(LOCALES)


@pytest.mark.parametrize(("table", "code"), [phrase for phrase in PHRASES if phrase[0] != "cross_language"])
def test_both_languages_need_the_same_values(table, code):
    phrase = TABLES[table][code]

    assert placeholders(phrase["zh"]) == placeholders(phrase["en"])


@pytest.mark.parametrize("code", FIRM_SENTENCES)
def test_the_firms_sentence_needs_no_other_values(code):
    assert placeholders(FIRM_SENTENCES[code]["zh"]) == placeholders(SENTENCES[code]["zh"])


def test_every_step_is_worded_for_both_sides():
    assert FIRM_STEPS.keys() == STEPS.keys()


def test_every_code_in_the_source_has_a_sentence():
    used = set(re.findall(r'\b(?:Reason|Gate)\(\s*"(\w+)"', sources()))

    assert used
    assert used <= SENTENCES.keys()


def test_every_sentence_is_used_somewhere():
    text = sources()

    # Kept for rows stored before a requirement for filings became a question instead of a refusal.
    assert {code for code in SENTENCES if text.count(f'"{code}"') < 2} <= {"filing_unmet"}


def test_every_step_of_a_field_has_its_words():
    assert set(STEP_OF_FIELD) <= SENTENCES.keys()
    assert set(STEP_OF_FIELD.values()) <= STEPS.keys()


def test_every_place_and_filing_has_a_name_and_every_filing_an_office():
    filings = {code for code, _ in FILINGS}

    assert {*DEPLOYMENTS, *filings} <= CODE_WORDS.keys()
    assert filings == WHERE_TO_FILE.keys()


@pytest.mark.parametrize(("table", "code"), PHRASES)
def test_words_are_plain(table, code):
    phrase = TABLES[table][code]

    assert not any(mark in text for text in phrase.values() for mark in "！!<>%")
    assert "系统判断" not in phrase["zh"]
