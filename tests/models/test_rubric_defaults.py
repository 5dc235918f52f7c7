"""The proposed criteria are whole in every language, and say the same things by the same weights."""

import pytest

from models.rubric import FULL_WEIGHT, MAX_ANCHOR, MAX_NAME, SCORES
from models.rubric_defaults import DEFAULTS


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_weights_are_whole_and_every_score_has_its_text(lang: str) -> None:
    criteria = DEFAULTS[lang]

    assert sum(weight for _, weight, _ in criteria) == FULL_WEIGHT
    assert len({name for name, _, _ in criteria}) == len(criteria)
    for name, _, anchors in criteria:
        assert 0 < len(name) <= MAX_NAME
        assert len(set(anchors)) == len(SCORES)
        assert all(0 < len(anchor) <= MAX_ANCHOR for anchor in anchors)


def test_both_languages_weigh_alike() -> None:
    assert [weight for _, weight, _ in DEFAULTS["zh"]] == [weight for _, weight, _ in DEFAULTS["en"]]
