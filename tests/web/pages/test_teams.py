from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from models.audit import subject_events
from models.match import Match, MatchStatus
from models.match_queries import find_match
from models.outbox import MailKind, OutboxMail
from models.team import Closeness, TeamProposal
from models.user import Role, User
from tests.factories import (
    MONDAY,
    make_community,
    make_district,
    make_firm,
    make_match,
    make_organisation,
    make_scenario,
    make_score,
    make_team,
    make_user,
)

MUSTS = ("重复来件归并成一件", "答复逐句带出处", "部署在政务云")


@pytest.fixture
def scenario(session: Session, city):
    return make_scenario(session, requirements=MUSTS, organisation_id=city.agency.key, title="信箱来件分办")


@pytest.fixture
def neighbour(session: Session, city):
    """A firm in the community of the city's firm."""
    community = make_community(
        session, name="灯塔社区", name_en="Lighthouse Community", district_id=city.firm.district_id
    )
    city.firm.community_id = community.key
    return make_firm(session, name="问策小馆", district_id=city.firm.district_id, community_id=community.key)


@pytest.fixture
def team(session: Session, city, scenario, neighbour) -> TeamProposal:
    return make_team(
        session,
        scenario,
        {city.firm.key: (1, 2), neighbour.key: (3,)},
        closeness=Closeness.SAME_COMMUNITY,
    )


def page_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def pane(client: FlaskClient, scenario_id: int, query: str = "") -> str:
    """The section of the team on the candidates' page; empty where there is none."""
    page = page_of(client, f"/my/scenarios/{scenario_id}/candidates{query}")
    return page.split('id="team"')[1].split("</section>")[0] if 'id="team"' in page else ""


def match_of(session: Session, scenario_id: int, firm_id: int) -> Match:
    session.expire_all()
    match = find_match(session, scenario_id, firm_id)
    assert match is not None
    return match


def invite(client: FlaskClient, team: TeamProposal, **values: object):
    data = {"proposal": team.key, **values}
    return client.post(f"/my/scenarios/{team.scenario_id}/team/invite", data=data)


def test_the_agency_sees_who_takes_which_part_and_why(as_agency, city, team) -> None:
    shown = pane(as_agency, team.scenario_id)

    assert "2 家合起来覆盖全部 3 条必须" in shown
    assert "同一社区：灯塔社区" in shown
    assert "负责第 1、2 条" in shown and "负责第 3 条" in shown
    assert "第1条做得到，已在两处用了半年。" in shown
    assert "已证明：没有哪个更小的组合" in shown
    assert "邀请全部 2 家" in shown
    assert shown.count('class="stand takes"') == 3


def test_it_reads_in_english(as_agency, team) -> None:
    shown = pane(as_agency, team.scenario_id, "?lang=en")

    assert "2 firms together cover all 3 musts" in shown
    assert "In one community: Lighthouse Community" in shown


def test_what_nobody_covers_is_named_with_the_next_step(as_agency, session: Session, city, scenario) -> None:
    other = make_firm(session)
    proposal = make_team(session, scenario, {city.firm.key: (1,), other.key: (3,)})
    proposal.musts = [{**must, "n_unmet": 2 * (must["position"] == 2)} for must in proposal.musts]

    shown = pane(as_agency, scenario.key)

    assert "2 家合起来覆盖 3 条必须里的 2 条" in shown
    assert MUSTS[1] in shown and "2 家写明做不到，或者数字不够" in shown
    assert "能不能放宽" in shown and "先问候选企业" not in shown


def test_a_team_of_one_is_told_without_a_button(as_agency, session: Session, city, scenario) -> None:
    make_team(session, scenario, {city.firm.key: (1,)})

    shown = pane(as_agency, scenario.key)

    assert "再加哪家都不会更多" in shown and "已证明" not in shown
    assert "先问候选企业" in shown
    assert "/team/invite" not in shown


def test_where_nobody_covers_anything_it_says_so(as_agency, session: Session, city, scenario, team) -> None:
    lonely = make_scenario(session, requirements=MUSTS[:1], organisation_id=city.agency.key)
    make_team(session, lonely, {}, n_available=0, n_examined=0)
    # The section needs a list of candidates to stand in.
    make_score(session, make_match(session, scenario_id=lonely.key), reasons=[])

    shown = pane(as_agency, lonely.key)

    assert "1 条必须，相关的企业一条也覆盖不了" in shown
    assert "没有一家有余力、部署合得上的企业" in shown


def test_partly_and_contradictions_are_not_hidden(as_agency, session: Session, city, team) -> None:
    first, second = team.members
    first.coverage = [{**row, "verdict": "partly"} if row["position"] == 1 else row for row in first.coverage]
    second.coverage = [
        {**row, "verdict": "unmet", "counter": "不做归并。"} if row["position"] == 1 else row
        for row in second.coverage
    ]
    team.musts = [{**must, "verdict": "partly"} if must["position"] == 1 else must for must in team.musts]

    shown = pane(as_agency, team.scenario_id)

    assert "其中 1 条只是部分满足" in shown
    assert "负责，部分" in shown
    assert "问策小馆自己做不到第 1 条" in shown


def test_a_team_without_proof_tells_the_gap(as_agency, session: Session, team) -> None:
    team.lower_bound, team.is_exact, team.n_examined = 1, False, 4

    shown = pane(as_agency, team.scenario_id)

    assert "至少要 1 家，现在多 1 家" in shown
    assert "逐条比过最近的 4 家" in shown


@pytest.mark.parametrize("change", ["closed", "declined", "ended"])
def test_it_is_gone_when_it_holds_no_more(
    as_agency, session: Session, scenario, neighbour, team, change
) -> None:
    if change == "closed":
        scenario.closed_at = MONDAY
    if change == "declined":
        match_of(session, scenario.key, neighbour.key).decline(MONDAY, reason="price")
    if change == "ended":
        team.end(MONDAY)

    assert pane(as_agency, scenario.key) == ""


def test_only_the_owner_sees_and_invites(
    session: Session, city, team, as_firm, log_in: Callable[[User], FlaskClient], client
) -> None:
    stranger = make_user(session, roles=(Role.AGENCY,), organisation_id=make_organisation(session).key)
    foreign = log_in(stranger)

    page_of(foreign, f"/my/scenarios/{team.scenario_id}/candidates", 404)
    assert invite(foreign, team).status_code == 404
    assert invite(as_firm, team).status_code == 403
    assert invite(client, team).status_code == 303
    assert session.exec(select(Match).where(Match.invited_at.is_not(None))).all() == []  # type: ignore[union-attr]


def test_inviting_all_invites_each_member_by_the_act_of_its_own(
    as_agency, session: Session, city, neighbour, team
) -> None:
    answer = invite(as_agency, team)

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/my/scenarios/{team.scenario_id}/candidates#team")
    for firm in (city.firm, neighbour):
        match = match_of(session, team.scenario_id, firm.key)
        [event] = subject_events(session, "match", match.key)
        assert match.status is MatchStatus.INVITED
        assert (event.action, event.details) == ("match.invited", {"team_proposal": team.key})
    kinds = session.exec(select(OutboxMail.kind)).all()
    assert set(kinds) == {MailKind.INVITATION}
    assert "成员都已邀请" in pane(as_agency, team.scenario_id)


def test_inviting_again_does_nothing(as_agency, session: Session, city, neighbour, team) -> None:
    invite(as_agency, team)
    before = [(match.key, match.invited_at) for match in session.exec(select(Match).order_by(Match.id))]
    n_mails = len(session.exec(select(OutboxMail)).all())

    answer = invite(as_agency, team)

    session.expire_all()
    assert answer.status_code == 303
    assert [(m.key, m.invited_at) for m in session.exec(select(Match).order_by(Match.id))] == before
    assert len(session.exec(select(OutboxMail)).all()) == n_mails
    events = [subject_events(session, "match", match_id) for match_id, at in before if at]
    assert [len(found) for found in events] == [1, 1]


def test_a_member_who_is_interested_already_is_introduced(
    as_agency, session: Session, city, neighbour, team
) -> None:
    match_of(session, team.scenario_id, city.firm.key).express_interest(MONDAY, note="可以")

    assert "邀请全部 2 家" in pane(as_agency, team.scenario_id)
    invite(as_agency, team)

    assert match_of(session, team.scenario_id, city.firm.key).status is MatchStatus.INTRODUCED
    assert match_of(session, team.scenario_id, neighbour.key).status is MatchStatus.INVITED


def test_who_was_invited_alone_is_left_out_of_the_button(as_agency, session: Session, city, team) -> None:
    match_of(session, team.scenario_id, city.firm.key).invite(MONDAY)

    assert "邀请还没邀请的 1 家" in pane(as_agency, team.scenario_id)


def test_a_proposal_that_changed_meanwhile_is_not_acted_on(as_agency, session: Session, city, team) -> None:
    assert invite(as_agency, team, proposal=team.key + 1).status_code == 409
    assert invite(as_agency, team, proposal="").status_code == 409
    team.end(MONDAY)
    assert invite(as_agency, team).status_code == 404
    assert match_of(session, team.scenario_id, city.firm.key).invited_at is None


def test_a_member_reads_with_whom_and_which_part_and_no_more(
    as_firm, session: Session, city, neighbour, team
) -> None:
    person = make_user(session, roles=(Role.STARTUP,), organisation_id=neighbour.key, name="骆某")
    match = match_of(session, team.scenario_id, city.firm.key)

    page = page_of(as_firm, f"/matches/{match.key}")

    assert "你和问策小馆合起来覆盖 3 条必须里的 3 条，你负责第 1、2 条" in page
    assert person.email not in page and "骆某" not in page
    assert "第3条做得到" not in page


def test_a_member_reads_that_some_is_covered_in_part_only(as_firm, session: Session, city, team) -> None:
    match = match_of(session, team.scenario_id, city.firm.key)
    team.musts = [{**must, "verdict": "partly"} if must["position"] == 3 else must for must in team.musts]

    assert "其中 1 条只是部分满足。" in page_of(as_firm, f"/matches/{match.key}")


def test_a_firm_that_is_no_member_reads_nothing_of_it(as_firm, session: Session, city, scenario) -> None:
    others = make_firm(session), make_firm(session)
    make_team(session, scenario, {others[0].key: (1,), others[1].key: (2,)})
    match = make_match(session, scenario_id=scenario.key, organisation_id=city.firm.key)

    assert "联合体" not in page_of(as_firm, f"/matches/{match.key}")


def test_a_firm_alone_in_its_team_reads_nothing_of_it(as_firm, session: Session, city, scenario) -> None:
    make_team(session, scenario, {city.firm.key: (1,)})

    match = match_of(session, scenario.key, city.firm.key)

    assert "联合体" not in page_of(as_firm, f"/matches/{match.key}")


def test_districts_are_named_where_no_community_is_shared(
    as_agency, session: Session, city, scenario
) -> None:
    district = make_district(session, name="福田区", city="深圳")
    other = make_firm(session, district_id=district.key)
    city.firm.district_id = make_district(session, name="南山区", city="深圳").key
    make_team(session, scenario, {city.firm.key: (1,), other.key: (2,)})

    assert "同城不同区：深圳" in pane(as_agency, scenario.key)
