"""The evidence pack of a pilot as an A4 document, set by typst from the pack's own manifest."""

import hashlib
import io
import json
import zipfile
from importlib.resources import files
from typing import Any

import typst

from jobs.list_pdf import chinese_font
from models.funding_wording import word_amount, word_missing

LOCALE = "zh"
VERDICTS = {"met": "满足", "unmet": "未满足", "unknown": "不明"}


def set_pack(pack: bytes) -> bytes:
    """The PDF of a pack. The hash of its manifest is printed on every page, so that both are known to belong together.

    Texts go in as data, never as markup. FontMissing where Chinese cannot be set.
    """
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        original = opened.read("manifest.json")
    source = files("jobs").joinpath("templates", "evidence_pack.typ").read_bytes()
    inputs = {
        "pack": json.dumps(readable(json.loads(original)), ensure_ascii=False),
        "sha256": hashlib.sha256(original).hexdigest(),
        "font": chinese_font(),
    }
    document: bytes = typst.compile(source, sys_inputs=inputs, format="pdf", timestamp=0)
    return document


def readable(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with its codes as words and its sums as people write them."""
    return {
        **manifest,
        "assessments": [
            {
                "title": row["title"],
                "document_number": row["document_number"],
                "rule_version": row["rule_version"],
                "assessed_on": row["assessed_on"],
                "verdict": VERDICTS[row["verdict"]],
                "amount": word_amount(*row["amount_fen"], LOCALE),
                "tally": "，".join(
                    f"{words} {n}"
                    for code, words in VERDICTS.items()
                    if (n := sum(clause["verdict"] == code for clause in row["clauses"]))
                ),
                "missing": list(
                    dict.fromkeys(
                        word_missing(item["code"], item["where_to_get"], LOCALE) for item in row["missing"]
                    )
                ),
            }
            for row in manifest["assessments"]
        ],
    }
