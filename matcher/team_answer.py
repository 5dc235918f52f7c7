"""The team for one scenario, for the command line: what the agency's page shows, as JSON or as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcher.answer import VERDICT_MARKS
from matcher.explanation import evidence_words
from matcher.workshop import Workshop
from models.team import refused_firms

CLOSENESS_WORDS = {
    "alone": {"zh": "一家", "en": "one firm"},
    "same_community": {"zh": "同一社区", "en": "in one community"},
    "same_district": {"zh": "同一个区", "en": "in one district"},
    "same_city": {"zh": "同城不同区", "en": "in one city, different districts"},
    "apart": {"zh": "不在同一个城市，或没写", "en": "not in one city, or not stated"},
}
_WORDS = {
    "zh": {
        "head": "{members} 家覆盖 {total} 条必须里的 {covered} 条（{closeness}）",
        "takes": "负责第 {parts} 条",
        "open": "没有企业覆盖",
        "proved": "已证明：没有哪个更小的组合满足得一样好。",
        "bound": "没有证明是最好的组合，最好的至少要 {bound} 家。",
        "pool": "相关又有余力的企业 {available} 家，比过 {examined} 家。",
        "no_musts": "这个场景没有逐条写“必须”，无从拼联合体。",
    },
    "en": {
        "head": "{members} firm(s) cover {covered} of {total} musts ({closeness})",
        "takes": "takes {parts}",
        "open": "nobody covers",
        "proved": "Proved: no smaller team is as good.",
        "bound": "Not proved to be the best; the best has at least {bound}.",
        "pool": "{available} firms concerned with room, {examined} examined.",
        "no_musts": "This scenario has no written musts, so there is nothing to team up for.",
    },
}


@dataclass(frozen=True)
class TeamReport:
    """A team ready to print. content: the document of `team --json`."""

    content: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The document of `team --json`."""
        return self.content

    def to_text(self, locale: str) -> str:
        """Lines for a terminal, in the reader's language."""
        words, team = _WORDS[locale], self.content
        if not team["musts"]:
            return words["no_musts"]
        covered = [must for must in team["musts"] if must["taken_by"] is not None]
        lines = [
            words["head"].format(
                members=len(team["members"]),
                covered=len(covered),
                total=len(team["musts"]),
                closeness=CLOSENESS_WORDS[team["closeness"]][locale],
            )
        ]
        for member in team["members"]:
            lines += _member_lines(member, locale)
        for must in team["musts"]:
            if must["taken_by"] is None:
                lines.append(
                    f"  {VERDICT_MARKS[must['verdict']]} {words['open']}: {must['position']}. {must['text']}"
                )
        if team["lower_bound"] != len(team["members"]):
            lines.append(words["bound"].format(bound=team["lower_bound"]))
        elif team["members"]:
            lines.append(words["proved"])
        lines.append(words["pool"].format(available=team["n_available"], examined=team["n_examined"]))
        return "\n".join(lines)


def _member_lines(member: Mapping[str, Any], locale: str) -> list[str]:
    parts = "、".join(map(str, member["parts"])) if locale == "zh" else ", ".join(map(str, member["parts"]))
    lines = [f"  #{member['firm']} {member['name']}  {_WORDS[locale]['takes'].format(parts=parts)}"]
    for row in member["coverage"]:
        if row["position"] in member["parts"]:
            lines.append(f"       {VERDICT_MARKS[row['verdict']]} {row['position']}. {row['text']}")
            quote = evidence_words(row, locale)
            if quote is not None:
                lines.append(f"           {quote}")
    return lines


def answer_team(workshop: Workshop, scenario_id: int) -> TeamReport:
    """Answer `team`: by the same look-up and search as the job, on the rows of now. NotFound for a closed scenario."""
    recommender = workshop.recommender()
    recommender.scenario(scenario_id)
    with workshop.reading() as session:
        refused = refused_firms(session, [scenario_id])[scenario_id]
    answer = recommender.propose_team(scenario_id, without=refused)
    rows = recommender.corpus.capabilities.load(answer.capability_ids)
    names = {row.organisation_id: row.organisation.name for row, _ in rows.values()}
    parts = {member.firm_id: list(member.parts) for member in answer.team.members}
    return TeamReport(
        {
            "scenario": scenario_id,
            "model": recommender.corpus.snapshot.manifest.model_key,
            "index_version": recommender.index_version,
            **answer.values(),
            "members": [
                {"firm": firm_id, "name": names[firm_id], "parts": parts[firm_id], "coverage": coverage}
                for firm_id, coverage in answer.members()
            ],
        }
    )
