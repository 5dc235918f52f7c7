"""A proposed team (联合体) as pages show it: who takes which part, with quotes, and what stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.capability import Capability
from models.i18n import N_, gettext, name_of
from models.match import Match, MatchStatus
from models.organisation import Organisation
from models.place import Community, District
from models.team import Closeness, ProposedMember, TeamProposal
from web.chips import Chip, Side, match_chip
from web.presenters.matches import QuotePair, present_quote

INVITABLE = (MatchStatus.SUGGESTED, MatchStatus.INTERESTED)
"""Where the pair of a member may stand so that an invitation is still to be sent."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a team is shown with. matches: the pairs of its members, by firm; the job records them with the team. The
    others by id.
    """

    matches: Mapping[int, Match]
    capabilities: Mapping[int, Capability]
    communities: Mapping[int, Community]
    districts: Mapping[int, District]


@dataclass(frozen=True, slots=True)
class Cell:
    """How one member stands to one must. against: it contradicts what another member takes."""

    verdict: str
    takes: bool
    against: bool


@dataclass(frozen=True, slots=True)
class MustRow:
    """One must across the team. taker: the name of who takes it, or None; n_unmet: firms that say they cannot."""

    position: int
    text: str
    lang: str
    verdict: str
    taker: str | None
    n_unmet: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member. match and chip: where its pair stands. capacity: pilots it can still take, None where unknown."""

    firm: Organisation
    place: str
    parts: Sequence[int]
    capabilities: Sequence[Capability]
    capacity: int | None
    pairs: Sequence[QuotePair]
    match: Match
    chip: Chip


@dataclass(frozen=True, slots=True)
class TeamView:
    """A proposal. shared: the name of the closest place all share, or empty; n_to_invite: members not asked yet."""

    proposal: TeamProposal
    members: Sequence[MemberView]
    rows: Sequence[MustRow]
    closeness: str
    shared: str
    n_to_invite: int
    locale: str

    @property
    def uncovered(self) -> list[MustRow]:
        """The musts that nobody covers."""
        return [row for row in self.rows if row.taker is None]

    @property
    def n_covered(self) -> int:
        """Musts that somebody takes."""
        return len(self.rows) - len(self.uncovered)

    @property
    def n_partly(self) -> int:
        """Musts that are covered in part only."""
        return len(self.proposal.partly)

    @property
    def against(self) -> list[tuple[str, int]]:
        """Members, by name, that contradict a must another one takes."""
        return [
            (name_of(member.firm, self.locale), row.position)
            for at, member in enumerate(self.members)
            for row in self.rows
            if row.cells[at].against
        ]

    @property
    def gap(self) -> int:
        """Members above the proved lower bound."""
        return len(self.members) - self.proposal.lower_bound

    def part_of(self, firm_id: int) -> Sequence[int]:
        """The musts a firm takes; empty when it is no member."""
        return next((member.parts for member in self.members if member.firm.id == firm_id), ())

    def others(self, firm_id: int) -> list[str]:
        """The names of the members but for one."""
        return [name_of(member.firm, self.locale) for member in self.members if member.firm.id != firm_id]


def present_team(proposal: TeamProposal, around: Surroundings, side: Side, locale: str) -> TeamView:
    """A proposal for one side, in the reader's language."""
    members = [_member(member, around, side, locale) for member in proposal.members]
    return TeamView(
        proposal=proposal,
        members=members,
        rows=_rows(proposal, locale),
        closeness=proposal.closeness.value,
        shared=_shared(proposal, around, locale),
        n_to_invite=sum(member.match.status in INVITABLE for member in members),
        locale=locale,
    )


def place_name(place: Community | District | None, locale: str) -> str:
    """The name of a place in the reader's language, in Chinese where it has no other; empty for None."""
    return "" if place is None else name_of(place, locale)


def _member(member: ProposedMember, around: Surroundings, side: Side, locale: str) -> MemberView:
    firm, parts = member.organisation, member.parts
    used = [around.capabilities[id_] for id_ in sorted(member.capability_ids)]
    rooms = [capability.capacity for capability in used if capability.capacity is not None]
    match = around.matches[firm.key]
    places = (
        around.districts.get(firm.district_id or 0),
        around.communities.get(firm.community_id or 0),
    )
    return MemberView(
        firm=firm,
        place=gettext(locale, N_("·")).join(name for place in places if (name := place_name(place, locale))),
        parts=parts,
        capabilities=used,
        capacity=min(rooms, default=None),
        pairs=[present_quote(row, (), locale) for row in member.coverage if row["position"] in parts],
        match=match,
        chip=match_chip(match, side, locale),
    )


def _rows(proposal: TeamProposal, locale: str) -> list[MustRow]:
    names = {member.organisation_id: name_of(member.organisation, locale) for member in proposal.members}
    stands = [{row["position"]: row["verdict"] for row in member.coverage} for member in proposal.members]
    rows = []
    for must in proposal.musts:
        position, taker = must["position"], must["taken_by"]
        cells = [
            Cell(
                verdict=verdicts[position],
                takes=taker == member.organisation_id,
                against=taker is not None and verdicts[position] == "unmet",
            )
            for member, verdicts in zip(proposal.members, stands, strict=True)
        ]
        rows.append(
            MustRow(
                position=position,
                text=must["text"],
                lang=must["lang"],
                verdict=must["verdict"],
                taker=names.get(taker),
                n_unmet=must["n_unmet"],
                cells=cells,
            )
        )
    return rows


def _shared(proposal: TeamProposal, around: Surroundings, locale: str) -> str:
    """The name of the place that all members share."""
    if len(proposal.members) < 2:
        return ""
    firm = proposal.members[0].organisation
    district = around.districts.get(firm.district_id or 0)
    if proposal.closeness is Closeness.SAME_COMMUNITY:
        return place_name(around.communities.get(firm.community_id or 0), locale)
    if proposal.closeness is Closeness.SAME_DISTRICT:
        return place_name(district, locale)
    return district.city if proposal.closeness is Closeness.SAME_CITY and district is not None else ""
