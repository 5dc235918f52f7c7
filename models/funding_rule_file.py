"""Reading funding rules from a file: a JSON list of rows, checked whole before any is stored.

The shipped file is models/demo_data/funding_rules.json. An operator who learns of a change adds a row with
the next version and the new dates, and loads again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)
from sqlmodel import Session

from models.errors import InvalidInput
from models.funding_condition import Condition, SourceGrade
from models.funding_rule import (
    MUTABLE,
    AlternativeRate,
    FundingKind,
    FundingRule,
    FundingTarget,
    find_rule,
)

RULES_FILE = Path(__file__).parent / "demo_data" / "funding_rules.json"


DISAGREEMENTS = {
    "code_twice": "two conditions share a code",
    "stacking_group": "no_stacking needs stacking_group",
    "yearly_cap_fen": "yearly_cap needs yearly_cap_fen",
    "spend_purpose": "a rate needs spend_purpose",
    "alternative_rates": "alternative rates need a rate",
    "rate_and_tiers": "a rule has a rate or tiers, not both",
    "validity": "the validity ends before it begins",
    "window": "the window ends before it begins",
}

MAX_FEN = 1_000_000_000_000
"""CNY 10 billion. No sum of a programme comes near it; more is a slip of the unit."""

Sum = Annotated[int, Field(gt=0, le=MAX_FEN)]


class TermsDisagree(ValueError):
    """Terms that contradict each other, by the codes of DISAGREEMENTS."""

    def __init__(self, codes: list[str]) -> None:
        super().__init__("; ".join(DISAGREEMENTS[code] for code in codes))
        self.codes = tuple(codes)


class RuleRow(BaseModel):
    """A rule as written in a file: the columns of FundingRule, each checked, with its conditions typed."""

    model_config = ConfigDict(extra="forbid")

    programme: str = Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")
    version: PositiveInt
    title: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    issuer: str = Field(min_length=1)
    issuer_en: str = ""
    document_number: str = ""
    clause: str = Field(min_length=1)
    clause_en: str = ""
    kind: FundingKind
    target: FundingTarget
    cap_fen: Sum | None = None
    rate_bp: PositiveInt | None = Field(default=None, le=10_000)
    spend_purpose: str | None = None
    alternative_rates: list[AlternativeRate] = Field(default_factory=list)
    tiers: list[Sum] = Field(default_factory=list)
    conditions: list[Condition] = Field(default_factory=list)
    stacking_group: str | None = None
    yearly_cap_fen: Sum | None = None
    pool_fen: Sum | None = None
    window_from_on: date | None = None
    window_until_on: date | None = None
    valid_from_on: date | None = None
    valid_until_on: date | None = None
    source: str = Field(min_length=1)
    source_grade: SourceGrade
    checked_on: date

    @model_validator(mode="after")
    def _terms_agree(self) -> "RuleRow":
        codes = [condition.code for condition in self.conditions]
        codes += [item.condition.code for item in self.alternative_rates]
        kinds = {condition.kind for condition in self.conditions}
        wrong = {
            "code_twice": len(codes) != len(set(codes)),
            "stacking_group": "no_stacking" in kinds and self.stacking_group is None,
            "yearly_cap_fen": "yearly_cap" in kinds and self.yearly_cap_fen is None,
            "spend_purpose": self.rate_bp is not None and self.spend_purpose is None,
            "alternative_rates": bool(self.alternative_rates) and self.rate_bp is None,
            "rate_and_tiers": self.rate_bp is not None and bool(self.tiers),
            "validity": _reversed(self.valid_from_on, self.valid_until_on),
            "window": _reversed(self.window_from_on, self.window_until_on),
        }
        found = [code for code, is_wrong in wrong.items() if is_wrong]
        if found:
            raise TermsDisagree(found)
        return self

    def make_rule(self) -> FundingRule:
        """The table row, not yet saved."""
        return FundingRule(**{**self.model_dump(), **self.model_dump(mode="json", include=_JSON_COLUMNS)})


_JSON_COLUMNS = {"conditions", "alternative_rates", "tiers"}


def _reversed(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


@dataclass(frozen=True)
class RulesLoaded:
    """What a load did, each as "programme v1" in file order. `kept`: stored otherwise than in the file,
    left alone.
    """

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]


def load_rules(session: Session, path: Path = RULES_FILE) -> RulesLoaded:
    """Add the rules of a file that are not stored yet, by (programme, version). Running twice adds nothing.

    A version that is stored with other terms stays as it is and is named in `kept`: give it a new version.
    Raises InvalidInput, and adds nothing, when the file cannot be read or any row is wrong.
    """
    rows = read_rules(path)
    added, unchanged, kept = [], [], []
    for row in rows:
        name = f"{row.programme} v{row.version}"
        stored = find_rule(session, row.programme, row.version)
        if stored is None:
            session.add(row.make_rule())
            added.append(name)
        elif _terms(stored) == _terms(row.make_rule()):
            unchanged.append(name)
        else:
            kept.append(name)
    session.flush()
    return RulesLoaded(tuple(added), tuple(unchanged), tuple(kept))


def read_rules(path: Path) -> list[RuleRow]:
    """The rows of a rule file, validated. Raises InvalidInput naming each wrong row by its place, from 1."""
    try:
        items = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise InvalidInput(f"政策文件 {path.name} 读不出来：{err}") from err
    if not isinstance(items, list):
        raise InvalidInput(f"政策文件 {path.name} 应当是一个列表。")
    rows, fields = [], {}
    for number, item in enumerate(items, start=1):
        try:
            rows.append(RuleRow.model_validate(item))
        except ValidationError as err:
            fields[str(number)] = "; ".join(_where_and_what(err))
    keys = [(row.programme, row.version) for row in rows]
    twice = sorted(
        {f"{programme} v{version}" for programme, version in keys if keys.count((programme, version)) > 1}
    )
    if twice:
        fields["duplicates"] = ", ".join(twice)
    if fields:
        raise InvalidInput(f"政策文件 {path.name} 有错，一条也没有载入。", fields=fields)
    return rows


def _where_and_what(err: ValidationError) -> Iterable[str]:
    for problem in err.errors():
        yield f"{'.'.join(str(part) for part in problem['loc']) or 'rule'}: {problem['msg']}"


def _terms(rule: FundingRule) -> dict[str, Any]:
    return rule.model_dump(mode="json", exclude={"id", "created_at", *MUTABLE})
