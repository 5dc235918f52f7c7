import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.documents import DocumentKind, text_document
from matcher.word_background import WordBackground, WordField
from matcher.word_strengths import word_strengths

WORDS = ["井盖", "破损", "视频", "消防", "通道", "材料", "核对", "跌倒", "河道", "热线"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("，".join)


def offer(text):
    return text_document(text, kind=DocumentKind.CAPABILITY)


def need(text):
    return text_document(text, kind=DocumentKind.SCENARIO)


def field(frozen, *, gone=(), fresh=None):
    kept = frozenset(set(frozen) - set(gone) - set(fresh or {}))
    return WordField(WordBackground.fit(frozen), kept, fresh or {})


FROZEN = {
    1: offer("车载视频识别井盖破损"),
    2: offer("消防通道视频监看"),
    3: offer("材料核对"),
    4: offer("井盖"),
}
NEED = need("视频里找井盖破损")


def test_strengths_are_deviations_over_the_offers_of_the_rebuild():
    background = WordBackground.fit(FROZEN)
    ids, scores = background.frozen.scores(NEED.keyword_text, lang="zh")

    expected = dict(zip(ids.tolist(), word_strengths(scores, 4).tolist(), strict=True))
    assert field(FROZEN).strengths(NEED) == expected
    assert set(expected) == {1, 2, 4}


@given(
    st.dictionaries(st.integers(1, 9), texts, min_size=2), st.dictionaries(st.integers(10, 19), texts), texts
)
def test_what_is_listed_later_changes_nobody_elses_strength(old, new, asked):
    frozen = {id_: offer(text) for id_, text in old.items()}
    fresh = {id_: offer(text) for id_, text in new.items()}

    before, after = field(frozen).strengths(need(asked)), field(frozen, fresh=fresh).strengths(need(asked))

    assert {id_: after[id_] for id_ in before} == before
    assert set(after) - set(before) <= set(fresh)


@given(st.dictionaries(st.integers(1, 9), texts, min_size=2), texts, texts)
def test_a_text_has_the_same_strength_stored_fresh_or_pasted(old, copied, asked):
    frozen = {**{id_: offer(text) for id_, text in old.items()}, 50: offer(copied)}
    everything = field(frozen, fresh={99: offer(copied)})
    strengths = everything.strengths(need(asked))

    assert strengths.get(99, 0.0) == strengths.get(50, 0.0)
    assert everything.strength_of(need(asked), offer(copied)) == strengths.get(50, 0.0)


def test_a_changed_offer_counts_as_it_is_now():
    strengths = field(FROZEN, fresh={4: offer("台风前加固行道树")}).strengths(NEED)

    assert 4 not in strengths


def test_an_offer_that_left_is_not_in_the_answer():
    assert set(field(FROZEN, gone=[1]).strengths(NEED)) == {2, 4}


def test_there_is_no_word_evidence_across_languages():
    english = need("Find broken manhole covers in video of GB28181 cameras")
    mixed = {**FROZEN, 5: offer("车载视频接GB28181摄像头找井盖")}

    assert field(mixed).strengths(english) == {}
    assert field(mixed).strength_of(english, mixed[5]) == 0.0


def test_a_language_without_offers_at_the_rebuild_has_no_standard():
    english = offer("Broken manhole covers from video")

    assert (
        field(FROZEN, fresh={9: english}).strengths(need("Manhole covers broken in videos of streets")) == {}
    )


def test_without_offers_nothing_is_found():
    assert field({}).strengths(NEED) == {}
    assert field({}).strength_of(NEED, offer("井盖")) == 0.0


def test_a_stored_background_measures_as_before():
    background = WordBackground.fit(FROZEN)
    arrays = {name: np.array(array) for name, array in background.to_arrays().items()}

    restored = WordField(WordBackground.from_arrays(arrays), frozenset(FROZEN), {})

    assert restored.strengths(NEED) == field(FROZEN).strengths(NEED)
    assert restored.strengths(NEED)[1] == pytest.approx(max(restored.strengths(NEED).values()))
