"""The catalogue of translations: gather what is marked, keep what is translated, compile. `python -m web.catalogue`.

Marked are `_()` and `ngettext()` in templates, `N_()`, `say()`, `gettext()` and `ngettext()` in code, and the sentences
that models/ raises. tests/models/test_i18n.py fails while the files on disk are not what this would write.
"""

from __future__ import annotations

import ast
import io
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from models.i18n import DOMAIN, TRANSLATIONS

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "en"
PO = TRANSLATIONS / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")

CODE_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "N_": None,
    "say": None,
    "gettext": (2,),
    "ngettext": (2, 3),
    "pgettext": ((2, "c"), 3),
}
TEMPLATE_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {"_": None, "ngettext": (1, 2)}
# Sentences for readers end like sentences; everything else in models/ is names, columns and codes.
SENTENCE_END = "。"
# These carry both languages themselves, or speak to whoever runs commands.
NOT_FOR_PAGES = (
    "config",
    "db",
    "demo",
    "transfer",
    "funding_wording",
    "funding_rule_file",
    "funding_rule_flags",
    "export",
    "__main__",
    "schema",
)

Message = str | tuple[str, str]
# The file, the message (plurals are pairs), and what tells it from another of the same words.
Found = tuple[str, Message, str | None]


def gather() -> list[Found]:
    """Every marked message with the file it is in, in the order of files and lines."""
    found = list(_marked("web", [("templates/**.html", "jinja2"), ("**.py", "python")]))
    found += _marked("jobs", [("templates/**", "jinja2"), ("**.py", "python")])
    found += _marked("models", [("**.py", "python")])
    found += _marked("matcher", [("**.py", "python")])
    for path in sorted((ROOT / "models").glob("*.py")):
        if not path.stem.startswith(NOT_FOR_PAGES):
            found += [(f"models/{path.name}", sentence, None) for sentence in _raised(path)]
    return found


def _marked(package: str, methods: list[tuple[str, str]]) -> Iterator[Found]:
    folder = ROOT / package
    if not folder.is_dir():
        return
    for pattern, method in methods:
        keywords = TEMPLATE_KEYWORDS if method == "jinja2" else CODE_KEYWORDS
        options = {pattern: {"trimmed": "true"}} if method == "jinja2" else None
        for name, _line, message, _comments, context in extract_from_dir(
            str(folder), [(pattern, method)], options, keywords, (), directory_filter=_is_ours
        ):
            yield f"{package}/{name}", message, context


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    # Babel would leave out folders that begin with an underscore, and with them the frame of every mail.
    return not Path(folder).name.startswith((".", "__pycache__"))


def _raised(path: Path) -> Iterator[str]:
    """Sentences written inside functions: docstrings and tables at the top of a module are not among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from _sentences(function.body)


def _sentences(body: Iterable[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        inside_f_strings = {
            id(part)
            for node in ast.walk(statement)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
        }
        texts = (node for node in ast.walk(statement) if isinstance(node, ast.Constant))
        for node in texts:
            if id(node) not in inside_f_strings and str(node.value).endswith(SENTENCE_END):
                yield str(node.value)


def updated() -> Catalog:
    """The catalogue as it should be: every marked message, with the translation it has; the rest is dropped."""
    old = read_catalogue()
    new = Catalog(locale=LOCALE, project="duijie", charset="utf-8", fuzzy=False)
    places: dict[tuple[Message, str | None], set[str]] = {}
    for place, message, context in gather():
        places.setdefault((message, context), set()).add(place)
    for (message, context), files in places.items():
        known = old.get(message, context)
        translation = known.string if known is not None else ""
        new.add(message, translation, locations=[(name, 0) for name in sorted(files)], context=context)
    return new


def read_catalogue() -> Catalog:
    """The catalogue on disk; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale=LOCALE)
    with PO.open("rb") as file:
        return read_po(file, locale=LOCALE)


def po_bytes(catalogue: Catalog) -> bytes:
    """The catalogue as text for translators."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=110, omit_header=False, sort_output=True, include_lineno=False)
    # The dates of the header would make every run a change.
    lines = stream.getvalue().split(b"\n")
    return b"\n".join(line for line in lines if b"-Date: " not in line)


def mo_bytes(catalogue: Catalog) -> bytes:
    """The catalogue as programs read it."""
    # A fixed day in the header: the same text must give the same bytes.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Messages without a translation, or with an empty plural form."""
    missing = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and not all(strings):
            missing.append(str(message.id))
    return missing


def main() -> None:
    """Write both files, and say what is left to translate."""
    catalogue = updated()
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(catalogue))
    catalogue = read_catalogue()
    MO.write_bytes(mo_bytes(catalogue))
    missing = untranslated(catalogue)
    print(f"{len(catalogue)} messages, {len(missing)} to translate")  # noqa: T201  (a command's output)
    for message in missing:
        print(f"  {message}")  # noqa: T201


if __name__ == "__main__":
    main()
