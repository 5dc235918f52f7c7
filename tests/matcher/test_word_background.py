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
    kept = np.array(sorted(set(frozen) - set(gone) - set(fresh or {})), np.int64)
    return WordField(WordBackground.fit(frozen), kept, hashed(fresh or {}), fresh or {})


def hashed(documents):
    return frozenset((id_, document.content_hash) for id_, document in documents.items())


def strengths(words, asked=None):
    found = words.strengths(asked or NEED)
    return dict(zip(found.ids.tolist(), found.values.tolist(), strict=True))


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
    assert strengths(field(FROZEN)) == expected
    assert set(expected) == {1, 2, 4}


@given(
    st.dictionaries(st.integers(1, 9), texts, min_size=2), st.dictionaries(st.integers(10, 19), texts), texts
)
def test_what_is_listed_later_changes_nobody_elses_strength(old, new, asked):
    frozen = {id_: offer(text) for id_, text in old.items()}
    fresh = {id_: offer(text) for id_, text in new.items()}

    before = strengths(field(frozen), need(asked))
    after = strengths(field(frozen, fresh=fresh), need(asked))

    assert {id_: after[id_] for id_ in before} == before
    assert set(after) - set(before) <= set(fresh)


@given(st.dictionaries(st.integers(1, 9), texts, min_size=2), texts, texts)
def test_a_text_has_the_same_strength_stored_fresh_or_pasted(old, copied, asked):
    frozen = {**{id_: offer(text) for id_, text in old.items()}, 50: offer(copied)}
    everything = field(frozen, fresh={99: offer(copied)})
    found = everything.strengths(need(asked))

    assert found.of(99) == found.of(50)
    assert everything.strength_of(need(asked), offer(copied)) == found.of(50)


def test_a_changed_offer_counts_as_it_is_now():
    assert 4 not in strengths(field(FROZEN, fresh={4: offer("台风前加固行道树")}))


def test_an_offer_that_left_is_not_in_the_answer():
    assert set(strengths(field(FROZEN, gone=[1]))) == {2, 4}


def test_there_is_no_word_evidence_across_languages():
    english = need("Find broken manhole covers in video of GB28181 cameras")
    mixed = {**FROZEN, 5: offer("车载视频接GB28181摄像头找井盖")}

    assert strengths(field(mixed), english) == {}
    assert field(mixed).strength_of(english, mixed[5]) == 0.0


def test_a_language_without_offers_at_the_rebuild_has_no_standard():
    english = offer("Broken manhole covers from video")

    asked = need("Manhole covers broken in videos of streets")

    assert strengths(field(FROZEN, fresh={9: english}), asked) == {}


def test_without_offers_nothing_is_found():
    assert strengths(field({})) == {}
    assert field({}).strength_of(NEED, offer("井盖")) == 0.0


def test_a_stored_background_measures_as_before():
    background = WordBackground.fit(FROZEN)
    arrays = {name: np.array(array) for name, array in background.to_arrays().items()}

    restored = WordField(WordBackground.from_arrays(arrays), np.array(sorted(FROZEN)), frozenset(), {})

    assert strengths(restored) == strengths(field(FROZEN))
    assert strengths(restored)[1] == pytest.approx(max(strengths(restored).values()))


@given(
    st.dictionaries(st.integers(1, 9), texts, min_size=2),
    st.lists(st.dictionaries(st.integers(5, 14), texts), min_size=1, max_size=4),
    texts,
)
def test_words_taken_over_from_an_earlier_moment_are_those_read_anew(old, moments, asked):
    frozen = {id_: offer(text) for id_, text in old.items()}
    background, before = WordBackground.fit(frozen), None
    for moment in moments:
        fresh = {id_: offer(text) for id_, text in moment.items()}
        kept = np.array(sorted(set(frozen) - set(fresh)), np.int64)
        known = before.fresh if before is not None else frozenset()
        read = {id_: text for id_, text in fresh.items() if (id_, text.content_hash) not in known}
        before = WordField(background, kept, hashed(fresh), read, before=before)

        assert strengths(before, need(asked)) == strengths(field(frozen, fresh=fresh), need(asked))


def test_strengths_are_laid_out_over_any_ids():
    found = field(FROZEN).strengths(NEED)

    assert found.spread_over(np.array([0, 2, 3, 4, 9])).tolist() == [0, found.of(2), 0, found.of(4), 0]
    assert found.spread_over(np.array([], np.int64)).tolist() == []
