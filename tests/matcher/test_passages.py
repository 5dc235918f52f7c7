import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.documents import DocumentKind, capability_document, scenario_document, text_document
from matcher.embedder import TextRole
from matcher.passages import DatabaseVectorStore, encode_documents, passages_of, sections_of
from models.db import transaction
from tests.factories import make_capability, make_scenario
from tests.fakes import HashingEmbedder
from tests.matcher.market import CountingEmbedder, MemoryStore

EMBEDDER = HashingEmbedder()


def demand(text):
    return text_document(text, kind=DocumentKind.SCENARIO)


def test_passages_know_their_place_and_source(session):
    capability = make_capability(
        session, text="识别井盖缺失、破损和沉降，召回率91%。", cases=("在某街道用了半年，派单快了三小时。",)
    )

    passages = passages_of(capability_document(capability), EMBEDDER)

    assert [passage.position for passage in passages] == list(range(len(passages)))
    assert [passage.source for passage in passages] == ["title", "text", "case"]


def test_requirements_are_never_merged_however_short(session):
    scenario = make_scenario(session, requirements=("误报少", "不出域"))

    passages = passages_of(scenario_document(scenario), EMBEDDER)

    assert [passage.text for passage in passages if passage.source == "requirement"] == ["误报少", "不出域"]


@given(st.text(max_size=300))
def test_every_text_can_be_cut_and_encoded(text):
    document = demand(text)

    [encoded] = encode_documents([document], EMBEDDER, MemoryStore())

    chunks = [passage.text for passage in passages_of(document, EMBEDDER)]
    assert encoded.chunks.shape == (len(chunks), EMBEDDER.dim)
    assert encoded.sections.shape == (len(sections_of(chunks, EMBEDDER)), EMBEDDER.dim)
    assert bool(len(encoded.chunks)) == bool(len(encoded.sections))
    assert np.isfinite(encoded.chunks).all()
    assert np.isfinite(encoded.sections).all()


def test_each_document_gets_its_own_rows():
    documents = [
        demand("巡查车视频找井盖破损，要及时派单。"),
        demand(""),
        demand("消防通道占用要及时发现，推送到人。"),
    ]

    encoded = encode_documents(documents, EMBEDDER, MemoryStore())

    alone = EMBEDDER.encode([documents[2].statements[0].text], role=TextRole.DEMAND)
    assert [(len(text.chunks), len(text.sections)) for text in encoded] == [(1, 1), (0, 0), (1, 1)]
    assert (encoded[2].chunks == alone).all()
    assert (encoded[2].sections == alone).all()


def test_sections_hold_all_chunks_in_order_and_fit_the_model():
    chunks = [f"第{n}句说的是巡查车看到的第{n}种破损。" for n in range(60)]
    embedder = CountingEmbedder()
    embedder.max_tokens = 100

    sections = sections_of(chunks, embedder)

    assert "".join(sections) == "".join(chunks)
    assert 1 < len(sections) < len(chunks)
    assert max(embedder.count_tokens(sections)) <= 100


def test_a_text_of_one_sentence_is_encoded_once_for_both_grains():
    embedder = CountingEmbedder()

    encode_documents([demand("巡查车视频找井盖破损。")], embedder, MemoryStore())

    assert len(embedder.encoded) == 1


def test_without_any_text_nothing_is_encoded():
    embedder = CountingEmbedder()

    [encoded] = encode_documents([demand("")], embedder, MemoryStore())

    assert encoded.chunks.shape == encoded.sections.shape == (0, embedder.dim)
    assert embedder.encoded == []


def test_a_text_is_encoded_once_for_ever(empty_engine):
    embedder = CountingEmbedder()
    store = DatabaseVectorStore(lambda: transaction(empty_engine), embedder)
    first = encode_documents([demand("巡查车视频找井盖破损。")], embedder, store)

    again = encode_documents([demand("巡查车视频找井盖破损。")], embedder, store)

    assert len(embedder.encoded) == 1
    assert (again[0].chunks == first[0].chunks).all()
    assert (again[0].sections == first[0].sections).all()


def test_a_stored_vector_is_left_alone(empty_engine):
    store = DatabaseVectorStore(lambda: transaction(empty_engine), EMBEDDER)
    vector = np.arange(64, dtype=np.float32)
    store.put_many({"a": vector})

    store.put_many({"a": vector * 2, "b": vector})

    found = store.get_many(["a", "b", "c"])
    assert found["a"].tolist() == vector.tolist()
    assert set(found) == {"a", "b"}


@pytest.mark.parametrize("n_characters", [1, 100_000])
def test_the_longest_and_the_shortest_texts_are_cut_to_fit(n_characters):
    texts = [passage.text for passage in passages_of(demand("井" * n_characters), EMBEDDER)]

    assert max(EMBEDDER.count_tokens(texts)) <= 128
    assert sum(map(len, texts)) == n_characters


def test_a_model_that_reads_less_gets_shorter_passages():
    embedder = HashingEmbedder()
    embedder.max_tokens = 20

    texts = [passage.text for passage in passages_of(demand("巡查车视频找井盖破损，" * 20), embedder)]

    assert max(embedder.count_tokens(texts)) <= 20
