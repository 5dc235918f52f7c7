import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.documents import (
    DocumentKind,
    RequirementText,
    Statement,
    capability_document,
    derive_requirements,
    scenario_document,
    text_document,
)
from tests.factories import make_capability, make_scenario


def test_a_scenario_keeps_the_requirements_somebody_wrote(session):
    scenario = make_scenario(session, title="识别井盖病害", requirements=("误报率不高于5%", "部署在政务云"))

    document = scenario_document(scenario)

    assert document.requirements == (
        RequirementText(1, "误报率不高于5%", must=True, derived=False, topic="识别井盖病害"),
        RequirementText(2, "部署在政务云", must=True, derived=False, topic="识别井盖病害"),
    )


def test_a_scenario_without_requirements_gets_derived_ones(session):
    scenario = make_scenario(session, text="目前主要靠人工。希望自动发现井盖缺失并派单。")

    (requirement,) = scenario_document(scenario).requirements

    assert (requirement.text, requirement.must, requirement.derived) == (
        "希望自动发现井盖缺失并派单。",
        False,
        True,
    )


def test_the_statements_of_a_scenario_name_their_fields(session):
    scenario = make_scenario(
        session,
        title="标题",
        text="正文。",
        metric="派单时间",
        baseline="9小时",
        target="30分钟以内",
        requirements=("误报率不高于5%",),
    )

    assert scenario_document(scenario).statements == (
        Statement("title", "标题"),
        Statement("text", "正文。"),
        Statement("metric", "派单时间 9小时 30分钟以内"),
        Statement("requirement", "误报率不高于5%"),
    )


def test_a_case_and_its_result_stay_apart(session):
    capability = make_capability(session, cases=("两个排口，3个月",))
    capability.cases[0].metric = "提醒属实率50%"

    assert capability_document(capability).statements[-1] == Statement(
        "case", "两个排口，3个月：提醒属实率50%"
    )


def test_an_english_case_is_joined_in_english(session):
    capability = make_capability(session, cases=("Three mills, six weeks",))
    capability.cases[0].metric = "mean error 31 micrometres"

    text = capability_document(capability).statements[-1].text

    assert text == "Three mills, six weeks: mean error 31 micrometres"


def test_a_capability_carries_its_facts(session):
    capability = make_capability(session, deployment=["edge"], filings=["mlps_2"])

    facts = capability_document(capability).facts

    assert (facts.deployment, facts.filings) == (("edge",), ("mlps_2",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "别的正文"),
        ("title", "别的标题"),
        ("lang", "en"),
        ("deployment", ["saas"]),
        ("filings", ["mlps_3"]),
    ],
)
def test_the_hash_changes_with_everything_that_is_matched(session, field, value):
    capability = make_capability(session)
    before = capability_document(capability).content_hash

    setattr(capability, field, value)

    assert capability_document(capability).content_hash != before


def test_the_hash_does_not_change_with_what_is_not_matched(session):
    capability = make_capability(session)
    before = capability_document(capability).content_hash

    capability.price_note = "面议"

    assert capability_document(capability).content_hash == before


def test_the_hash_of_a_scenario_changes_when_a_must_becomes_a_should(session):
    scenario = make_scenario(session, requirements=("误报率不高于5%",))
    before = scenario_document(scenario).content_hash

    scenario.requirements[0].must = False

    assert scenario_document(scenario).content_hash != before


def test_invisible_characters_and_empty_statements_are_dropped(session):
    capability = make_capability(session, title="井\u200b盖", text="\u200b")

    assert capability_document(capability).statements == (Statement("title", "井盖"),)


def test_the_words_of_a_document_are_those_of_all_its_statements(session):
    capability = make_capability(session, title="标题", text="正文。", cases=("案例",))

    assert capability_document(capability).keyword_text == "标题\n正文。\n案例"


def test_a_pasted_need_has_requirements_and_a_pasted_offer_has_none():
    text = "希望自动发现井盖缺失并派单。"

    assert len(text_document(text, kind=DocumentKind.SCENARIO).requirements) == 1
    assert text_document(text, kind=DocumentKind.CAPABILITY).requirements == ()


@pytest.mark.parametrize(
    ("text", "lang"), [("自动发现井盖", "zh"), ("Detect open manholes", "en"), ("", "en")]
)
def test_the_language_of_a_pasted_text_is_found(text, lang):
    assert text_document(text, kind=DocumentKind.CAPABILITY).lang == lang


def test_a_title_alone_is_the_requirement():
    (requirement,) = derive_requirements("", title="识别井盖病害")

    assert (requirement.text, requirement.topic) == ("识别井盖病害", "识别井盖病害")


def test_nothing_gives_no_requirement():
    assert derive_requirements("") == ()


@given(st.text(max_size=300), st.text(max_size=40))
def test_derived_requirements_are_numbered_shoulds_with_text(text, title):
    requirements = derive_requirements(text, title=title)

    assert [requirement.position for requirement in requirements] == list(range(1, len(requirements) + 1))
    assert all(row.derived and not row.must and row.text.strip() for row in requirements)


KEYWORDS = " ".join(["multilingual messages storefronts returns refunds courier parcels tickets"] * 60)


def test_a_block_of_keywords_does_not_decide_the_language(session):
    text = "用车载记录仪视频识别井盖缺失、破损和沉降，召回率91%。"

    stuffed = make_capability(session, text=f"{text}\n{KEYWORDS}", lang="en")

    assert capability_document(stuffed).lang == "zh"
    assert text_document(f"{text}\n{KEYWORDS}", kind=DocumentKind.CAPABILITY).lang == "zh"


def test_a_text_that_is_kept_whole_keeps_the_language_it_was_filed_under(session):
    assert capability_document(make_capability(session, text="OCR GPU SDK API", lang="zh")).lang == "zh"


def test_a_filing_whose_proof_expired_is_no_fact_any_more(session):
    row = make_capability(session, filings=["algorithm_filing", "mlps_2"])
    before = capability_document(row)

    row.lapsed_filings = ["algorithm_filing"]

    after = capability_document(row)
    assert (before.facts.filings, after.facts.filings) == (("algorithm_filing", "mlps_2"), ("mlps_2",))
    assert before.content_hash != after.content_hash
