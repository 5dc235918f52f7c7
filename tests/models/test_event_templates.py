"""Templates are events that could be held: whoever changes nothing has no error to mend."""

import pytest

from models.event_templates import NAMES, TEMPLATES, TemplateName
from models.timetable import check_halls, check_periods, slots_of

SAME = {name: name for name in NAMES}


@pytest.mark.parametrize("name", list(TemplateName))
def test_a_template_is_a_day_that_can_be(name: TemplateName) -> None:
    template = TEMPLATES[name]

    check_halls(template.made_halls(SAME))
    check_periods(template.made_periods(SAME))

    assert 0 <= template.rules.min_meetings <= template.rules.max_meetings
    assert template.rules.max_meetings <= len(slots_of(template.made_periods(SAME)))


def test_what_the_words_of_a_template_promise_is_so() -> None:
    half, full = (TEMPLATES[name] for name in TemplateName)

    assert sum(hall.n_tables for hall in half.made_halls(SAME)) == 12
    assert [slot.period.minutes for slot in slots_of(half.made_periods(SAME))] == [20] * 8
    assert sum(hall.n_tables for hall in full.made_halls(SAME)) == 20
    assert {slot.period.minutes for slot in slots_of(full.made_periods(SAME))} == {20, 30}
