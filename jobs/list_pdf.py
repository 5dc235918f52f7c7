"""The list of a batch as an A4 document, set by typst from its frozen JSON.

Chinese needs a font that has it. Where the machine has none the document is not set at all, and said so: a page of
empty boxes would pass for a list.
"""

import json
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import typst

from models.errors import NotReady
from models.i18n import N_

FONTS = (
    "Noto Sans CJK SC",
    "Noto Serif CJK SC",
    "Source Han Sans SC",
    "Source Han Serif SC",
    "WenQuanYi Micro Hei",
)
"""Fonts with Chinese, the first one there is used. Debian's package fonts-noto-cjk brings the first two."""


class FontMissing(NotReady):
    """No font with Chinese is installed."""

    code = "font_missing"


def chinese_font() -> str:
    """The font to set Chinese with. FontMissing where the machine has none."""
    there = set(typst.Fonts().families())
    for name in FONTS:
        if name in there:
            return name
    raise FontMissing(N_("没有装中文字体，排不了 PDF。请安装 fonts-noto-cjk，清单会自动补排。"))


def set_list(original: bytes, *, sha256: str, zone: ZoneInfo) -> bytes:
    """The PDF of a list. original: its frozen JSON, sha256: the hash of that, printed on every page.

    zone: where the day of its release is read.

    Texts go in as data, never as markup. FontMissing where Chinese cannot be set.
    """
    source = files("jobs").joinpath("templates", "batch_list.typ").read_bytes()
    content = json.loads(original)
    content["released_on"] = (
        datetime.fromisoformat(content["released_at"]).astimezone(zone).date().isoformat()
    )
    inputs = {
        "list": json.dumps(content, ensure_ascii=False),
        "sha256": sha256,
        "font": chinese_font(),
    }
    document: bytes = typst.compile(source, sys_inputs=inputs, format="pdf", timestamp=0)
    return document
