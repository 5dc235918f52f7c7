import json
import random
from datetime import timedelta

import pytest
from sqlmodel import Session

from matcher import recommender as recommender_module
from matcher.documents import DocumentKind
from matcher.gates import closed_gates
from matcher.index_store import IndexStore
from matcher.scoring import score_of
from models.errors import IndexNotReady, InvalidInput, NotFound
from models.match import Band
from models.match_queries import BAND_ORDER
from tests.factories import make_capability, make_scenario
from tests.fakes import HashingEmbedder
from tests.matcher.market import NOW, TODAY, Chain, CountingEmbedder, make_market, make_workshop

ENGLISH = (
    "Find broken manhole covers in video from patrol cars at night and file a ticket with place and picture."
)


class FinerEmbedder(CountingEmbedder):
    """Cuts every text into more pieces than the one the index was made with."""

    def count_tokens(self, texts):
        return [10 * n for n in super().count_tokens(texts)]


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def market(session):
    return make_market(session)


@pytest.fixture
def chain(session, tmp_path, market):
    chain = Chain(session, tmp_path)
    chain.update()
    return chain


@pytest.fixture
def recommender(chain):
    return chain.recommender()


def everything(match):
    """All that is said about a pair, as it is stored."""
    said = {"score": match.score, "band": match.band, **match.payload()}
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def views(recommender):
    """All that is said about every pair that some scenario's list shows."""
    ids = recommender.corpus.scenarios
    found = [match for id_ in ids for match in recommender.match_scenario(id_, k=100)]
    return {(match.scenario_id, match.capability_id): everything(match) for match in found}


def test_scores_are_in_range_and_come_back_from_their_parts(recommender):
    matches = recommender.match_scenario(next(iter(recommender.corpus.scenarios)), k=100)

    assert all(0 <= match.score <= 1 for match in matches)
    assert all(match.score == score_of(json.loads(everything(match))["signals"]) for match in matches)


def test_the_answer_is_ranked_and_fewer_are_its_first(recommender):
    scenario_id = next(iter(recommender.corpus.scenarios))

    many = recommender.match_scenario(scenario_id, k=24)

    keys = [(BAND_ORDER[match.band], -match.score, match.capability_id) for match in many]
    assert keys == sorted(keys)
    assert [everything(m) for m in recommender.match_scenario(scenario_id, k=5)] == [
        everything(m) for m in many[:5]
    ]


def test_asking_twice_gives_the_same_answer(chain):
    assert views(chain.recommender()) == views(chain.recommender())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_insertion_changes_nothing_that_is_said(tmp_path, empty_engine, seed):
    """The same rows with the same ids, written in another order."""
    with Session(empty_engine) as session:
        market = [row for side in make_market(session) for row in side]
        before = views(Chain(session, tmp_path / "a").updated())
        parts = [
            part for row in market for part in getattr(row, "cases", None) or getattr(row, "requirements", [])
        ]
        contents = (
            [(type(row), row.model_dump()) for row in market],
            [(type(p), p.model_dump()) for p in parts],
        )
        for row in market:
            session.delete(row)
        session.flush()
        for rows in contents:
            for table, values in random.Random(seed).sample(rows, len(rows)):
                session.add(table(**values))
                session.flush()
        session.expire_all()

        assert views(Chain(session, tmp_path / "b").updated()) == before


def test_a_later_irrelevant_capability_changes_nothing_that_is_said_of_others(chain):
    before = views(chain.recommender())
    make_capability(
        chain.session,
        title="财务记账",
        text="为小微企业代理记账，每月出具报表，按季度申报，已服务四十家企业。",
    )

    after = views(chain.updated())

    assert {pair: after[pair] for pair in before} == before


def test_a_capability_that_leaves_changes_nothing_that_is_said_of_others(chain, market):
    before = views(chain.recommender())
    market[1][3].unlisted_at = NOW
    chain.session.flush()

    after = views(chain.updated())

    assert after == {pair: said for pair, said in before.items() if pair[1] != market[1][3].key}


def test_both_sides_are_told_the_same_about_a_pair(recommender):
    from_scenarios = views(recommender)

    found = [
        match
        for capability_id in recommender.corpus.capabilities
        for match in recommender.match_capability(capability_id, k=100)
    ]

    assert {(m.scenario_id, m.capability_id): everything(m) for m in found} == from_scenarios


def test_the_explanation_is_what_the_list_says_whatever_the_rank(recommender):
    scenario_id = next(iter(recommender.corpus.scenarios))

    for match in recommender.match_scenario(scenario_id, k=24):
        assert everything(recommender.explain(scenario_id, match.capability_id)) == everything(match)


def test_a_pasted_text_has_the_relevance_of_its_row(chain, recommender):
    need = make_scenario(
        chain.session, title="", text="需要用车载视频自动识别井盖破损。夜间也能识别道路沉降。"
    )
    offer = make_capability(
        chain.session, title="", text="用车载视频识别井盖破损，已在三个区试用。", deployment=[], maturity=None
    )
    recommender = chain.updated()

    by_need = recommender.match_text(need.text, DocumentKind.SCENARIO, k=100)
    by_offer = recommender.match_text(offer.text, DocumentKind.CAPABILITY, k=100)

    stored = {m.capability_id: m for m in recommender.match_scenario(need.key, k=100)}
    assert {m.capability_id: m.signals["relevance"] for m in by_need} == {
        id_: m.signals["relevance"] for id_, m in stored.items()
    }
    assert {m.scenario_id: m.signals["relevance"] for m in by_offer} == {
        m.scenario_id: m.signals["relevance"] for m in recommender.match_capability(offer.key, k=100)
    }
    assert [row.verdict for row in by_need[0].coverage] == [
        row.verdict for row in stored[by_need[0].capability_id].coverage
    ]


def test_a_pasted_text_leaves_the_market_as_it_was(recommender):
    before = views(recommender)

    recommender.match_text("用车载视频识别井盖破损。", DocumentKind.CAPABILITY, k=3)

    assert views(recommender) == before


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x07", "\u200b\u202e"])
@pytest.mark.parametrize("kind", DocumentKind)
def test_an_empty_text_is_refused_in_words(recommender, text, kind):
    with pytest.raises(InvalidInput, match="空的"):
        recommender.match_text(text, kind, k=3)


@pytest.mark.parametrize(
    "text", ["😀" * 50, "שלום עולם, זיהוי מכסי ביוב", "井盖\x00破损\ud800，派单。", "a" * 100_000, "，。！"]
)
@pytest.mark.parametrize("kind", DocumentKind)
def test_odd_texts_are_answered_like_any(recommender, text, kind):
    matches = recommender.match_text(text, kind, k=3)

    assert len(matches) == 3
    assert all(0 <= match.score <= 1 for match in matches)


def test_there_is_no_word_evidence_across_languages(chain):
    need = make_scenario(chain.session, title=ENGLISH[:30], text=ENGLISH, lang="en")
    recommender = chain.updated()

    assert recommender.gauge.words(need.key).ids.size == 0
    assert len(recommender.match_scenario(need.key, k=5)) == 5


@pytest.mark.parametrize("method", ["match_scenario", "match_capability"])
def test_what_may_not_be_matched_is_not_found(recommender, method):
    with pytest.raises(NotFound):
        getattr(recommender, method)(10**6, k=3)


def test_an_explanation_needs_both_sides(recommender):
    scenario_id, capability_id = (
        next(iter(recommender.corpus.scenarios)),
        next(iter(recommender.corpus.capabilities)),
    )

    for pair in ((10**6, capability_id), (scenario_id, 10**6)):
        with pytest.raises(NotFound):
            recommender.explain(*pair)


def test_full_firms_and_the_scenarios_own_house_are_in_no_list(chain, market):
    needs, offers = market
    offers[0].capacity = 0
    offers[1].organisation_id = needs[0].organisation_id
    chain.session.flush()
    recommender = chain.updated()

    listed = {match.capability_id for match in recommender.match_scenario(needs[0].key, k=100)}
    chosen = recommender.choose_pairs()

    assert listed == chosen[needs[0].key] == {row.key for row in offers[2:]}
    assert recommender.match_capability(offers[0].key, k=100) == []
    assert offers[0].key not in [
        m.capability_id for m in recommender.match_text(needs[0].text, DocumentKind.SCENARIO, k=99)
    ]


def test_the_quick_gates_say_what_gates_py_says(chain, market):
    market[1][0].capacity = 0
    market[1][1].organisation_id = market[0][0].organisation_id
    chain.session.flush()
    recommender = chain.updated()

    for scenario in market[0]:
        allowed = recommender._allowed(scenario) > float("-inf")
        assert allowed.tolist() == [
            not closed_gates(scenario, row, on=TODAY) for row in recommender.corpus.capabilities.values()
        ]


def test_a_full_firm_can_still_be_explained_and_is_weak(chain, market):
    market[1][0].capacity = 0
    chain.session.flush()

    match = chain.updated().explain(market[0][0].key, market[1][0].key)

    assert match.band is Band.WEAK
    assert match.gaps[0].code == "firm_full"


def test_every_scenario_and_every_firm_keeps_its_best(recommender):
    chosen = recommender.choose_pairs()

    assert set(chosen) == set(recommender.corpus.scenarios)
    assert set().union(*chosen.values()) == set(recommender.corpus.capabilities)


def test_of_a_touched_firm_the_best_capability_is_kept(chain, market):
    firm = market[1][0].organisation_id
    worse = make_capability(
        chain.session, organisation_id=firm, title="记账", text="代理记账，每月出具报表，按季度申报。"
    )
    recommender = chain.updated()

    found = recommender.best_of_firms(market[0][0].key, [firm, 10**6])

    assert found == {market[1][0].key}
    assert worse.key not in found


def test_with_many_scenarios_only_the_nearest_are_measured(recommender, monkeypatch):
    capability_id = next(iter(recommender.corpus.capabilities))
    everything_measured = recommender.match_capability(capability_id, k=3)
    monkeypatch.setattr(recommender_module, "N_SCENARIOS", 8)

    found = recommender.match_capability(capability_id, k=100)

    assert len(found) == 8
    assert found[0].scenario_id == everything_measured[0].scenario_id


def test_a_text_cut_differently_now_is_not_quoted(chain):
    chain.embedder = FinerEmbedder()
    recommender = chain.recommender()

    with pytest.raises(IndexNotReady, match="rebuild"):
        recommender.match_scenario(next(iter(recommender.corpus.scenarios)), k=1)


def test_choosing_does_not_load_the_model(chain):
    chain.embedder = None

    assert chain.recommender().choose_pairs()


def test_a_recommender_needs_its_session_no_more(empty_engine, tmp_path):
    workshop = make_workshop(empty_engine, tmp_path)
    with Session(empty_engine) as session:
        make_market(session)
        session.commit()
    workshop.update_index(now=NOW)

    with workshop.reading() as session:
        recommender = workshop.recommender()

    assert views(recommender)


def test_a_scenario_is_in_no_list_the_day_after_its_deadline(chain, market):
    last_day = market[0][0].deadline_on
    tomorrow = chain.recommender(on=last_day + timedelta(days=1))

    assert market[0][0].key in chain.recommender(on=last_day).corpus.scenarios
    assert list(tomorrow.corpus.scenarios) == []
    assert tomorrow.choose_pairs() == {}


def test_the_index_may_hold_more_than_the_rows(chain, market):
    market[1][0].unlisted_at = NOW
    chain.session.flush()

    assert market[1][0].key in IndexStore(chain.folder).open().entry_ids("capability")
    assert (market[0][0].key, market[1][0].key) not in views(chain.recommender())


def test_equal_offers_are_ordered_by_id(chain):
    twins = [
        make_capability(
            chain.session, title="井盖识别", text="用车载视频识别井盖缺失和破损，已用两年，误报很少。"
        )
        for _ in range(3)
    ]
    recommender = chain.updated()

    found = [
        m.capability_id for m in recommender.match_scenario(next(iter(recommender.corpus.scenarios)), k=100)
    ]

    places = [found.index(twin.key) for twin in twins]
    assert places == list(range(places[0], places[0] + 3))
    assert HashingEmbedder.dim == recommender.corpus.dim
