"""What is true of every file in the repository, whatever its language."""

from __future__ import annotations

import re

from tests.house.checkout import ROOT, files

BINARY = (".png", ".jpg", ".webp", ".ico", ".woff2", ".xlsx", ".gz", ".bin", ".mo", ".pdf")
# As its makers published it, byte for byte.
VENDORED = "web/static/vendor/"
# Folders of one machine, and hosts that only some machines reach. Spelt with classes of one character, so
# that this file does not find itself.
OF_ONE_MACHINE = re.compile(
    r"(?<![\w}])/(?:[w]ork|[r]oot|[h]ome)/\w|/[o]pt/(?:pypi|wheels)|/[t]mp/[a-z]|[p]ypi\.org|[p]ythonhosted|download[.]pytorch|npm[j]s"
)
LATER = re.compile(r"\b([T]ODO|[F]IXME|[X]XX)\b")


def our_text_files() -> list[str]:
    """Every file that is text and ours."""
    return [path for path in files() if not path.endswith(BINARY) and not path.startswith(VENDORED)]


def test_every_text_file_is_clean() -> None:
    found = {path: faults for path in our_text_files() if (faults := faults_of(path))}

    assert found == {}


def faults_of(path: str) -> list[str]:
    """What is wrong with a file, if anything."""
    text = (ROOT / path).read_bytes().decode("utf-8")
    faults = [*OF_ONE_MACHINE.findall(text), *LATER.findall(text)]
    if text and not text.endswith("\n"):
        faults.append("no line end at the end")
    if "\r" in text:
        faults.append("carriage return")
    if re.search(r"(?<!^--)[ \t]+$", text, re.MULTILINE):  # "-- " opens a mail's signature
        faults.append("blanks at the end of a line")
    return faults
