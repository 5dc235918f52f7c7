from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from matcher.comparisons import Evidence
from matcher.scoring import BUILT_IN
from matcher.weight_report import NO_VERSION, answer_weights, lacking_text, to_text
from matcher.weighting import weighting_in_force
from models.audit import AuditEvent
from models.db import transaction
from models.errors import InvalidTransition, NotFound
from models.weight_version import WeightVersion
from tests.matcher.market import NOW, make_workshop
from tests.weightings import make_weights


@pytest.fixture
def workshop(empty_engine: Engine, tmp_path):
    return make_workshop(empty_engine, tmp_path)


def test_before_anything_was_learnt_it_says_so(workshop) -> None:
    assert answer_weights(workshop, "list", 0, now=NOW) == []
    assert to_text([]) == NO_VERSION


def test_too_little_to_learn_from_is_said_and_nothing_is_stored(workshop, empty_engine: Engine) -> None:
    found = answer_weights(workshop, "fit", 0, now=NOW)

    assert isinstance(found, Evidence)
    assert "n_compared 0/50" in lacking_text(found)
    with transaction(empty_engine) as session:
        assert session.exec(select(WeightVersion)).all() == []


def test_a_proposal_is_put_in_force_and_taken_back_with_an_audit_row_each(
    workshop, empty_engine: Engine
) -> None:
    with transaction(empty_engine) as session:
        serial = make_weights(session, proven=0.5).serial

    (activated,) = answer_weights(workshop, "activate", serial, now=NOW)

    assert (activated["status"], activated["in_force"]) == ("activated", True)
    assert "proven +0.50" in to_text(answer_weights(workshop, "list", 0, now=NOW))
    with workshop.reading() as session:
        assert weighting_in_force(session).weights.proven == 0.5

    (reverted,) = answer_weights(workshop, "revert", 0, now=NOW + timedelta(hours=1))

    assert (reverted["status"], reverted["in_force"]) == ("reverted", False)
    with workshop.reading() as session:
        assert weighting_in_force(session) == BUILT_IN
        actions = [(event.action, event.actor_user_id) for event in session.exec(select(AuditEvent))]
    assert actions == [("weights.activated", None), ("weights.reverted", None)]


def test_what_did_not_pass_or_is_not_there_is_refused(workshop, empty_engine: Engine) -> None:
    with transaction(empty_engine) as session:
        refused = make_weights(session, passed=False).serial

    with pytest.raises(InvalidTransition, match="没有通过检验"):
        answer_weights(workshop, "activate", refused, now=NOW)
    with pytest.raises(NotFound):
        answer_weights(workshop, "activate", 10**12, now=NOW)
    with pytest.raises(InvalidTransition, match="内置权重"):
        answer_weights(workshop, "revert", 0, now=NOW)
