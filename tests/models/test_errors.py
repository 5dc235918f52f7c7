"""The errors carry a word for machines and a sentence for people."""

import pytest

from models.errors import (
    DomainError,
    IndexNotReady,
    InvalidInput,
    InvalidTransition,
    ModelUnavailable,
    NotAllowed,
    NotFound,
    NotReady,
)

CODES = {
    DomainError: "error",
    NotFound: "not_found",
    NotAllowed: "not_allowed",
    InvalidInput: "invalid_input",
    InvalidTransition: "invalid_transition",
    NotReady: "not_ready",
    IndexNotReady: "index_not_ready",
    ModelUnavailable: "model_unavailable",
}


@pytest.mark.parametrize(("error", "code"), CODES.items(), ids=CODES.values())
def test_each_error_has_its_word_and_keeps_its_sentence(error: type[DomainError], code: str) -> None:
    raised = error("没有这个场景。")

    assert (raised.code, raised.message, str(raised)) == (code, "没有这个场景。", "没有这个场景。")
    assert isinstance(raised, DomainError)


def test_a_more_exact_word_may_be_given() -> None:
    assert NotReady("数据库是旧版本。", code="schema_behind").code == "schema_behind"
    assert NotReady("还没有索引。").code == "not_ready"


def test_wrong_input_names_the_fields() -> None:
    sent = {"n_users": "要大于 0。"}
    error = InvalidInput("记录有误。", fields=sent)
    sent["n_users"] = "变了"

    assert error.fields == {"n_users": "要大于 0。"}
    assert InvalidInput("记录有误。").fields == {}


@pytest.mark.parametrize("error", [IndexNotReady, ModelUnavailable])
def test_missing_parts_are_not_ready(error: type[NotReady]) -> None:
    assert issubclass(error, NotReady)
