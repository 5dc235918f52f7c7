"""The OpenAPI document as a page shows it: endpoints with what they take and give, then every object by its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field or argument. type_words: as in the document. refs: objects it holds. choices: codes it may be."""

    name: str
    type_words: str
    refs: Sequence[str]
    choices: Sequence[str]
    needed: bool
    words: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """One endpoint. scope: what a token must be made for, or nothing; open: whether it needs no token."""

    id: str
    method: str
    path: str
    words: str
    scope: str
    open: bool
    parameters: Sequence[FieldView]
    takes: str
    gives: str
    problems: Sequence[int]


@dataclass(frozen=True, slots=True)
class SectionView:
    """The endpoints of one noun."""

    name: str
    words: str
    operations: Sequence[OperationView]


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object by its fields. variants: the objects it may be instead of having fields."""

    name: str
    fields: Sequence[FieldView]
    variants: Sequence[str]


def present_sections(document: Mapping[str, Any]) -> list[SectionView]:
    """The endpoints, by tag, in the order of the document."""
    operations: dict[str, list[OperationView]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            operations[operation["tags"][0]].append(_operation(path, method, operation))
    return [
        SectionView(tag["name"].removeprefix("api_"), tag["description"], operations[tag["name"]])
        for tag in document["tags"]
    ]


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> OperationView:
    needed = next(each["token"] for each in operation["security"] if each)
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    done = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    return OperationView(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        words=operation["summary"],
        scope=needed[0] if needed else "",
        open={} in operation["security"],
        parameters=[
            _field(each["name"], each["schema"], each["description"], needed=each.get("required", False))
            for each in operation["parameters"]
        ],
        takes="".join(_refs(body)),
        gives="".join(_refs(done["content"]["application/json"]["schema"])),
        problems=[int(status) for status in operation["responses"] if status >= "4"],
    )


def present_objects(document: Mapping[str, Any]) -> list[ObjectView]:
    """Every object of the document, by name."""
    return [
        ObjectView(
            name=name,
            fields=[
                _field(field, part, part.get("description", ""), needed=field in schema.get("required", ()))
                for field, part in schema.get("properties", {}).items()
            ],
            variants=_refs(schema.get("oneOf", [])),
        )
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def _field(name: str, schema: Mapping[str, Any], words: str, *, needed: bool) -> FieldView:
    return FieldView(
        name=name,
        type_words=_type(schema),
        refs=_refs(schema),
        choices=_choices(schema),
        needed=needed,
        words=words,
    )


def _type(schema: Mapping[str, Any]) -> str:
    """`integer`, `list of string`, `date or null`: what a value is, without the objects it names."""
    if "anyOf" in schema or "oneOf" in schema:
        parts = schema.get("anyOf") or schema["oneOf"]
        return " | ".join(dict.fromkeys(word for part in parts if (word := _type(part))))
    if schema.get("type") == "array":
        return f"[{_type(schema['items'])}]"
    return "object" if "$ref" in schema else str(schema.get("format") or schema.get("type", ""))


def _choices(schema: Mapping[str, Any]) -> list[str]:
    """The codes a value may be, also inside a list or beside null."""
    parts = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    return [str(code) for part in parts for code in part.get("enum", ())]


def _refs(part: Any) -> list[str]:
    return list(dict.fromkeys(re.findall(r"#/components/schemas/(\w+)", str(part))))
