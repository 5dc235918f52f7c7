"""The OpenAPI document: made from the declarations by which requests are checked, in the asker's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, json
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from werkzeug.routing import Rule

from models.i18n import N_, gettext
from web.api import batches, capabilities, imports, matches, matching, pilots, scenarios
from web.api.declared import JSON, Endpoint, Listing, answered
from web.api.once import HEADER, KEY_PATTERN, REPLAYED
from web.api.problems import MEDIA_TYPE, TITLES, ProblemRead
from web.auth import public

bp = Blueprint("api_document", __name__, url_prefix="/api/v1")

MODULES = (scenarios, batches, capabilities, matches, matching, pilots, imports)
"""Every module of endpoints, in the order of the document."""

TAGS = {
    "api_scenarios": N_("场景"),
    "api_batches": N_("批次"),
    "api_capabilities": N_("能力"),
    "api_matches": N_("匹配"),
    "api_matching": N_("现问现答"),
    "api_pilots": N_("试点"),
    "api_imports": N_("导入"),
}

VERSION = "1"
SCHEMA_AT = "#/components/schemas/{model}"
ROW_ID = {"type": "integer", "minimum": 1, "maximum": 999_999_999}

INTRODUCTION = N_(
    "公开的场景和批次谁都可以读；其余的要带令牌，令牌能看的和它的主人在网页上能看的一样多。"
    "句子按 Accept-Language 写中文或英文，场景和能力的原话不翻译。"
)
TOKEN_WORDS = N_("在“我的设置”里新建的令牌，放在 Authorization: Bearer 后面。")
KEY_WORDS = N_("自己取的编号，一天之内有效：同一个编号再发同一个请求，得到同一个回答，不会做两遍。")
HEADER_WORDS = {
    "ETag": N_("内容的指纹；下次放在 If-None-Match 里，没有变就是 304。"),
    "Link": N_("第一页、上一页、下一页、最后一页的地址。"),
    "Retry-After": N_("要等几秒。"),
    "WWW-Authenticate": N_("要怎样带令牌。"),
    REPLAYED: N_("是不是从前的回答。"),
}
UNCHANGED = N_("没有变化")
DONE = N_("成功")


class Quiet(GenerateJsonSchema):
    """Schemas without titles made up from the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never: a field has a description."""
        return False

    def normalize_name(self, name: str) -> str:
        """A list is called after what is on it."""
        return super().normalize_name(re.sub(r"Listing\[(\w+)\]", r"\1List", name))


@dataclass(frozen=True, slots=True)
class Pen:
    """What the document is written with. words: a sentence in its language. refs: to the schema of each model."""

    words: Callable[[str], str]
    refs: Mapping[type[BaseModel], Any]


@bp.get("/openapi.json")
@public
def show() -> Response:
    """The document."""
    made = openapi(current_app, g.locale)
    return answered(
        Endpoint(summary="", answer=BaseModel), Response(json.dumps(made, sort_keys=False), content_type=JSON)
    )


def openapi(app: Flask, locale: str) -> dict[str, Any]:
    """The document in a language; made once, because it takes a tenth of a second. Not to be changed."""
    made: dict[str, dict[str, Any]] = app.extensions.setdefault("duijie_openapi", {})
    if locale not in made:
        made[locale] = _written(app, locale)
    return made[locale]


def _written(app: Flask, locale: str) -> dict[str, Any]:
    found = list(endpoints(app))
    refs, schemas = _schemas([endpoint for _, endpoint, _ in found])
    pen = Pen(partial(gettext, locale), refs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": pen.words(N_("对接 API")),
            "version": VERSION,
            "description": pen.words(INTRODUCTION),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": pen.words(TAGS[name])} for name in TAGS],
        "paths": _paths(found, pen),
        "components": {
            "schemas": _translated(schemas, pen),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": pen.words(TOKEN_WORDS)}
            },
        },
    }


def endpoints(app: Flask) -> Iterator[tuple[Rule, Endpoint, bool]]:
    """Every endpoint with its rule and whether it is public, in the order of MODULES."""
    order = [module.bp.name for module in MODULES]
    rules = [
        rule for rule in app.url_map.iter_rules() if hasattr(app.view_functions[rule.endpoint], "endpoint")
    ]
    rules.sort(key=lambda rule: (order.index(rule.endpoint.split(".")[0]), rule.rule))
    for rule in rules:
        view: Any = app.view_functions[rule.endpoint]
        yield rule, view.endpoint, not view.access


def _schemas(found: list[Endpoint]) -> tuple[dict[type[BaseModel], Any], dict[str, Any]]:
    models: dict[tuple[type[BaseModel], Any], None] = {(ProblemRead, "serialization"): None}
    for endpoint in found:
        models[endpoint.answer, "serialization"] = None
        if endpoint.body is not None:
            models[endpoint.body, "validation"] = None
    refs, schema = models_json_schema(list(models), ref_template=SCHEMA_AT, schema_generator=Quiet)
    made: dict[str, Any] = schema["$defs"]
    for part in made.values():
        # What the class says to whoever reads the code.
        part.pop("description", None)
    return {model: ref for (model, _), ref in refs.items()}, made


def _translated(part: Any, pen: Pen) -> Any:
    if isinstance(part, dict):
        return {
            name: pen.words(value)
            if name == "description" and isinstance(value, str)
            else _translated(value, pen)
            for name, value in part.items()
        }
    return [_translated(item, pen) for item in part] if isinstance(part, list) else part


def _paths(found: list[tuple[Rule, Endpoint, bool]], pen: Pen) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for rule, endpoint, is_public in found:
        method = next(name for name in ("GET", "POST") if name in (rule.methods or ()))
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<id:{name}>", f"{{{name}}}").replace(f"<{name}>", f"{{{name}}}")
        paths.setdefault(path, {})[method.lower()] = _operation(rule, endpoint, is_public, pen)
    return paths


def _operation(rule: Rule, endpoint: Endpoint, is_public: bool, pen: Pen) -> dict[str, Any]:
    module, _, name = rule.endpoint.partition(".")
    needed = {"token": [] if endpoint.scope is None else [endpoint.scope.value]}
    operation = {
        "operationId": f"{module.removeprefix('api_')}_{name}",
        "summary": pen.words(endpoint.summary),
        "tags": [module],
        "security": [{}, needed] if is_public else [needed],
        "parameters": [*_path_parameters(rule, endpoint, pen), *_other_parameters(endpoint, pen)],
        "responses": _responses(rule, endpoint, is_public, pen),
    }
    if endpoint.body is not None:
        content = {JSON: {"schema": pen.refs[endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(rule: Rule, endpoint: Endpoint, pen: Pen) -> Iterator[dict[str, Any]]:
    for name, sentence in (endpoint.path or {}).items():
        schema = ROW_ID if f"<id:{name}>" in rule.rule else {"type": "string", "minLength": 1}
        yield {
            "name": name, "in": "path", "required": True, "description": pen.words(sentence), "schema": schema,
        }  # fmt: skip


def _other_parameters(endpoint: Endpoint, pen: Pen) -> Iterator[dict[str, Any]]:
    if endpoint.query is not None:
        schema = endpoint.query.model_json_schema(schema_generator=Quiet)
        for name, value in schema["properties"].items():
            sentence = value.pop("description")
            yield {
                "name": name,
                "in": "query",
                "description": pen.words(sentence),
                "schema": _sendable(value),
            }
    if endpoint.changes:
        yield {
            "name": HEADER,
            "in": "header",
            "description": pen.words(KEY_WORDS),
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        }


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """What an address can hold: nothing is sent as nothing, not as null."""
    if "anyOf" not in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    kept = [part for part in schema["anyOf"] if part != {"type": "null"}]
    return rest | (kept[0] if len(kept) == 1 else {"anyOf": kept})


def _responses(rule: Rule, endpoint: Endpoint, is_public: bool, pen: Pen) -> dict[str, Any]:
    is_get = "GET" in (rule.methods or ())
    names = ["ETag"] if is_get else []
    names += ["Link"] if issubclass(endpoint.answer, Listing) else []
    names += [REPLAYED] if endpoint.changes else []
    answers: dict[str, Any] = {
        str(endpoint.status): {
            "description": pen.words(DONE),
            "headers": _headers(names, pen),
            "content": {JSON: {"schema": pen.refs[endpoint.answer]}},
        }
    }
    if is_get:
        answers["304"] = {"description": pen.words(UNCHANGED), "headers": _headers(["ETag"], pen)}
    for status in sorted(problems_of(endpoint, is_public)):
        answers[str(status)] = _problem(status, pen)
    return answers


def problems_of(endpoint: Endpoint, is_public: bool) -> set[int]:
    """Every error status an endpoint may answer with, short of a fault of ours."""
    general = {401, 429} | (set() if is_public else {403})
    return general | set(endpoint.problems) | ({413} if endpoint.body is not None else set())


def _problem(status: int, pen: Pen) -> dict[str, Any]:
    told = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    answer = {
        "description": pen.words(TITLES[status]),
        "content": {MEDIA_TYPE: {"schema": pen.refs[ProblemRead]}},
    }
    return answer | ({"headers": _headers([told[status]], pen)} if status in told else {})


def _headers(names: list[str], pen: Pen) -> Mapping[str, Any]:
    return {
        name: {"description": pen.words(HEADER_WORDS[name]), "schema": {"type": "string"}} for name in names
    }
