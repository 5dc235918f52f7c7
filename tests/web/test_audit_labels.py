from __future__ import annotations

import re
from pathlib import Path

from models.i18n import gettext
from models.tables import __all__ as tables
from tests.house.checkout import ROOT
from web.audit_labels import AUDIT_ACTIONS, FIELDS, SUBJECTS
from web.pages import communities, districts

LITERAL = re.compile(
    r'(?:action=|action, said = |_done\(pilot, |_moved\([^)]*?)"([a-z_]+\.[a-z_]+)"', re.DOTALL
)


def written_actions() -> set[str]:
    files = [path for package in ("models", "web", "jobs") for path in Path(ROOT / package).rglob("*.py")]
    return {found for path in files for found in LITERAL.findall(path.read_text(encoding="utf-8"))}


def test_whatever_the_code_writes_down_has_a_word() -> None:
    written = written_actions()

    assert len(written) > 80
    assert written - set(AUDIT_ACTIONS) == set()


def test_words_are_there_in_both_languages() -> None:
    words = [*AUDIT_ACTIONS.values(), *SUBJECTS.values(), *FIELDS.values()]

    assert [word for word in words if gettext("en", word) == word] == []


def test_subjects_are_tables() -> None:
    assert len(SUBJECTS) > 20 and len(tables) > 40
    from sqlmodel import SQLModel

    assert set(SUBJECTS) - set(SQLModel.metadata.tables) == set()


def test_fields_of_places_have_words() -> None:
    assert (set(communities.LABELS) | set(districts.PROGRAMME_LABELS)) - set(FIELDS) == set()
