"""A finished plan: what it holds, what is proved about it, and its form as a file and as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from matcher.meeting_causes import Unplaced
from matcher.meeting_instance import Instance, read_object
from matcher.meeting_rules import Contradiction
from models.errors import InvalidInput


class PlanStatus(StrEnum):
    """optimal: the placed weight is proved to be the most. feasible: it is not. infeasible: hard rules contradict."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True)
class Assignment:
    """One meeting in its slot at its table."""

    meeting: str
    slot: int
    table: int


@dataclass(frozen=True)
class Fairness:
    """The floor and how far it is kept. served: meetings that count towards it; bound: no plan of this weight has more.
    below: people with a wish and fewer meetings than the floor, by id.
    """

    floor: int
    served: int
    bound: int
    below: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What became of the plan before, by meeting ids."""

    stayed: tuple[str, ...]
    moved: tuple[str, ...]
    dropped: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class MeetingPlan:
    """A plan. weight_bound and gaps_bound are proven: no plan has more weight, no plan of these meetings fewer gaps."""

    status: PlanStatus
    assignments: tuple[Assignment, ...]
    unplaced: tuple[Unplaced, ...]
    weight_placed: float
    weight_bound: float
    idle_gaps: int
    gaps_bound: int
    table_changes: int
    fairness: Fairness
    seed: int
    seconds: float
    was_stopped: bool = False
    contradictions: tuple[Contradiction, ...] = ()
    kept: Kept | None = None
    name: str = ""

    def to_json(self, locale: str) -> dict[str, Any]:
        """The document of `plan -o` and `plan --json`."""
        content: dict[str, Any] = {
            "name": self.name,
            "status": str(self.status),
            "assignments": [vars(each) for each in self.assignments],
            "unplaced": [
                {
                    "meeting": each.meeting,
                    "reason": each.words(locale),
                    "cause": dict(each.cause),
                    "change": dict(each.change),
                }
                for each in self.unplaced
            ],
            "weight_placed": self.weight_placed,
            "weight_bound": self.weight_bound,
            "idle_gaps": self.idle_gaps,
            "gaps_bound": self.gaps_bound,
            "table_changes": self.table_changes,
            "fairness": {**vars(self.fairness), "below": list(self.fairness.below)},
            "contradictions": [
                {"code": each.code, "reason": each.words(locale), **each.values}
                for each in self.contradictions
            ],
            "seed": self.seed,
            "seconds": round(self.seconds, 2),
            "stopped": self.was_stopped,
        }
        if self.kept is not None:
            content["kept"] = {name: list(ids) for name, ids in vars(self.kept).items()}
        return content

    def to_text(self, locale: str) -> str:
        """Lines for a terminal."""
        words = _TEXT[locale]
        lines = [
            words["head"].format(
                name=self.name,
                status=words[str(self.status)],
                placed=len(self.assignments),
                wanted=len(self.assignments) + len(self.unplaced),
                weight=self.weight_placed,
                bound=self.weight_bound,
            ),
            words["gaps"].format(gaps=self.idle_gaps, bound=self.gaps_bound, changes=self.table_changes),
        ]
        if self.kept is not None:
            lines.append(words["kept"].format_map({name: len(ids) for name, ids in vars(self.kept).items()}))
        if self.fairness.below:
            lines.append(words["below"].format(floor=self.fairness.floor, who=", ".join(self.fairness.below)))
        lines += [f"  ! {each.words(locale)}" for each in self.contradictions]
        lines += [f"  - {each.meeting}: {each.words(locale)}" for each in self.unplaced]
        return "\n".join(lines)


_TEXT = {
    "zh": {
        "head": "{name} {status}：{placed}/{wanted} 场，权重 {weight:g}，上界 {bound:g}",
        "gaps": "空档 {gaps}（下界 {bound}），换桌 {changes} 次",
        "kept": "比上一版：{stayed} 场不动，{moved} 场改时间，{dropped} 场排不上，新增 {added} 场",
        "below": "不足 {floor} 场的人：{who}",
        "optimal": "已证明最优",
        "feasible": "可行，没有证明最优",
        "infeasible": "硬性规则互相矛盾",
    },
    "en": {
        "head": "{name} {status}: {placed}/{wanted} meetings, weight {weight:g}, bound {bound:g}",
        "gaps": "idle gaps {gaps} (at least {bound}), table changes {changes}",
        "kept": "against the plan before: {stayed} stay, {moved} at another time, {dropped} dropped, {added} new",
        "below": "below {floor} meetings: {who}",
        "optimal": "proved optimal",
        "feasible": "feasible, not proved optimal",
        "infeasible": "infeasible",
    },
}


def read_assignments(path: Path, instance: Instance) -> dict[str, tuple[int, int]]:
    """Meeting id → slot and table of an earlier plan; meetings that are wanted no more are left out.

    InvalidInput where it is no plan, or one of another event (nothing in it is wanted here).
    """
    rows = read_object(path).get("assignments")
    if not isinstance(rows, list):
        raise InvalidInput(f"{path} 不是排期文件：没有 assignments 列表。")
    wanted = {wish.id for wish in instance.meetings}
    found: dict[str, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        try:
            meeting, slot, table = row["meeting"], row["slot"], row["table"]
        except (TypeError, KeyError) as err:
            raise InvalidInput(f"{path} 的第 {number + 1} 条安排缺会面、时段或桌子。") from err
        if not (isinstance(meeting, str) and type(slot) is int and type(table) is int):
            raise InvalidInput(f"{path} 的第 {number + 1} 条安排写得不对。")
        if meeting in found:
            raise InvalidInput(f"{path} 把会面 {meeting} 安排了两次。")
        found[meeting] = (slot, table)
    kept = {meeting: place for meeting, place in found.items() if meeting in wanted}
    if found and not kept:
        raise InvalidInput(f"{path} 是另一个活动的排期：其中没有一场会面在这个活动里。")
    return kept


def write_plan(path: Path, content: Mapping[str, Any]) -> None:
    """Write a plan file whole or not at all."""
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
