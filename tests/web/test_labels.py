from __future__ import annotations

import pytest

from models.api_token import Scope
from models.evidence import EvidenceKind
from models.match import Band, DeclineReason, DismissReason
from models.pilot import PilotStatus
from models.scenario import DEPLOYMENTS, ScenarioKind, ScenarioStatus
from models.user import Role
from models.webhook import EventKind
from web.labels import TABLES, label


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("band", Band), ("decline_reason", DeclineReason), ("dismiss_reason", DismissReason),
        ("evidence_kind", EvidenceKind), ("pilot_status", PilotStatus), ("scenario_status", ScenarioStatus),
        ("scenario_kind", ScenarioKind), ("role", Role), ("deployment", DEPLOYMENTS), ("scope", Scope),
        ("webhook_kind", EventKind),
    ],
)  # fmt: skip
def test_every_code_has_a_word(table: str, codes) -> None:
    assert {str(code) for code in codes} <= set(TABLES[table])


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert label("domain", "space_travel", "en") == "space_travel"


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(KeyError):
        label("nothing", "x", "zh")
