"""The decision of a panel as an A4 document, set by typst from the record as it was signed."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import typst

from jobs.list_pdf import chinese_font
from jobs.render import REASON_WORDS
from models.i18n import format_number

LOCALE = "zh"
MOMENTS = ("begun_at", "scored_at", "settled_at", "decided_at")


def set_record(record: dict[str, Any], *, sha256: str, zone: ZoneInfo) -> bytes:
    """The PDF of a record. sha256: its hash, printed on every page. zone: where its moments are read.

    Texts go in as data, never as markup. FontMissing where Chinese cannot be set.
    """
    source = files("jobs").joinpath("templates", "decision.typ").read_bytes()
    inputs = {
        "record": json.dumps(readable(record, zone=zone), ensure_ascii=False),
        "sha256": sha256,
        "font": chinese_font(),
    }
    document: bytes = typst.compile(source, sys_inputs=inputs, format="pdf", timestamp=0)
    return document


def readable(record: dict[str, Any], *, zone: ZoneInfo) -> dict[str, Any]:
    """A record with its codes as words, its moments on the local clock and its points as they are shown."""
    moments = {name: _local(record[name], zone) for name in MOMENTS}
    proposals = [
        {
            **row,
            "points": format_number(row["points_tenths"] / 10, LOCALE),
            "reasons": [REASON_WORDS[code] for code in row["reasons"]],
        }
        for row in record["proposals"]
    ]
    return {**record, **moments, "proposals": proposals}


def _local(at: str | None, zone: ZoneInfo) -> str:
    return "" if at is None else datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")
