import numpy as np

from matcher.word_strengths import word_spread, word_strengths


def test_words_are_measured_in_deviations_and_silence_is_none():
    strengths = word_strengths(np.array([2.0, 4.0]), 4)

    assert strengths.tolist() == (np.array([2.0, 4.0]) / np.std([0, 0, 2, 4])).tolist()
    assert word_strengths(np.array([]), 4).size == 0


def test_where_all_documents_score_alike_words_decide_little():
    assert word_strengths(np.full(5, 3.0), 5).max() <= 10


def test_one_document_has_no_spread():
    assert word_spread(np.array([3.0]), 1) == 0.0
    assert word_strengths(np.array([3.0]), 1).tolist() == [0.0]
