"""What to do about a gap: by the day, and by who reads it."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from matcher.explanation import Voice
from matcher.next_steps import NO_AIDS, AidLookup, Aids, Partner, steps_for
from models.capability import Capability
from models.funding_rule import FundingKind, FundingTarget
from models.i18n import LOCALES
from models.match_queries import find_match
from models.voucher import Voucher
from tests.factories import MONDAY, make_capability, make_firm, make_scenario, make_team, save
from tests.funding_examples import make_rule

ON = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")
MUSTS = ("重复来件归并成一件", "答复逐句带出处", "部署在政务云")

UNMET: dict[str, Any] = {
    "code": "requirement_unmet",
    "values": {
        "position": 2, "need": "误报率不高于5%", "quote": "误报率8.7%", "quote_lang": "zh",
        "spend": ["compute", "corpus"],
    },
    "step": "retest",
}  # fmt: skip
FILING: dict[str, Any] = {
    "code": "filing_missing",
    "values": {"position": 3, "filings": ["model_filing"], "spend": ["model"]},
    "step": "file_filing",
}
COMPUTE = Voucher("training_voucher", "训力券", "Training voucher", date(2026, 12, 10))
MODEL = Voucher("model_voucher", "模型券", "Model voucher", None)


@pytest.fixture
def scenario(session: Session):
    return make_scenario(session, requirements=MUSTS)


@pytest.fixture
def firms(session: Session):
    return make_firm(session, name="井然工作室"), make_firm(session, name="问策小馆")


def aids_of(
    session: Session, scenario, capability: Capability, *, voice=Voice.AGENCY, on=ON, gaps=()
) -> Aids:
    session.flush()
    lookup = AidLookup(session, [scenario.key], on=on, zone=ZONE)
    return lookup.aids(scenario, capability, gaps, voice)


def test_without_aids_the_stored_step_is_all() -> None:
    assert [step.code for step in steps_for(UNMET, NO_AIDS)] == ["retest"]
    assert steps_for({"code": "scenario_closed", "values": {}}, NO_AIDS) == []


def test_the_stored_step_comes_first_then_the_partner_then_the_money() -> None:
    aids = Aids({2: Partner(7, "问策小馆", 11)}, {"compute": COMPUTE, "model": MODEL})

    steps = steps_for(UNMET, aids)

    assert [step.to_json() for step in steps] == [
        {"code": "retest", "position": 2, "firm": None, "programme": None},
        {"code": "join_partner", "position": 2, "firm": 7, "programme": None},
        {"code": "voucher_compute", "position": 2, "firm": None, "programme": "training_voucher"},
    ]


def test_a_missing_filing_names_where_and_what_may_pay() -> None:
    where, money = steps_for(FILING, Aids(vouchers={"model": MODEL}))

    assert "网信部门" in where.words("zh")
    assert money.words("zh") == "改用已备案的模型，服务费可查模型券；有门槛，不承诺"


def test_the_last_day_of_the_window_is_told() -> None:
    words = steps_for(UNMET, Aids(vouchers={"compute": COMPUTE}))[1].words

    assert "申报到2026-12-10止" in words("zh")
    assert "training voucher, applications until 2026-12-10" in words("en")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("voice", Voice)
def test_every_step_is_worded_in_both_voices_without_a_promise(locale: str, voice: Voice) -> None:
    aids = Aids({2: Partner(7, "问策小馆", 11)}, {"compute": COMPUTE, "corpus": COMPUTE, "model": MODEL})

    told = [step.words(locale, voice) for gap in (UNMET, FILING) for step in steps_for(gap, aids)]

    assert len(told) == 6
    assert "问策小馆" in told[1]
    assert sum({"zh": "不承诺", "en": "no promise"}[locale] in words for words in told) == 3


def test_who_meets_a_must_in_the_proposed_team_is_named_with_its_pair(session, scenario, firms) -> None:
    mine, other = firms
    make_team(session, scenario, {mine.key: (1,), other.key: (3,)})
    capability = make_capability(session, organisation_id=mine.key)

    aids = aids_of(session, scenario, capability)

    pair = find_match(session, scenario.key, other.key)
    assert pair is not None
    assert aids.partners == {3: Partner(other.key, "问策小馆", pair.key)}


def test_a_must_that_nobody_takes_or_only_in_part_has_no_partner(session, scenario, firms) -> None:
    mine, other = firms
    team = make_team(session, scenario, {mine.key: (1,), other.key: (2,)})
    team.musts = [{**must, "verdict": "partly"} if must["position"] == 2 else must for must in team.musts]
    capability = make_capability(session, organisation_id=mine.key)

    assert aids_of(session, scenario, capability).partners == {}


def test_a_firm_reads_names_only_of_a_team_it_is_in(session, scenario, firms) -> None:
    mine, other = firms
    make_team(session, scenario, {mine.key: (1,), other.key: (3,)})
    member = make_capability(session, organisation_id=mine.key)
    outsider = make_capability(session, organisation_id=make_firm(session).key)

    assert set(aids_of(session, scenario, member, voice=Voice.FIRM).partners) == {3}
    assert aids_of(session, scenario, outsider, voice=Voice.FIRM).partners == {}
    assert set(aids_of(session, scenario, outsider, voice=Voice.AGENCY).partners) == {1, 3}


def test_a_team_that_is_proposed_no_more_names_nobody(session, scenario, firms) -> None:
    mine, other = firms
    team = make_team(session, scenario, {mine.key: (1,), other.key: (3,)})
    capability = make_capability(session, organisation_id=mine.key)

    team.end(MONDAY)

    assert aids_of(session, scenario, capability).partners == {}


def test_a_voucher_is_named_until_its_last_day_and_never_after(session, scenario, firms) -> None:
    rule = make_rule(
        programme="training_voucher", kind=FundingKind.VOUCHER, target=FundingTarget.FIRM, rate_bp=5000,
        spend_purpose="compute", valid_until_on=date(2026, 12, 17),
    )  # fmt: skip
    save(session, rule)
    capability = make_capability(session, organisation_id=firms[0].key)

    last, after = (
        aids_of(session, scenario, capability, on=on, gaps=[UNMET])
        for on in (date(2026, 12, 17), date(2026, 12, 18))
    )

    assert set(last.vouchers) == {"compute"}
    assert after.vouchers == {}
    assert (
        aids_of(session, scenario, capability, gaps=[{"code": "case_missing", "values": {}}]).vouchers == {}
    )
