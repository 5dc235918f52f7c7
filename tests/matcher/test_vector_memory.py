import numpy as np

from matcher.embedder import TextRole, encode_cached
from matcher.vector_memory import VectorMemory
from tests.matcher.market import CountingEmbedder


def vector(value: float) -> np.ndarray:
    return np.full(4, value, np.float32)


def test_what_was_put_in_comes_out() -> None:
    memory = VectorMemory()
    memory.put_many({"a": vector(1), "b": vector(2)})

    found = memory.get_many(["b", "c"])

    assert list(found) == ["b"]
    assert found["b"].tolist() == [2.0] * 4


def test_the_one_asked_for_longest_ago_is_forgotten() -> None:
    memory = VectorMemory(2)
    memory.put_many({"a": vector(1), "b": vector(2)})
    memory.get_many(["a"])

    memory.put_many({"c": vector(3)})

    assert sorted(memory.get_many(["a", "b", "c"])) == ["a", "c"]
    assert len(memory) == 2


def test_a_changed_sentence_is_the_only_one_that_is_encoded() -> None:
    memory, embedder = VectorMemory(), CountingEmbedder()
    encode_cached(embedder, ["甲。", "乙。", "丙。"], role=TextRole.DEMAND, store=memory)
    embedder.encoded.clear()

    encode_cached(embedder, ["甲。", "乙改。", "丙。"], role=TextRole.DEMAND, store=memory)

    assert embedder.encoded == ["乙改。"]


def test_what_is_kept_does_not_hold_on_to_the_whole_answer() -> None:
    whole = np.ones((100, 4), np.float32)
    memory = VectorMemory()

    memory.put_many({"a": whole[0]})

    assert memory.get_many(["a"])["a"].base is None
