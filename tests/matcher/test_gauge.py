import pytest

from matcher.documents import DocumentKind, text_document
from matcher.gauge import Asked
from matcher.relevance import evidence_strengths
from tests.matcher.market import Chain, make_market, make_offers


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def chain(session, tmp_path):
    make_market(session)
    return Chain(session, tmp_path)


def all_figures(recommender):
    corpus = recommender.corpus
    return {(s, c): recommender.gauge.relevance(s, c) for s in corpus.scenarios for c in corpus.capabilities}


def test_a_pair_by_itself_has_the_figure_it_has_in_bulk(chain):
    recommender = chain.updated()
    alone = all_figures(recommender)

    surveys = {id_: recommender.gauge.survey(id_) for id_ in recommender.corpus.scenarios}

    ids = recommender.gauge.ids.tolist()
    assert alone == {(s, c): row[at] for s, row in surveys.items() for at, c in enumerate(ids)}
    assert all_figures(recommender) == alone


def test_a_later_capability_changes_nobody_elses_figures(chain):
    before = all_figures(chain.updated())

    make_offers(chain.session, 3, seed=77)
    after = all_figures(chain.updated())

    assert {pair: after[pair] for pair in before} == before
    assert len(after) > len(before)


def test_a_text_measured_for_itself_has_the_figure_of_its_row(chain):
    recommender = chain.updated()
    gauge, corpus = recommender.gauge, recommender.corpus
    scenario_id, capability_id = next(iter(corpus.scenarios)), next(iter(corpus.capabilities))
    offer = gauge.offer_of(corpus.centred(DocumentKind.CAPABILITY, capability_id))
    words = corpus.words.strength_of(
        corpus.document(DocumentKind.SCENARIO, scenario_id),
        corpus.document(DocumentKind.CAPABILITY, capability_id),
    )

    asked = Asked(corpus.document(DocumentKind.SCENARIO, scenario_id), gauge.profile(scenario_id))
    document = corpus.document(DocumentKind.CAPABILITY, capability_id)
    figure = gauge.relevance_of(asked, document, offer, words)

    assert figure == gauge.relevance(scenario_id, capability_id)


def test_a_need_that_shares_no_word_is_measured_by_vectors_alone(chain):
    gauge = chain.updated().gauge
    need = text_document("Nothing in common", kind=DocumentKind.SCENARIO)
    text = gauge.corpus.centred(DocumentKind.SCENARIO, next(iter(gauge.corpus.scenarios)))

    words = gauge.corpus.words.strengths(need)

    assert words == {}
    assert gauge.survey_of(Asked(need, gauge.profile_of(text)), words).shape == (24,)


def test_the_evidence_of_all_comes_in_the_order_of_the_ids(chain):
    gauge = chain.updated().gauge
    scenario_id = next(iter(gauge.corpus.scenarios))

    found = gauge.survey_evidence(scenario_id, [(0,), (1,)])

    alone = [
        [
            evidence_strengths(gauge.profile(scenario_id), rows, gauge.vectors(id_)).max()
            for rows in ([0], [1])
        ]
        for id_ in gauge.ids.tolist()
    ]
    assert found.tolist() == alone
