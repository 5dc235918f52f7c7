"""What a team is chosen from, and what its stored view rests on."""

import pytest

from matcher.coverage import Verdict
from models.errors import NotFound
from tests.factories import make_capability, make_community, make_district, make_firm, make_scenario
from tests.fakes import HashingEmbedder
from tests.matcher.market import NOW, Chain, make_market

# Title, must, and one more sentence of each half; nothing in the market is like them.
LETTERS = ("信箱来件分办", "来件自动转给承办部门并附理由原句", "同一事由的信件归并成一件再流转")
POLICY = ("惠企条款问答", "政策答复逐句标明出处和有效期", "申报材料缺页缺章时列出补正清单")


class Unloadable(HashingEmbedder):
    def count_tokens(self, texts):
        raise AssertionError("the model is not to be loaded")


@pytest.fixture
def engine(sqlite_engine):
    """One database is enough: nothing here asks it anything but for its rows."""
    return sqlite_engine


@pytest.fixture
def chain(session, tmp_path):
    make_market(session)
    chain = Chain(session, tmp_path)
    # The background is the market's: what a test adds must not belong to what is ordinary.
    chain.update()
    return chain


@pytest.fixture
def need(session, chain):
    """A need of two halves, each from another topic of the market; written by an organisation that offers too."""
    return make_scenario(
        session,
        title=f"{LETTERS[0]}，{POLICY[0]}",
        text=f"{LETTERS[1]}。{POLICY[1]}。{LETTERS[2]}。{POLICY[2]}。",
        requirements=(LETTERS[1], POLICY[1]),
        deployment=["gov_cloud"],
        organisation_id=make_firm(session).key,
    )


@pytest.fixture
def halves(session, need):
    """Two capabilities of two firms, each saying one half in the need's own words and more about it."""
    return [
        make_capability(
            session, title=topic[0], text=f"{topic[1]}。{topic[2]}。{topic[0]}，已在三个区用了一年。",
            cases=(f"在某单位{topic[2]}。",), deployment=["gov_cloud"],
        )
        for topic in (LETTERS, POLICY)
    ]  # fmt: skip


def member_ids(answer):
    return {member.firm_id for member in answer.team.members}


def test_two_halves_make_a_team_each_with_the_part_it_quotes(chain, need, halves):
    answer = chain.updated().propose_team(need.key, without=())

    assert answer.team.uncovered == ()
    assert {member.parts for member in answer.team.members} == {(1,), (2,)}
    for member in answer.team.members:
        own = {
            c.key
            for c in chain.recommender().corpus.capabilities.values()
            if c.organisation_id == member.firm_id
        }
        for item in answer.coverage[member.firm_id]:
            assert item.capability_id in own
            if item.row.position in member.parts:
                assert item.row.verdict is Verdict.MET
                assert item.row.evidence


def test_who_was_refused_leaves_the_team(chain, need, halves):
    recommender = chain.updated()
    before = recommender.propose_team(need.key, without=())
    gone = before.team.members[0].firm_id

    after = recommender.propose_team(need.key, without={gone})

    assert gone not in member_ids(after)
    assert after.n_available == before.n_available - 1


@pytest.mark.parametrize(
    "change",
    [
        lambda need, offer: setattr(offer, "capacity", 0),
        lambda need, offer: setattr(offer, "unlisted_at", NOW),
        lambda need, offer: setattr(offer.organisation, "suspended_at", NOW),
        lambda need, offer: setattr(offer, "deployment", ["saas"]),
        lambda need, offer: setattr(need, "organisation_id", offer.organisation_id),
    ],
    ids=["full", "unlisted", "suspended", "cannot run there", "publisher"],
)
def test_whoever_no_single_match_would_be_offered_is_no_member(chain, need, halves, change):
    offer = halves[0]
    assert offer.organisation_id in member_ids(chain.updated().propose_team(need.key, without=()))

    change(need, offer)
    chain.session.flush()
    chain.session.expire_all()

    assert offer.organisation_id not in member_ids(chain.updated().propose_team(need.key, without=()))


def test_the_closer_of_two_equal_firms_is_chosen(chain, need, halves):
    session = chain.session
    district = make_district(session, city="深圳")
    community = make_community(session, district_id=district.key)
    letters, policy = halves
    twin = make_capability(
        session, title=policy.title, text=policy.text, deployment=["gov_cloud"],
        cases=tuple(case.text for case in policy.cases),
    )  # fmt: skip
    for firm in (letters.organisation, twin.organisation):
        firm.community_id, firm.district_id = community.key, district.key
    session.flush()

    answer = chain.updated().propose_team(need.key, without=())

    assert {letters.organisation_id, twin.organisation_id} == member_ids(answer)
    assert answer.team.closeness == "same_community"


def test_a_scenario_that_is_not_open_has_no_team(chain, need):
    recommender = chain.updated()

    with pytest.raises(NotFound):
        recommender.propose_team(need.key + 1000, without=())


def test_a_need_without_written_musts_asks_for_nothing(chain, session):
    bare = make_scenario(session, text=f"{LETTERS[1]}。{POLICY[1]}。")

    recommender = chain.updated()

    assert recommender.musts(bare.key) == []
    assert recommender.propose_team(bare.key, without=()).team.members == ()


def test_the_pool_is_compared_without_the_model(chain, need, halves):
    chain.update()
    before = chain.recommender().team_pool_hash(need.key, without=())
    chain.embedder = Unloadable()

    recommender = chain.recommender()

    assert recommender.team_pool_hash(need.key, without=()) == before
    assert recommender.team_pool_hash(need.key, without={halves[0].organisation_id}) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda chain, offer: setattr(offer, "capacity", 7),
        lambda chain, offer: setattr(offer, "text", offer.text + "也能夜间用。"),
        lambda chain, offer: setattr(offer.organisation, "community_id", make_community(chain.session).key),
    ],
    ids=["capacity", "text", "community"],
)
def test_whatever_a_team_rests_on_changes_both_hashes(chain, need, halves, change):
    recommender = chain.updated()
    before = hashes(recommender, need)

    change(chain, halves[0])
    chain.session.flush()

    after = hashes(chain.updated(), need)
    assert [new != old for new, old in zip(after, before, strict=True)] == [True, True]


def test_a_capability_of_another_field_changes_the_pool_but_not_what_was_looked_at(chain, need, halves):
    recommender = chain.updated()
    before, team = hashes(recommender, need), recommender.propose_team(need.key, without=())
    make_capability(
        chain.session,
        title="财务记账",
        text="为小微企业代理记账，每月出具报表，按季度申报，已服务四十家企业。",
    )

    after = chain.updated()

    assert hashes(after, need)[0] != before[0]
    assert hashes(after, need)[1] == before[1]
    assert after.propose_team(need.key, without=()) == team


def hashes(recommender, need):
    pool = recommender.team_pool(need.key, without=())
    return recommender.team_pool_hash(need.key, without=()), recommender.team_inputs_hash(need.key, pool)
