from dataclasses import replace

import numpy as np
import pytest

from matcher.documents import DocumentKind, text_document
from matcher.gauge import Asked
from matcher.passages import EncodedText
from matcher.relevance import BLEND, evidence_strengths
from models.capability import Capability
from models.match import Band
from tests.factories import make_capability, make_scenario
from tests.matcher.market import Chain, make_market, make_offers
from tests.matcher.test_copies import ASKED, OWN, TITLE


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
    entry = corpus.snapshot.entry("capability", capability_id)
    offer = gauge.offer_of(EncodedText(entry.chunks, entry.sections))
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
    entry = gauge.corpus.snapshot.entry("scenario", next(iter(gauge.corpus.scenarios)))
    text = EncodedText(entry.chunks, entry.sections)

    words = gauge.corpus.words.strengths(need)

    assert words.ids.size == 0
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


@pytest.fixture
def copied(session, tmp_path):
    """A scenario long enough to be copied from, and a firm that pasted it behind two sentences of its own."""
    make_market(session)
    scenario = make_scenario(session, title=TITLE, text="".join(ASKED * 2), requirements=tuple(ASKED[1:]))
    plain = make_capability(session, title="路面坑槽识别", text="".join(OWN))
    pasted = make_capability(session, title="路面坑槽识别", text="".join(OWN) + "\n" + "\n".join(ASKED))
    return Chain(session, tmp_path), scenario.key, plain.key, pasted.key


def test_what_is_copied_out_of_the_need_counts_for_nothing(copied):
    chain, scenario_id, plain, pasted = copied
    gauge = chain.updated().gauge

    assert gauge.relevance(scenario_id, pasted) == pytest.approx(
        gauge.relevance(scenario_id, plain), abs=0.02
    )


def test_a_pair_with_copies_has_the_same_figure_in_bulk_and_from_both_sides(copied):
    chain, scenario_id, _, pasted = copied
    recommender = chain.updated()

    gauge = recommender.gauge
    bounds = gauge.survey(scenario_id)
    survey = dict(gauge.strongest(gauge.asked(scenario_id), bounds, len(gauge.ids)))[pasted]

    assert survey < bounds[gauge.ids.tolist().index(pasted)]
    assert survey == recommender.gauge.relevance(scenario_id, pasted)
    assert recommender.explain(scenario_id, pasted).signals["relevance"] == survey
    assert chain.recommender().gauge.relevance(scenario_id, pasted) == survey


def test_the_copy_is_named_and_proves_no_requirement(copied):
    chain, scenario_id, plain, pasted = copied
    recommender = chain.updated()

    match, own = (recommender.judge(scenario_id, id_) for id_ in (pasted, plain))

    assert match.gaps[0].code == "copied_from_the_need"
    assert match.gaps[0].values["quote"][:8] in "".join(ASKED)
    assert match.band is own.band
    assert [row.verdict for row in match.coverage] == [row.verdict for row in own.coverage]
    assert "copied_from_the_need" not in [gap.code for gap in own.gaps]


def test_who_has_nothing_but_a_copy_is_not_judged(copied):
    chain, scenario_id, *_ = copied
    nothing = make_capability(chain.session, title="井盖识别", text="\n".join(ASKED))

    match = chain.updated().judge(scenario_id, nothing.key)

    assert match.band is Band.NOT_ENOUGH_INFORMATION


def test_words_of_another_language_are_unknown_and_not_absent(chain):
    """Where words cannot speak, the two likenesses count as the whole."""
    gauge = chain.updated().gauge
    scenario_id, capability_id = next(iter(gauge.corpus.scenarios)), next(iter(gauge.corpus.capabilities))
    document = gauge.corpus.document(DocumentKind.CAPABILITY, capability_id)
    asked = Asked(gauge.corpus.document(DocumentKind.SCENARIO, scenario_id), gauge.profile(scenario_id))
    offer = gauge.offer(capability_id)
    without = gauge.relevance_of(asked, document, offer, 0.0)

    across = gauge.relevance_of(asked, replace(document, lang="en"), offer, 0.0)

    assert across == pytest.approx(without / (1 - BLEND.words))


def test_many_scenarios_at_once_have_the_figures_they_have_one_by_one(chain):
    gauge = chain.updated().gauge
    ids = list(gauge.corpus.scenarios)

    together = gauge.surveys(ids)

    assert together.tolist() == [gauge.survey(id_).tolist() for id_ in ids]


def test_what_can_be_near_the_top_is_measured_as_everything_is(chain):
    make_offers(chain.session, 60, seed=31)
    chain.update()
    make_offers(chain.session, 5, seed=32)
    gauge = chain.updated().gauge
    allowed = np.arange(len(gauge.ids)) % 7 != 0
    for id_ in gauge.corpus.scenarios:
        asked, words = gauge.asked(id_), gauge.words(id_)

        everything = gauge.survey_near(asked, words, allowed)
        near = gauge.survey_near(asked, words, allowed, exact_up_to=0)

        measured = near > -np.inf
        assert near[measured].tolist() == everything[measured].tolist()
        assert (
            np.argsort(-near, kind="stable")[:5].tolist()
            == np.argsort(-everything, kind="stable")[:5].tolist()
        )
        assert not (measured & ~allowed).any()


def test_a_shortlist_leaves_out_what_has_changed_since(chain):
    recommender = chain.updated()
    scenario_id = next(iter(recommender.corpus.scenarios))
    best = recommender.match_scenario(scenario_id, k=3)[0].capability_id
    chain.session.get(Capability, best).text += "现在也能识别道路沉降。"
    chain.session.flush()

    later = chain.recommender()

    assert best not in [match.capability_id for match in later.match_scenario(scenario_id, k=30)]
    assert later.corpus.n_stale == 1
