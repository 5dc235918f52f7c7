"""Vouchers (券): rules in force that could pay for what a firm would have to buy, as of a day.

Nothing of it is stored with a match: a voucher that lapses is named no more on the day after its last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.funding import assess
from models.funding_facts import FundingFacts
from models.funding_finding import Verdict
from models.funding_rule import FundingKind, FundingRule


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher that nothing known rules out. until_on: last day of its window, where one is announced."""

    programme: str
    title: str
    title_en: str
    until_on: date | None


def open_vouchers(rules: Sequence[FundingRule], facts: FundingFacts, on: date) -> dict[str, Voucher]:
    """The vouchers that could pay, by what they pay for (compute, model, corpus).

    rules: in force on that day, one a programme. Left out is every one that a known fact contradicts, a window that is
    closed among them; what is not known yet, such as a contract, rules out nothing. Of several for one purpose the
    first by programme.
    """
    found: dict[str, Voucher] = {}
    for rule in sorted(rules, key=lambda rule: rule.programme):
        if rule.kind is not FundingKind.VOUCHER or rule.spend_purpose is None:
            continue
        if assess(facts, rule, on).verdict is not Verdict.UNMET:
            voucher = Voucher(rule.programme, rule.title, rule.title_en, rule.window_until_on)
            found.setdefault(rule.spend_purpose, voucher)
    return found
