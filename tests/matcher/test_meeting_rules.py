from matcher.linear_program import Limits
from matcher.meeting_instance import make_instance
from matcher.meeting_rules import find_contradictions
from tests.matcher.small_events import make_event


def test_required_meetings_that_exclude_each_other_are_named_with_why() -> None:
    instance = make_instance(
        make_event(
            slots=[{"id": 1, "session": "any"}],
            meetings=[
                {"id": "ab", "participants": ["a", "b"], "required": True},
                {"id": "ac", "participants": ["a", "c"], "required": True},
            ],
        )
    )

    (found,) = find_contradictions(instance, Limits(), "zh")

    assert found.code == "required_left_out"
    assert "必须举行的会面" in found.words("zh")
    assert "能来的 1 个时段都已有会面" in found.words("zh")


def test_a_least_number_that_cannot_be_is_named_with_what_could() -> None:
    people = [{"id": "a", "min_meetings": 3}, {"id": "b"}, {"id": "c"}]

    (found,) = find_contradictions(make_instance(make_event(participants=people)), Limits(), "zh")

    assert found.words("zh") == "a至少要 3 场，最多只能排 2 场"
    assert found.words("en") == "a must have at least 3 meetings and can have 2"


def test_rules_that_agree_name_nothing() -> None:
    assert find_contradictions(make_instance(make_event()), Limits(), "zh") == []
