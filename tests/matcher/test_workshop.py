import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from matcher.workshop import make_workshop as workshop_of_settings
from models.config import Settings
from models.db import make_engine, make_session, transaction
from models.embedding import Embedding
from models.errors import IndexNotReady
from tests.factories import make_capability, make_firm
from tests.fakes import HashingEmbedder
from tests.matcher.market import NOW, CountingEmbedder, make_market, make_workshop


@pytest.fixture
def engine(empty_engine) -> Engine:
    """A database of its own with a market that is committed."""
    with transaction(empty_engine) as session:
        make_market(session)
    return empty_engine


@pytest.fixture
def workshop(engine, tmp_path):
    return make_workshop(engine, tmp_path)


def write_something(engine):
    """What a page does meanwhile, on a connection that waits for nobody."""
    page = make_engine(engine.url.render_as_string(hide_password=False))
    waiting = {"sqlite": "PRAGMA busy_timeout = 0", "postgresql": "SET lock_timeout = '100ms'"}
    with page.connect() as connection:
        connection.exec_driver_sql(waiting[engine.dialect.name])
        connection.exec_driver_sql("UPDATE organisation SET url = 'https://example.org'")
        connection.commit()
    page.dispose()


def test_pages_write_while_texts_are_encoded(engine, tmp_path):
    written = []
    embedder = CountingEmbedder(before=lambda texts: written.append(write_something(engine)))
    workshop = make_workshop(engine, tmp_path, embedder=embedder)

    workshop.update_index(now=NOW)
    workshop.recommender().match_text("消防通道占用要马上知道。", "scenario", k=1)

    assert len(written) == 3


def test_vectors_are_kept_in_the_database(workshop, engine, tmp_path):
    workshop.update_index(now=NOW)
    embedder = CountingEmbedder()

    make_workshop(engine, tmp_path / "elsewhere", embedder=embedder).update_index(now=NOW)

    assert embedder.encoded == []
    with make_session(engine, read_only=True) as session:
        assert session.exec(select(Embedding)).first() is not None


def test_a_snapshot_is_opened_again_only_when_there_is_a_newer_one(workshop, engine):
    workshop.update_index(now=NOW)
    first, baseline = workshop.opened()
    assert workshop.opened()[0] is first
    with transaction(engine) as session:
        make_capability(session, title="新来的能力")

    workshop.update_index(now=NOW)

    newer, same_baseline = workshop.opened()
    assert newer.generation == first.generation + 1
    assert same_baseline is baseline


def test_without_an_index_nothing_is_answered(workshop):
    with pytest.raises(IndexNotReady, match="rebuild"):
        workshop.recommender()


def test_an_index_of_another_model_setting_answers_nothing(workshop, engine, tmp_path):
    workshop.update_index(now=NOW)

    with pytest.raises(IndexNotReady, match="another embedding model"):
        make_workshop(engine, tmp_path, model="other").opened()


def test_the_status_counts_what_is_out_of_step(workshop, engine):
    before = workshop.index_status()
    workshop.update_index(now=NOW)
    in_step = workshop.index_status()
    with transaction(engine) as session:
        make_capability(session, organisation_id=make_firm(session).key)

    after = workshop.index_status()

    assert (before["in_step"], bool(before["problem"])) == (False, True)
    assert (in_step["in_step"], in_step["documents"], in_step["problem"]) == (True, 40, None)
    assert (after["in_step"], after["not_indexed"], after["to_remove"]) == (False, 1, 0)


def test_verification_reads_every_byte(workshop):
    workshop.update_index(now=NOW)
    workshop.verify_index()
    path = next(path for path in workshop.index_dir.iterdir() if path.name.endswith("-base.npy"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(IndexNotReady, match="damaged"):
        workshop.verify_index()


def test_inputs_change_with_the_rows_the_index_and_the_model(workshop, engine, tmp_path):
    assert workshop.inputs(workshop.rows_now()) == ""
    workshop.update_index(now=NOW)
    settled = workshop.inputs(workshop.rows_now())
    assert settled == workshop.inputs(workshop.rows_now()) != ""

    workshop.update_index(now=NOW, rebuild=True)
    rebuilt = workshop.inputs(workshop.rows_now())
    other_model = make_workshop(engine, tmp_path, model="other").inputs(workshop.rows_now())
    with transaction(engine) as session:
        make_capability(session)

    assert len({settled, rebuilt, other_model, workshop.inputs(workshop.rows_now())}) == 4


def test_a_missing_file_counts_as_nothing_settled(workshop):
    workshop.update_index(now=NOW)
    next(path for path in workshop.index_dir.iterdir() if path.name.endswith("-base.npy")).unlink()

    assert workshop.inputs(workshop.rows_now()) == ""


def test_the_model_is_loaded_once_and_late(engine, tmp_path):
    loaded = []

    def load():
        loaded.append(1)
        return HashingEmbedder()

    workshop = make_workshop(engine, tmp_path)
    workshop.make_embedder = load
    workshop.index_status()
    assert loaded == []

    workshop.update_index(now=NOW)
    workshop.update_index(now=NOW, rebuild=True)

    assert loaded == [1]


def test_a_workshop_of_the_settings_loads_nothing(tmp_path, sqlite_engine):
    settings = Settings(data_dir=tmp_path, model="bundled:e5-small", model_dtype="float32", _env_file=None)

    workshop = workshop_of_settings(settings, sqlite_engine)

    assert workshop.model == "bundled:e5-small:float32"
    assert workshop.index_dir == tmp_path / "index"
    assert workshop.today().year >= 2026
    assert list(tmp_path.iterdir()) == []


def test_two_processes_see_each_others_generations(workshop, engine, tmp_path):
    other = make_workshop(engine, tmp_path)
    workshop.update_index(now=NOW)
    assert other.opened()[0].generation == 1
    with Session(engine) as session:
        make_capability(session)
        session.commit()

    other.update_index(now=NOW)

    assert workshop.opened()[0].generation == 2
