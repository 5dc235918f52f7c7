import pytest

from matcher.meeting_instance import Slot
from matcher.meeting_words import CAUSES, CHANGES, CONTRADICTIONS, reason_words, slot_words


def timed(number: int, start: int) -> Slot:
    return Slot.model_construct(id=number, session="any", start=start, end=start + 20, closed_tables=[])


def test_neighbouring_slots_are_one_span() -> None:
    slots = [timed(3, 640), timed(1, 600), timed(2, 620), timed(9, 800)]

    assert slot_words(slots, "zh") == "10:00–11:00、13:20–13:40"


@pytest.mark.parametrize(("locale", "words"), [("zh", "时段 1–2、时段 4"), ("en", "in slots 1–2, in slot 4")])
def test_slots_without_times_are_told_by_number(locale: str, words: str) -> None:
    assert slot_words([Slot(id=number) for number in (1, 2, 4)], locale) == words


def test_cause_and_change_are_one_line() -> None:
    cause = {"code": "limit_reached", "who": "李工", "n": 6}
    change = {"code": "raise_limit", "who": "李工", "n": 7, "when": "10:00–10:20"}

    assert (
        reason_words(cause, change, "zh")
        == "李工最多 6 场，已经排满；把李工的上限改为 7 场就能排在 10:00–10:20"
    )
    assert reason_words(cause, {}, "en") == "李工 has the most meetings allowed, 6"


@pytest.mark.parametrize("sentences", [CAUSES, CHANGES, CONTRADICTIONS])
def test_every_code_has_a_sentence_in_both_languages(sentences: dict[str, dict[str, str]]) -> None:
    assert all(set(by_locale) == {"zh", "en"} for by_locale in sentences.values())
