from __future__ import annotations

import pytest

from models.errors import InvalidTransition
from models.revision import CONFLICT, claim_revision
from tests.factories import make_capability, make_scenario


@pytest.mark.parametrize("make", [make_scenario, make_capability])
def test_of_two_who_want_the_same_version_one_gets_it(session, make):
    row = make(session)
    claim_revision(session, row, 1)

    with pytest.raises(InvalidTransition) as refused:
        claim_revision(session, row, 1)

    session.refresh(row)
    assert (refused.value.code, row.revision) == (CONFLICT, 2)


def test_only_the_row_that_is_meant_moves_on(session):
    row, other = make_capability(session), make_capability(session)

    claim_revision(session, row, 1)

    session.refresh(other)
    assert other.revision == 1
