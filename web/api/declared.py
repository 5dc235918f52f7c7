"""What an endpoint takes and gives, said once: by it requests are checked, and from it the document is made.

A view is given the checked query and body and returns a model, or a finished answer (a file). Whatever it changed is
committed here, once, with the answer kept for whoever asks again under the same idempotency key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Generic, TypeVar, get_origin

from flask import Response, g, request, url_for
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from models.api_token import Scope
from models.errors import InvalidInput
from models.i18n import N_
from models.texts import storable
from web.api.once import once
from web.bearer import require_scope
from web.forms.parsing import MESSAGES, OTHERWISE

JSON = "application/json"
MAX_PER_PAGE = 100


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): _storable(item) for name, item in value.items()}
    return value


Clean = AfterValidator(_storable)
"""Texts as they may be stored, also inside lists and objects; what is declared of them is held to what was sent."""

Item = TypeVar("Item", bound=BaseModel)
Sent = TypeVar("Sent", bound=BaseModel)


class Asked(BaseModel):
    """Base of all that is sent: a name that means nothing is refused, so that no wish is silently left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """Base of all that is answered."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Paged(Asked):
    """Which page of a list."""

    page: int = Field(default=1, ge=1, le=1_000_000, description=N_("第几页，从 1 开始。"))
    per_page: int = Field(default=20, ge=1, le=MAX_PER_PAGE, description=N_("一页几条，最多 100。"))


class Listing(Given, Generic[Item]):
    """One page of a list. A page after the last is empty."""

    total: int = Field(description=N_("一共几条。"))
    page: int = Field(description=N_("第几页。"))
    n_pages: int = Field(description=N_("一共几页，至少 1。"))
    items: list[Item] = Field(description=N_("这一页的各条。"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. answer: what it gives with `status`. scope: what a token must be made for; None: none is needed.

    problems: the error statuses of its own; those that any endpoint may give are added. path: what stands in its
    address, by name. changes: whether it writes.
    """

    summary: str
    answer: type[BaseModel]
    scope: Scope | None = None
    query: type[Asked] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    path: Mapping[str, str] | None = None
    changes: bool = False


View = Callable[..., Any]


def declares(endpoint: Endpoint) -> Callable[[View], View]:
    """A view that is held to its declaration."""

    def hold(view: View) -> View:
        @wraps(view)
        def held(**path: Any) -> Response:
            require_scope(endpoint.scope)
            given = dict(path)
            if endpoint.query is not None:
                given["query"] = read_query(endpoint.query)
            if endpoint.body is not None:
                given["body"] = read_body(endpoint.body)
            if endpoint.changes:
                return once(lambda: answered(endpoint, view(**given)))
            return answered(endpoint, view(**given))

        held.endpoint = endpoint  # type: ignore[attr-defined]
        return held

    return hold


def read_query(model: type[Sent]) -> Sent:
    """The arguments of the address, checked. InvalidInput names each that is wrong."""
    sent: dict[str, Any] = {}
    for name in request.args:
        values = request.args.getlist(name)
        field = model.model_fields.get(name)
        is_list = field is not None and get_origin(field.annotation) is list
        sent[name] = values if is_list or len(values) > 1 else values[0]
    return _checked(model, sent)


def read_body(model: type[Sent]) -> Sent:
    """The JSON that was sent, checked.

    UnsupportedMediaType for what says it is something else, BadRequest for what is no JSON, InvalidInput for the rest.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType()
    try:
        sent = json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as err:
        raise BadRequest() from err
    return _checked(model, sent)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _checked(model: type[Sent], sent: Any) -> Sent:
    try:
        return model.model_validate(sent)
    except ValidationError as err:
        raise InvalidInput(N_("有几处要改。"), fields=dict(_sentences(err))) from err


API_MESSAGES = {
    "extra_forbidden": N_("没有这一项。"),
    "bool_type": N_("要写 true 或 false。"),
    "string_type": N_("要写文字。"),
    "string_unicode": N_("有不能用的字符。"),
    "list_type": N_("要写成列表。"),
    "dict_type": N_("要写成对象。"),
    "model_type": N_("要写成对象。"),
    "too_long": N_("太多，请分几次。"),
    "too_short": N_("要填写。"),
}


def _sentences(error: ValidationError) -> Iterator[tuple[str, str]]:
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        name = ".".join(map(str, item["loc"])) or "body"
        if item["type"] == "sentence":
            yield name, item["msg"]
        else:
            yield name, API_MESSAGES.get(item["type"]) or MESSAGES.get(item["type"], OTHERWISE)


def answered(endpoint: Endpoint, given: Any) -> Response:
    """What a view gave as an answer; one that did not change since the asker saw it is 304 without a body."""
    if isinstance(given, Response):
        answer = given
    else:
        answer = Response(given.model_dump_json(), status=endpoint.status, content_type=JSON)
        if isinstance(given, Listing):
            answer.headers.extend(_links(given))
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    answer.headers["Content-Language"] = g.locale
    if request.method == "GET":
        if answer.get_etag()[0] is None:
            answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)
    return answer


def _links(given: Listing[Any]) -> dict[str, str]:
    """Where the neighbouring pages are (RFC 8288)."""
    pages = {"first": 1, "last": given.n_pages}
    if 1 < given.page <= given.n_pages:
        pages["prev"] = given.page - 1
    if given.page < given.n_pages:
        pages["next"] = given.page + 1
    args = request.args.to_dict(flat=False)
    links = [
        f'<{_address(args, page)}>; rel="{name}"' for name, page in sorted(pages.items(), key=lambda p: p[0])
    ]
    return {"Link": ", ".join(links)}


def _address(args: Mapping[str, list[str]], page: int) -> str:
    path = dict(request.view_args or {})
    return url_for(str(request.endpoint), **path, **{**args, "page": page}, _external=True)  # type: ignore[arg-type]


def listing(model: type[Item], rows: Any, asked: Paged, make: Callable[[Any], list[Item]]) -> Listing[Item]:
    """The page of `rows` that was asked for. make: of the rows of one page, their items."""
    start = (asked.page - 1) * asked.per_page
    n_pages = max(1, -(-len(rows) // asked.per_page))
    items = make(rows[start : start + asked.per_page])
    return Listing[model](total=len(rows), page=asked.page, n_pages=n_pages, items=items)  # type: ignore[valid-type]
