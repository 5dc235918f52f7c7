import json
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session

from jobs.reindex import reindex
from jobs.runner import Run
from matcher.team_answer import TeamReport, answer_team
from matcher.workshop import Workshop
from models.db import transaction
from models.errors import NotFound
from models.match import DeclineReason
from models.team import find_current
from tests.factories import MONDAY, make_capability, make_match, make_scenario
from tests.matcher.market import NOW, make_market, make_workshop

MUSTS = (
    "来件自动转给承办部门并附理由原句",
    "政策答复逐句标明出处和有效期",
    "Approved by a maritime class society",
)


@pytest.fixture
def engine(empty_engine: Engine) -> Engine:
    return empty_engine


@pytest.fixture
def workshop(engine: Engine, tmp_path: Path) -> Workshop:
    with transaction(engine) as session:
        make_market(session, 4, 16)
    workshop = make_workshop(engine, tmp_path)
    workshop.update_index(now=NOW)
    return workshop


@pytest.fixture
def need(engine: Engine, workshop: Workshop) -> int:
    """A scenario of three musts; two firms cover one each, nobody the third."""
    with transaction(engine) as session:
        for must in MUSTS[:2]:
            make_capability(
                session, title=must[:6], text=f"{must}。已在三个区用了一年，每天处理两千件，专人值守。"
            )
        scenario = make_scenario(
            session, title="信箱来件分办和政策答复", text="。".join(MUSTS), requirements=MUSTS
        ).key
    workshop.update_index(now=NOW)
    return scenario


def test_the_report_is_what_the_job_stores(workshop: Workshop, engine: Engine, need: int) -> None:
    told = json.loads(json.dumps(answer_team(workshop, need).to_json(), ensure_ascii=False))
    reindex(Run(engine, lambda: NOW, owner="test"), workshop=workshop)

    with Session(engine) as session:
        stored = find_current(session, need)
        assert stored is not None
        assert told["musts"] == stored.musts
        assert [(m["firm"], m["parts"], m["coverage"]) for m in told["members"]] == [
            (m.organisation_id, m.parts, m.coverage) for m in stored.members
        ]
        assert (told["closeness"], told["lower_bound"]) == (stored.closeness, stored.lower_bound)


def test_a_declined_firm_is_not_reported(workshop: Workshop, engine: Engine, need: int) -> None:
    [gone, *_] = answer_team(workshop, need).to_json()["members"]
    with transaction(engine) as session:
        make_match(session, scenario_id=need, organisation_id=gone["firm"]).decline(
            MONDAY, reason=DeclineReason.PRICE
        )

    assert gone["firm"] not in [member["firm"] for member in answer_team(workshop, need).to_json()["members"]]


@pytest.mark.parametrize(("locale", "words"), [("zh", "没有企业覆盖: 3."), ("en", "nobody covers: 3.")])
def test_it_can_be_read_in_both_languages(workshop: Workshop, need: int, locale: str, words: str) -> None:
    text = answer_team(workshop, need).to_text(locale)

    assert words in text
    assert MUSTS[0] in text and "已在三个区用了一年" not in text.splitlines()[0]


def test_a_team_that_was_not_proved_says_its_bound() -> None:
    content = {
        "members": [], "musts": [{"position": 1, "text": "x", "taken_by": None, "verdict": "unmet"}],
        "closeness": "apart", "lower_bound": 2, "n_available": 9, "n_examined": 4,
    }  # fmt: skip

    assert "2" in TeamReport(content).to_text("zh").splitlines()[-2]


@pytest.mark.parametrize(("locale", "words"), [("zh", "没有逐条写"), ("en", "no written musts")])
def test_without_musts_it_says_so(workshop: Workshop, engine: Engine, locale: str, words: str) -> None:
    with transaction(engine) as session:
        bare = make_scenario(session).key
    workshop.update_index(now=NOW)

    assert words in answer_team(workshop, bare).to_text(locale)


def test_an_unknown_scenario_is_not_found(workshop: Workshop) -> None:
    with pytest.raises(NotFound):
        answer_team(workshop, 99_999)
