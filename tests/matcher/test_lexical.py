"""The word index: what is found, in which order, and that change by change equals built at once."""

import math
import subprocess
import sys
import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.lexical import FILE_NAME, Evidence, LexicalIndex
from matcher.postings import K1, B
from matcher.tokens import query_terms, tokenize
from models.errors import IndexNotReady

# Few words, so that documents share them and ties are frequent.
WORDS = [
    "养老",
    "陪护",
    "机器人",
    "政务",
    "的",
    "drone",
    "drones",
    "inspection",
    "the",
    "GPT-4",
    "95%",
    "3.5",
    "老",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
LANGS = st.sampled_from(["zh", "en"])
DOCUMENTS = st.dictionaries(st.integers(1, 40), st.tuples(TEXTS, LANGS), max_size=15)
CHANGES = st.lists(st.tuples(st.integers(1, 15), st.none() | st.tuples(TEXTS, LANGS)), max_size=40)


def make_index(documents):
    index = LexicalIndex()
    for doc_id, (text, lang) in documents.items():
        index.add(doc_id, text, lang)
    return index


def answers(index, query, **options):
    ids, scores = index.scores(query, **options)
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def plain_bm25(documents, query, lang):
    """The textbook in two loops, over the documents of one language."""
    tokens = {doc_id: tokenize(text) for doc_id, (text, its_lang) in documents.items() if its_lang == lang}
    mean = sum(map(len, tokens.values())) / max(len(tokens), 1) or 1.0
    scores = {}
    for doc_id, own in tokens.items():
        counts, total = Counter(own), 0.0
        for term, n_in_query in query_terms(query).items():
            n = sum(term in other for other in tokens.values())
            rarity = math.log(1 + (len(tokens) - n + 0.5) / (n + 0.5))
            if counts[term]:
                norm = K1 * (1 - B + B * len(own) / mean)
                total += n_in_query * rarity * counts[term] / (counts[term] + norm)
        if total:
            scores[doc_id] = total
    return scores


@given(DOCUMENTS, TEXTS, LANGS)
def test_scores_are_those_of_the_plain_formula(documents, query, lang):
    found = answers(make_index(documents), query, lang=lang)

    assert found == pytest.approx(plain_bm25(documents, query, lang), rel=1e-6)


@settings(deadline=None)
@given(CHANGES, TEXTS, st.booleans())
def test_change_by_change_gives_exactly_what_a_fresh_build_gives(changes, query, ask_in_between):
    index, documents = LexicalIndex(), {}
    for doc_id, document in changes:
        if document is not None:
            index.add(doc_id, *document)
            documents[doc_id] = document
        elif doc_id in documents:
            index.remove(doc_id)
            del documents[doc_id]
        if ask_in_between:
            index.top(query, 3)

    assert len(index) == len(documents)
    assert answers(index, query) == answers(make_index(documents), query)


@given(DOCUMENTS, TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_the_ranking(documents, query, random):
    shuffled = list(documents.items())
    random.shuffle(shuffled)

    assert make_index(dict(shuffled)).top(query, 50) == make_index(documents).top(query, 50)


@given(DOCUMENTS, TEXTS, st.integers(0, 10))
def test_the_best_n_are_the_first_n_of_all(documents, query, n):
    index = make_index(documents)
    everything = index.top(query, 100)

    assert index.top(query, n) == everything[:n]
    assert everything == sorted(everything, key=lambda hit: (-hit.score, hit.id))


@given(DOCUMENTS, TEXTS)
def test_an_answer_shares_a_term_with_the_query_and_scores_above_zero(documents, query):
    for hit in make_index(documents).top(query, 100):
        shared = set(query_terms(query)) & set(tokenize(documents[hit.id][0]))

        assert shared
        assert hit.score > 0


@given(DOCUMENTS, TEXTS)
def test_documents_of_another_language_change_nothing(documents, query):
    only_chinese = {doc_id: document for doc_id, document in documents.items() if document[1] == "zh"}

    assert answers(make_index(documents), query, lang="zh") == answers(make_index(only_chinese), query)


@given(DOCUMENTS, TEXTS, st.sets(st.integers(1, 40)))
def test_a_filter_leaves_out_and_never_shortens(documents, query, allowed):
    index = make_index(documents)
    expected = [hit for hit in index.top(query, 100) if hit.id in allowed]

    assert index.top(query, 3, allowed=allowed) == expected[:3]
    assert index.top(query, 3, allowed=np.array(sorted(allowed), np.int64)) == expected[:3]


def test_without_keyword_evidence_there_is_no_answer():
    index = make_index({1: ("河道漂浮物识别", "zh"), 2: ("Floating debris detection in rivers", "en")})

    assert index.top("养老陪护", 10) == []
    assert index.top("elderly companion", 10) == []
    assert index.top("", 10) == []
    assert LexicalIndex().top("河道", 10) == []


def test_a_two_character_word_is_found_inside_a_sentence():
    index = make_index({1: ("县级医院影像辅助诊断", "zh"), 2: ("道路病害巡检", "zh")})

    assert [hit.id for hit in index.top("影像", 10)] == [1]


def test_a_mixed_query_reaches_only_the_language_it_is_restricted_to():
    index = make_index({1: ("基于YOLOv8的缺陷检测", "zh"), 2: ("Defect detection with YOLOv8", "en")})

    assert [hit.id for hit in index.top("YOLOv8 检测", 10, lang="zh")] == [1]
    assert [hit.id for hit in index.top("YOLOv8 检测", 10, lang="en")] == [2]
    assert {hit.id for hit in index.top("YOLOv8 检测", 10)} == {1, 2}
    assert index.top("YOLOv8", 10, lang="fr") == []


def test_a_term_repeated_in_the_query_counts_twice():
    index = make_index({1: ("drone", "en"), 2: ("camera", "en")})

    assert answers(index, "drone drone")[1] == pytest.approx(2 * answers(index, "drone")[1])


def test_a_percent_sign_is_a_sign_and_not_a_wildcard():
    index = make_index({1: ("准确率95%", "zh"), 2: ("准确率高", "zh")})

    assert [hit.id for hit in index.top("%", 10)] == [1]
    assert [hit.id for hit in index.top("95%", 10)] == [1]


def test_one_shared_character_is_a_term_but_not_a_word():
    index = make_index({1: ("老旧小区改造", "zh"), 2: ("居家养老服务", "zh")})

    assert {hit.id for hit in index.top("养老", 10)} == {1, 2}
    assert [hit.id for hit in index.top("养老", 10, evidence=Evidence.WORD)] == [2]


def test_every_word_asks_for_all_that_was_typed():
    index = make_index({1: ("养老 机器人", "zh"), 2: ("养老 服务", "zh"), 3: ("GPT4 养老 机器人", "zh")})

    assert {hit.id for hit in index.top("养老 机器人", 10, evidence=Evidence.EVERY_WORD)} == {1, 3}
    assert [hit.id for hit in index.top("养老 gpt-4", 10, evidence=Evidence.EVERY_WORD)] == [3]
    assert index.top("养老 无人机", 10, evidence=Evidence.EVERY_WORD) == []


def test_a_document_without_words_counts_but_is_never_found():
    index = make_index({1: ("", "zh"), 2: ("养老", "zh")})

    assert len(index) == 2
    assert index.count("zh") == 2
    assert [hit.id for hit in index.top("养老", 10)] == [2]


def test_adding_an_id_again_replaces_its_text_even_in_another_language():
    index = make_index({1: ("养老", "zh")})
    index.add(1, "care robots", "en")

    assert len(index) == 1
    assert index.languages() == ["en"]
    assert index.top("养老", 10) == []
    assert [hit.id for hit in index.top("robot", 10)] == [1]


def test_a_removed_document_is_gone_at_once():
    index = make_index({1: ("养老", "zh"), 2: ("养老", "zh")})
    index.remove(1)

    assert 1 not in index
    assert [hit.id for hit in index.top("养老", 10)] == [2]
    with pytest.raises(KeyError):
        index.remove(1)


def test_equal_documents_are_ordered_by_id_at_the_cut():
    index = make_index(dict.fromkeys((9, 3, 7, 1), ("养老机器人", "zh")))

    assert [hit.id for hit in index.top("养老", 3)] == [1, 3, 7]


def test_searching_while_another_thread_adds_gives_whole_answers():
    index, failures = make_index(dict.fromkeys(range(50), ("养老 机器人", "zh"))), []

    def search():
        for _ in range(300):
            ids, scores = index.scores("养老")
            if len(ids) < 50 or not np.all(scores > 0):
                failures.append(len(ids))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for doc_id in range(50, 350):
        index.add(doc_id, "养老 服务", "zh")
    for thread in threads:
        thread.join()

    assert failures == []


@given(documents=DOCUMENTS, query=TEXTS)
@settings(deadline=None, max_examples=30)
def test_a_saved_index_answers_as_before(tmp_path_factory, documents, query):
    folder = tmp_path_factory.mktemp("words")
    index = make_index(documents)
    index.save(folder)
    again = LexicalIndex.load(folder)

    assert len(again) == len(index)
    assert answers(again, query) == answers(index, query)


def test_a_saved_index_can_be_changed_and_saved_again(tmp_path):
    make_index({1: ("养老", "zh"), 2: ("养老", "zh")}).save(tmp_path)
    index = LexicalIndex.load(tmp_path)
    index.remove(1)
    index.add(3, "养老", "zh")
    index.save(tmp_path)

    assert [hit.id for hit in LexicalIndex.load(tmp_path).top("养老", 5)] == [2, 3]


def test_nothing_saved_is_said_plainly(tmp_path):
    with pytest.raises(IndexNotReady, match="no saved word index"):
        LexicalIndex.load(tmp_path)


def test_any_damaged_byte_is_noticed(tmp_path):
    make_index({1: ("养老", "zh"), 2: ("drone", "en")}).save(tmp_path)
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    silent = []
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            LexicalIndex.load(tmp_path)
            silent.append(at)
        except IndexNotReady:
            pass

    assert silent == []


def test_an_index_of_other_tokens_is_refused(tmp_path, monkeypatch):
    make_index({1: ("养老", "zh")}).save(tmp_path)
    monkeypatch.setattr("matcher.lexical.TOKENS_VERSION", -1)

    with pytest.raises(IndexNotReady, match="another version"):
        LexicalIndex.load(tmp_path)


def test_importing_it_loads_neither_torch_nor_faiss():
    code = "import sys, matcher.lexical; print([m for m in ('torch', 'faiss') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
