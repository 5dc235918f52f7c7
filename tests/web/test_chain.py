from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from models.evidence import Evidence, EvidenceKind
from models.match import Match
from models.pilot import Pilot
from models.scenario import Scenario
from web.chain import ChainFacts, build_chain

ZONE = ZoneInfo("Asia/Shanghai")
PUBLISHED = datetime(2026, 11, 2, 1, tzinfo=UTC)


def scenario() -> Scenario:
    return Scenario(organisation_id=1, title="t", text="t", number="NS-1", published_at=PUBLISHED)


def pilot(**values) -> Pilot:
    return Pilot(match_id=1, scenario_id=1, organisation_id=1, capability_id=1, title="t", **values)


def states(facts: ChainFacts) -> list[str]:
    return [step.state for step in build_chain(facts, "zh", zone=ZONE)]


def document(kind: EvidenceKind, **values) -> Evidence:
    return Evidence(
        pilot_id=1, kind=kind, title="t", file_name="f", file_hash="0" * 64, file_size=1, media_type="x", **values
    )  # fmt: skip


def test_the_seven_steps_are_always_in_the_same_order() -> None:
    names = [step.name for step in build_chain(ChainFacts(scenario=scenario()), "zh", zone=ZONE)]

    assert names == ["场景发布", "匹配", "会面", "试点", "投入使用", "报告", "资助"]


def test_the_first_open_step_is_now() -> None:
    assert states(ChainFacts(scenario=scenario())) == ["done", "now", *["todo"] * 5]


def test_days_between_steps_are_counted_in_the_readers_zone() -> None:
    late = datetime(2026, 11, 4, 17, tzinfo=UTC)  # already the 5th in Shenzhen

    steps = build_chain(ChainFacts(scenario=scenario(), matched_at=late), "zh", zone=ZONE)

    assert (steps[1].on, steps[1].days_since) == (date(2026, 11, 5), 3)


def test_a_step_that_was_jumped_over_is_skipped() -> None:
    facts = ChainFacts(scenario=scenario(), matched_at=PUBLISHED, pilot=pilot(agreed_at=PUBLISHED))

    assert states(facts)[:4] == ["done", "done", "skipped", "done"]


def test_reports_need_both_kinds() -> None:
    match = Match(scenario_id=1, organisation_id=1, introduced_at=PUBLISHED)
    live = pilot(
        agreed_at=PUBLISHED,
        started_at=PUBLISHED,
        in_use_at=PUBLISHED,
        go_live_on=date(2026, 11, 9),
        n_users=3,
    )
    test_report = document(EvidenceKind.TEST_REPORT, issued_on=date(2026, 11, 10))
    use_report = document(EvidenceKind.USE_REPORT, issued_on=date(2026, 11, 12))
    base = {"scenario": scenario(), "matched_at": PUBLISHED, "match": match, "pilot": live}

    one = build_chain(ChainFacts(**base, evidence=[test_report]), "zh", zone=ZONE)[5]
    both = build_chain(ChainFacts(**base, evidence=[test_report, use_report]), "zh", zone=ZONE)[5]

    assert (one.state, one.note) == ("now", "缺使用报告")
    assert (both.state, both.on) == ("done", date(2026, 11, 12))


def test_a_rejected_report_does_not_count() -> None:
    rejected = document(EvidenceKind.TEST_REPORT, rejected_at=PUBLISHED)

    assert build_chain(ChainFacts(scenario=scenario(), evidence=[rejected]), "zh", zone=ZONE)[5].note == ""


def test_nothing_is_now_after_the_end() -> None:
    facts = ChainFacts(scenario=scenario(), pilot=pilot(agreed_at=PUBLISHED, stopped_at=PUBLISHED))

    assert "now" not in states(facts)


def test_english_names_are_short_enough_for_a_phone() -> None:
    steps = build_chain(ChainFacts(scenario=scenario()), "en", zone=ZONE)

    assert max(len(step.name) for step in steps) <= 8
