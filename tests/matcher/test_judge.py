import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.coverage import Verdict
from matcher.documents import DocumentKind, RequirementText, scenario_document, text_document
from matcher.gates import Gate
from matcher.judge import Need, Offer, judge, requirement_rows
from matcher.passages import Passage, encode_documents, passages_of
from matcher.scoring import STRONG_RELEVANCE, score_of
from models.match import Band
from models.match_queries import BAND_ORDER
from tests.factories import make_capability, make_scenario
from tests.fakes import HashingEmbedder
from tests.matcher.market import NOW, Chain, MemoryStore, make_market

EMBEDDER = HashingEmbedder()


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def recommender(session, tmp_path):
    make_market(session)
    return Chain(session, tmp_path).updated()


def pair_of(recommender, relevance=STRONG_RELEVANCE, gates=(), **changes):
    """The first pair judged, after changes to the capability's row."""
    scenario_id, capability_id = (
        next(iter(recommender.corpus.scenarios)),
        next(iter(recommender.corpus.capabilities)),
    )
    need, offer = recommender._stored_need(scenario_id), recommender._stored_offer(capability_id)
    for name, value in changes.items():
        setattr(offer.capability, name, value)
    return judge(need, offer, relevance, gates=gates)


def test_the_stored_parts_give_the_score_back(recommender):
    match = pair_of(recommender, 1.7)

    assert match.score == score_of(match.payload()["signals"])


def test_every_requirement_has_a_verdict_in_its_order(recommender):
    match = pair_of(recommender)

    assert [row.position for row in match.coverage] == [1, 2]


def test_a_quote_names_the_chunk_it_is(recommender):
    capability_id = next(iter(recommender.corpus.capabilities))
    document = recommender.corpus.document(DocumentKind.CAPABILITY, capability_id)
    texts = {f"capability:{capability_id}#{p.position}": p.text for p in passages_of(document, EMBEDDER)}
    matches = [recommender.judge(scenario_id, capability_id) for scenario_id in recommender.corpus.scenarios]

    quotes = {row.evidence_id: row.evidence for match in matches for row in match.coverage if row.evidence}

    assert quotes
    assert all(texts[evidence_id] == quote for evidence_id, quote in quotes.items())


def test_quotes_are_sentences_of_the_offer_and_never_its_title(recommender):
    for capability_id in list(recommender.corpus.capabilities)[:8]:
        document = recommender.corpus.document(DocumentKind.CAPABILITY, capability_id)
        own = {passage.text for passage in passages_of(document, EMBEDDER) if passage.source != "title"}
        rows = recommender.judge(next(iter(recommender.corpus.scenarios)), capability_id).coverage

        assert {row.evidence for row in rows if row.evidence_source in ("text", "case")} <= own


def test_a_failed_gate_is_a_gap_and_leaves_the_pair_weak(recommender):
    match = pair_of(recommender, gates=[Gate("firm_full", closed=True)])

    assert match.band is Band.WEAK
    assert match.gaps[0].code == "firm_full"


def test_a_thin_description_is_not_judged(recommender, session):
    scenario_id = next(iter(recommender.corpus.scenarios))
    document = text_document("智能巡查。", kind=DocumentKind.CAPABILITY)
    passages = tuple(passages_of(document, EMBEDDER))
    [encoded] = encode_documents([document], EMBEDDER, MemoryStore())
    vectors = recommender.gauge.offer_of(encoded).chunk_set.chunks

    match = judge(recommender._stored_need(scenario_id), Offer(document, passages, vectors), 9.0)

    assert match.band is Band.NOT_ENOUGH_INFORMATION
    assert "text_too_short" in [gap.code for gap in match.gaps]


@pytest.mark.parametrize(
    "removed",
    [{"maturity": None}, {"capacity": None}, {"filings": []}, {"deployment": []}, {"cases": []}],
)
def test_taking_a_fact_away_never_raises_the_band(recommender, removed):
    full = pair_of(recommender, maturity="commercial", filings=["algorithm_filing"], deployment=["gov_cloud"])

    stripped = pair_of(recommender, **removed)

    assert BAND_ORDER[stripped.band] >= BAND_ORDER[full.band]


def test_a_confirmed_case_and_free_capacity_are_reasons(recommender):
    capability = next(iter(recommender.corpus.capabilities.values()))
    capability.cases[0].confirmed_at, capability.cases[0].customer = NOW, "某街道办"

    match = pair_of(recommender, capacity=2)

    reasons = {reason.code: reason.values for reason in match.reasons}
    assert reasons["case_confirmed"] == {"customer": "某街道办"}
    assert reasons["capacity_free"] == {"n": 2}
    assert match.signals["proven"] == 1.0


def test_of_a_pasted_text_no_facts_are_known(recommender):
    scenario_id = next(iter(recommender.corpus.scenarios))
    [match, *_] = recommender.match_text(
        "用车载视频识别井盖缺失和破损，已用两年。", DocumentKind.CAPABILITY, k=1
    )

    assert match.organisation_id == 0
    assert set(match.signals) == {"relevance", "coverage", "unmet_musts"}
    assert match.scenario_id in recommender.corpus.scenarios
    assert scenario_id


def test_a_written_requirement_is_found_as_its_own_statement(session):
    scenario = make_scenario(
        session,
        text="误报率不高于5%。响应要快。",
        requirements=("误报率不高于5%", "结果带坐标，" * 40 + "并带截图"),
    )
    document = scenario_document(scenario)
    passages = passages_of(document, EMBEDDER)

    first, second = requirement_rows(document, passages)

    assert [passages[at].text for at in first] == ["误报率不高于5%"]
    assert len(second) > 1
    assert {passages[at].source for at in second} == {"requirement"}


def test_a_derived_requirement_is_found_in_the_chunk_that_says_it(session):
    scenario = make_scenario(session, text="希望用车载视频自动识别井盖破损。希望识别后自动派单到责任单位。")
    document = scenario_document(scenario)
    passages = passages_of(document, EMBEDDER)

    rows = requirement_rows(document, passages)

    assert all(row.derived for row in document.requirements)
    found = [passages[at].text for row in rows for at in row]
    assert all(row.text in text for row, text in zip(document.requirements, found, strict=True))


@given(st.text(max_size=120), st.lists(st.text(max_size=60), max_size=4))
def test_every_requirement_has_a_chunk_where_there_is_one(asked, texts):
    document = text_document("x", kind=DocumentKind.SCENARIO)
    requirement = RequirementText(1, asked, must=True, derived=True)
    passages = [Passage(at, "text", text) for at, text in enumerate(texts)]

    [rows] = requirement_rows(
        type(document)(document.kind, 1, "zh", document.statements, (requirement,)), passages
    )

    assert bool(rows) == bool(texts)
    assert all(0 <= row < len(texts) for row in rows)


def test_a_need_without_any_text_is_answered_by_nothing(recommender):
    capability_id = next(iter(recommender.corpus.capabilities))
    document = text_document("", kind=DocumentKind.SCENARIO)
    [empty] = encode_documents([document], EMBEDDER, MemoryStore())
    need = Need(document, recommender.gauge.profile_of(empty), requirement_rows(document, []))

    assert judge(need, recommender._stored_offer(capability_id), 0.0).coverage == ()


def test_an_offer_without_any_text_meets_nothing(session, recommender):
    make_capability(session)
    document = text_document("", kind=DocumentKind.CAPABILITY)
    offer = Offer(document, (), EMBEDDER.encode([], role="supply"))

    match = judge(recommender._stored_need(next(iter(recommender.corpus.scenarios))), offer, 5.0)

    assert {row.verdict for row in match.coverage} == {Verdict.UNKNOWN}
    assert match.band is Band.NOT_ENOUGH_INFORMATION
