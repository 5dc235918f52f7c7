"""The errors this product raises on purpose. web/errors.py alone turns them into HTTP statuses."""

from collections.abc import Mapping


class DomainError(Exception):
    """Something a person asked for cannot be done; `message` says what happened and what to do next.

    code: stable snake-case word for logs, tests and the API. message: one sentence for the reader, no ids, no stack.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class NotFound(DomainError):
    """No such row, or not yours: the same answer on purpose, so that ids of others cannot be probed."""

    code = "not_found"


class NotAllowed(DomainError):
    """The person is known and the thing exists, but this role may not do it."""

    code = "not_allowed"


class InvalidInput(DomainError):
    """What was sent is not acceptable. `fields` maps field name to the sentence shown beside it."""

    code = "invalid_input"

    def __init__(
        self, message: str, *, fields: Mapping[str, str] | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.fields: dict[str, str] = dict(fields or {})


class InvalidTransition(DomainError):
    """The row is in a state from which this move is illegal, e.g. publishing a withdrawn scenario."""

    code = "invalid_transition"


class NotReady(DomainError):
    """A part the answer needs is not there yet (index, model, database at an older schema)."""

    code = "not_ready"


class IndexNotReady(NotReady):
    """No usable vector index on disk: never built, corrupt, or made by another model."""

    code = "index_not_ready"


class ModelUnavailable(NotReady):
    """The embedding model cannot be loaded: folder missing, checksum wrong, package not installed."""

    code = "model_unavailable"
