"""A sound index passes, a damaged one fails with what is wrong, and neither changes anything."""

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from jobs.reindex import reindex
from jobs.verify_index import verify_index
from matcher.workshop import Workshop
from models.db import transaction
from models.errors import IndexNotReady
from tests.jobs.conftest import FixedClock
from tests.jobs.sending import make_run
from tests.matcher.market import make_market, make_workshop


@pytest.fixture
def workshop(database: Engine, clock: FixedClock, tmp_path: Path) -> Workshop:
    with transaction(database) as session:
        make_market(session)
    found = make_workshop(database, tmp_path)
    reindex(make_run(database, clock), workshop=found)
    return found


def test_a_sound_index_passes_every_time(database: Engine, clock: FixedClock, workshop: Workshop) -> None:
    before = {path.name: path.read_bytes() for path in workshop.index_dir.iterdir() if path.is_file()}
    for _ in range(2):
        run = make_run(database, clock)
        verify_index(run, workshop=workshop)
        assert run.counts.to_json() == {"done": {"index_verified": 1}}

    assert {p.name: p.read_bytes() for p in workshop.index_dir.iterdir() if p.is_file()} == before


def test_one_changed_byte_is_found(database: Engine, clock: FixedClock, workshop: Workshop) -> None:
    path = next(workshop.index_dir.glob("*-base.npy"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(IndexNotReady, match=path.name):
        verify_index(make_run(database, clock), workshop=workshop)


def test_without_an_index_it_says_so(database: Engine, clock: FixedClock, tmp_path: Path) -> None:
    with pytest.raises(IndexNotReady, match="no search index"):
        verify_index(make_run(database, clock), workshop=make_workshop(database, tmp_path / "empty"))
