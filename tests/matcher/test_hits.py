"""What a search answers with."""

from matcher.hits import Hit


def test_a_hit_is_an_id_and_a_score():
    hit = Hit(id=3, score=0.5)

    assert (hit.id, hit.score) == (3, 0.5)
    assert hit == (3, 0.5)
