from datetime import date

import pytest

from matcher.corpus import listed_capabilities_with_parts, open_scenarios_with_parts
from matcher.documents import DocumentKind
from tests.factories import make_capability, make_district, make_firm, make_scenario
from tests.matcher.market import NOW, TODAY, Chain, make_market


@pytest.fixture
def market(session):
    return make_market(session)


@pytest.fixture
def chain(session, tmp_path, market):
    chain = Chain(session, tmp_path)
    chain.update()
    return chain


def test_it_holds_what_is_open_and_listed(chain, market):
    needs, offers = market

    corpus = chain.recommender().corpus

    assert list(corpus.scenarios) == sorted(row.key for row in needs)
    assert list(corpus.capabilities) == sorted(row.key for row in offers)
    assert corpus.n_stale == 0


@pytest.mark.parametrize(
    "values",
    [{"closed_at": NOW}, {"withdrawn_at": NOW}, {"published_at": None}, {"deadline_on": date(2026, 11, 22)}],
)
def test_a_scenario_that_takes_no_answers_is_gone_at_once(chain, market, values):
    for name, value in values.items():
        setattr(market[0][0], name, value)
    chain.session.flush()

    corpus = chain.recommender().corpus

    assert market[0][0].key not in corpus.scenarios
    assert corpus.n_stale == 0


def test_what_is_taken_down_or_suspended_is_gone_at_once(chain, market):
    market[1][0].unlisted_at = NOW
    market[1][1].organisation.suspended_at = NOW
    chain.session.flush()

    corpus = chain.recommender().corpus

    assert {market[1][0].key, market[1][1].key}.isdisjoint(corpus.capabilities)
    need = corpus.document(DocumentKind.SCENARIO, market[0][0].key)
    assert {market[1][0].key, market[1][1].key}.isdisjoint(corpus.words.strengths(need).ids.tolist())


def test_a_row_the_index_does_not_know_yet_is_left_out_and_counted(chain):
    new = make_capability(chain.session)

    corpus = chain.recommender().corpus

    assert new.key not in corpus.capabilities
    assert corpus.n_stale == 1


def test_a_changed_text_is_left_out_until_the_index_is_in_step(chain, market):
    market[1][0].text += "现在也能识别道路沉降。"
    market[0][0].title = "换了题目"
    chain.session.flush()

    stale = chain.recommender().corpus
    fresh = chain.updated().corpus

    assert (market[1][0].key in stale.capabilities, market[0][0].key in stale.scenarios) == (False, False)
    assert stale.n_stale == 2
    assert (fresh.n_stale, market[1][0].key in fresh.capabilities) == (0, True)


def test_a_changed_fact_needs_no_new_vectors(chain, market):
    market[1][0].capacity = 7
    chain.session.flush()

    assert chain.recommender().corpus.capabilities[market[1][0].key].capacity == 7


def test_rows_come_by_id_with_all_that_is_read_later(session):
    agency = make_firm(session)
    make_scenario(session, requirements=("甲", "乙"), organisation_id=agency.key)
    make_capability(session, cases=("案例",))
    session.expunge_all()

    [scenario] = open_scenarios_with_parts(session, TODAY)
    [capability] = listed_capabilities_with_parts(session)
    session.expunge_all()

    # Detached: whatever was not loaded would raise.
    assert [row.text for row in scenario.requirements] == ["甲", "乙"]
    assert [case.text for case in capability.cases] == ["案例"]
    assert capability.organisation.name


def test_it_knows_the_city_of_each_district(chain):
    district = make_district(chain.session, city="深圳")

    assert chain.recommender().corpus.cities[district.key] == "深圳"
