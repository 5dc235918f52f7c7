"""Write what people read about settings from the class itself: .env.example and the table in README.md.

`make settings` runs it; tests/house/test_settings_docs.py fails when either has fallen behind.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from models.config import Settings  # noqa: E402  (only importable once the checkout is on the path)

BEGIN, END = "<!-- settings -->\n", "<!-- /settings -->\n"
EXAMPLE_HEAD = """\
# Every setting there is, with its default: `cp .env.example .env` and change what you need.
# The environment wins over this file. Written by `make settings` from models/config.py.
"""


def default_text(info: FieldInfo) -> str:
    """A field's default as it would stand in a .env file."""
    default = info.default
    if default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return json.dumps(default) if isinstance(default, (bool, list)) else str(default)


def env_example() -> str:
    """The text of .env.example."""
    blocks = [
        f"\n# {info.description}\nDUIJIE_{name.upper()}={default_text(info)}\n"
        for name, info in Settings.model_fields.items()
    ]
    return EXAMPLE_HEAD + "".join(blocks)


def table() -> str:
    """The table of README.md, one row a setting."""
    rows = []
    for name, info in Settings.model_fields.items():
        default = f"`{text}`" if (text := default_text(info)) else ""
        description = (info.description or "").replace("<", "&lt;").replace("|", "&#124;")
        rows.append(f"| `DUIJIE_{name.upper()}` | {default} | {description} |\n")
    return "| Setting | Default | What it does |\n| --- | --- | --- |\n" + "".join(rows)


def with_table(readme: str) -> str:
    """README.md's text with the table between its two marks renewed. ValueError if a mark is missing."""
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table() + END + after


def main() -> None:
    """Write both."""
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
