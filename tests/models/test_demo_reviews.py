"""The demo's way to publication: every state there is, with remarks and a change; lists of what is out are frozen."""

from datetime import timedelta

from sqlmodel import Session, col, select

from models.batch import Batch
from models.batch_list import ListFormat, list_files
from models.demo import Calendar
from models.demo_reviews import planned_moment
from models.review import ReviewRound, changed_fields, content_of, list_rounds, needs_review
from models.scenario import Scenario, ScenarioStatus
from tests.models.conftest import Demo


def rounds(session: Session, key: str) -> list[ReviewRound]:
    row = session.exec(select(Scenario).where(Scenario.external_id == key)).one()
    return list_rounds(session, row.key)


def test_a_returned_text_has_remarks_and_its_words(seeded: Session) -> None:
    [row] = rounds(seeded, "R02")

    assert set(row.by_field) == {"target", "acceptance"}
    assert row.note
    assert row.decided_by_user_id is not None


def test_what_was_handed_in_again_differs_where_it_was_asked_to(seeded: Session) -> None:
    first, second = rounds(seeded, "R03")

    assert changed_fields(first.content, second.content) == list(first.by_field) == ["target"]
    assert second.content == content_of(second.scenario)


def test_all_of_them_lie_where_review_is_asked_for(seeded: Session) -> None:
    assert all(needs_review(row.scenario) for row in seeded.exec(select(ReviewRound)))


def test_the_lists_of_batches_that_are_out_are_frozen(seeded: Session) -> None:
    for batch in seeded.exec(select(Batch)):
        kept = {row.format for row in list_files(seeded, batch.key)}
        assert kept == ({ListFormat.JSON, ListFormat.XLSX} if batch.released_at else set())


def test_the_next_batch_has_a_scenario_that_waits_and_a_moment_to_come(seeded: Session, demo: Demo) -> None:
    batch = seeded.exec(select(Batch).where(col(Batch.released_at).is_(None))).one()
    inside = seeded.exec(select(Scenario).where(Scenario.batch_id == batch.key)).all()

    assert [row.external_id for row in inside if row.status is ScenarioStatus.APPROVED] == ["R04"]
    assert {row.published_at for row in inside} == {None}
    assert batch.collects_on(demo.today)
    assert batch.releases_at == planned_moment(Calendar(demo.now, "Asia/Shanghai"), 20)
    assert batch.releases_at > demo.now + timedelta(days=18)
