"""Reasons and gaps: codes with values, the next step for each gap, and their sentences in the reader's language.

What is stored is {"code", "values"} (and a step's code); no HTML and no language. The words are in
explanation_words.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from matcher.asked_facts import asked_facts, asked_filings, has_filings
from matcher.chunks import detect_lang
from matcher.coverage import CoveredRequirement, Verdict
from matcher.excerpt import excerpt
from matcher.explanation_words import (
    CODE_WORDS,
    CROSS_LANGUAGE,
    FIRM_SENTENCES,
    FIRM_STEPS,
    SENTENCES,
    STEPS,
    WHERE_TO_FILE,
)
from matcher.gates import Gate
from matcher.quantities import Outcome, weigh

MAX_REASONS = 3
"""Reasons shown before the table of requirements is opened."""

QUOTE_CHARACTERS = {"zh": 60, "en": 140}
NEED_CHARACTERS = {"zh": 30, "en": 80}
"""Longest quote, and longest piece of a requirement, inside a sentence; the table of requirements shows all of both."""

LEARNED = frozenset({"recall", "accuracy", "false_alarm", "miss", "agreement", "filtered"})
"""Measures that more training can move, so that computing power and training data are worth their money."""

TRAINING = ["compute", "corpus"]
FILED_MODEL = ["model"]
"""What would have to be bought to close a gap, as `values["spend"]`: matcher/next_steps.py looks who pays for it."""

STEP_OF_FIELD = {
    "text_too_short": "add_description",
    "too_few_statements": "add_case",
    "need_too_short": "write_need",
    "need_other_language": "write_need_readably",
    "other_language": "write_readably",
    "deployment_unknown": "state_deployment",
    "case_missing": "add_case",
    "maturity_unknown": "state_maturity",
    "capacity_unknown": "state_capacity",
    "deployment_conflict": "offer_deployment",
    "firm_full": "ask_when_free",
    "copied_from_the_need": "answer_in_own_words",
}
"""The step for a gap of the pair or of the profile; the others have none."""


class Voice(StrEnum):
    """To whom a sentence is said: to the firm about itself, or to anybody else about the firm."""

    AGENCY = "agency"
    FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason or gap. code: key of SENTENCES; values: what its sentence and its step need; step: key of STEPS."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    step: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, as stored and printed."""
        stored: dict[str, Any] = {"code": self.code, "values": self.values}
        return stored if self.step is None else {**stored, "step": self.step}


def word(code: str, values: Mapping[str, Any], locale: str, voice: Voice = Voice.AGENCY) -> str:
    """The sentence for a stored reason or gap. KeyError for a code, locale or value that does not exist.

    Lists of codes are worded too: ["gov_cloud"] becomes 政务云 / government cloud. A quote in another language than the
    reader's is marked.
    """
    own = FIRM_SENTENCES.get(code) if voice is Voice.FIRM else None
    template = (own or SENTENCES[code])[locale]
    mark = CROSS_LANGUAGE[locale][values["quote_lang"]] if "quote_lang" in values else ""
    return template.format(mark=mark, **_shown(values, locale))


def word_step(step: str, values: Mapping[str, Any], locale: str, voice: Voice = Voice.AGENCY) -> str:
    """What would move a gap, as a sentence to the buyer or the firm. values: the gap's own. KeyError as in `word`."""
    templates = FIRM_STEPS if voice is Voice.FIRM else STEPS
    separator = {"zh": "；", "en": "; "}[locale]
    where = separator.join(WHERE_TO_FILE[code][locale] for code in values.get("filings", ()))
    return templates[step][locale].format(where=where, **_shown(values, locale))


def word_codes(codes: Sequence[str], locale: str) -> str:
    """Codes of places or filings as words; a code nobody knows is shown as it is."""
    separator = "、" if locale == "zh" else ", "
    return separator.join(CODE_WORDS.get(code, {}).get(locale, code) for code in codes)


def evidence_words(item: Mapping[str, Any], locale: str) -> str | None:
    """What is quoted of a stored coverage row, evidence before counter-evidence; facts are worded, quotes kept."""
    return _row_words(item, item["evidence"] or item["counter"], locale)


def counter_words(item: Mapping[str, Any], locale: str) -> str | None:
    """The counter-evidence of a stored coverage row, or None. Beside evidence it is always a sentence of the firm's."""
    if item["evidence"] is not None:
        counter: str | None = item["counter"]
        return counter
    return _row_words(item, item["counter"], locale)


def reasons_for(covered: Sequence[CoveredRequirement], extra: Sequence[Reason] = ()) -> list[Reason]:
    """What speaks for the pair, strongest first: met musts, met shoulds, partly musts, then the extras."""
    order = sorted(
        (item for item in covered if item.verdict in (Verdict.MET, Verdict.PARTLY)),
        key=lambda item: (item.verdict is not Verdict.MET, not item.must, item.position),
    )
    reasons = [_reason(item) for item in order]
    # One place to run may answer several requirements; the sentence would be the same.
    told = {
        reason.code: reason
        for reason in reversed(reasons)
        if reason.code in ("deployment_offered", "filing_present")
    }
    return [reason for reason in reasons if told.get(reason.code, reason) is reason] + list(extra)


def gaps_for(
    covered: Sequence[CoveredRequirement],
    gates: Sequence[Gate] = (),
    missing: Sequence[str] = (),
) -> list[Reason]:
    """What stands in the way, hardest first: gates, unmet musts, unmet shoulds, partly, unknown, then missing fields.

    missing: gap codes of absent fields of the capability, e.g. deployment_unknown. Only what holds whenever it is read
    is here; who could take a part and which money is there depend on the day (matcher/next_steps.py).
    """
    order = {Verdict.UNMET: 0, Verdict.PARTLY: 1, Verdict.UNKNOWN: 2}
    short = sorted(
        (item for item in covered if item.verdict is not Verdict.MET),
        key=lambda item: (order[item.verdict], not item.must, item.position),
    )
    gaps = [Reason(gate.code, gate.values, STEP_OF_FIELD.get(gate.code)) for gate in gates]
    gaps += [gap for item in short if (gap := _gap(item)) is not None]
    return gaps + [Reason(code, {}, STEP_OF_FIELD.get(code)) for code in missing]


def need_gap(code: str) -> Reason:
    """The gap of a need that nobody can be judged by: need_too_short or need_other_language."""
    return Reason(code, {}, STEP_OF_FIELD[code])


def copied_gap(quotes: Sequence[str]) -> Reason:
    """The gap that names statements copied out of the need. quotes: those statements, at least one."""
    quote = max(quotes, key=len)
    lang = detect_lang(quote)
    values = {
        "n": len(quotes),
        "quote": excerpt(quote, limit=QUOTE_CHARACTERS[lang]),
        "quote_lang": lang,
    }
    return Reason("copied_from_the_need", values, STEP_OF_FIELD["copied_from_the_need"])


def _shown(values: Mapping[str, Any], locale: str) -> dict[str, Any]:
    return {
        name: word_codes(value, locale) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _row_words(item: Mapping[str, Any], text: str | None, locale: str) -> str | None:
    is_codes = item["evidence_source"] in ("deployment", "filings")
    return word_codes(_codes(text), locale) if text is not None and is_codes else text


def _reason(item: CoveredRequirement) -> Reason:
    if item.evidence_source == "deployment":
        return Reason("deployment_offered", {"position": item.position, "places": _codes(item.evidence)})
    if item.evidence_source == "filings":
        return Reason("filing_present", {"position": item.position, "filings": _codes(item.evidence)})
    code = "requirement_met" if item.verdict is Verdict.MET else "requirement_partly"
    return Reason(code, {"position": item.position, **_quoted(item, item.evidence)})


def _gap(item: CoveredRequirement) -> Reason | None:
    if item.verdict is Verdict.UNMET:
        return _unmet(item)
    return _partly(item) if item.verdict is Verdict.PARTLY else _unknown(item)


def _unmet(item: CoveredRequirement) -> Reason:
    if item.evidence_source == "deployment":
        values = {**_named(item), "places": _codes(item.counter)}
        return Reason("deployment_unmet", values, "offer_deployment")
    values = {**_named(item), **_quoted(item, item.counter)}
    asked = asked_facts(item.text)
    if asked is not None and asked.asks_for_place:
        return Reason("requirement_unmet", values, "offer_deployment")
    missed = {f.demand.measure for f in weigh(item.text, [item.counter or ""]) if f.outcome is Outcome.MISSED}
    if not missed:
        return Reason("requirement_unmet", values, "find_partner")
    return Reason("requirement_unmet", {**values, **_training(missed)}, "retest")


def _training(missed: Set[str | None]) -> dict[str, Any]:
    """What training would cost, where it can move one of these measures."""
    return {"spend": TRAINING} if missed & LEARNED else {}


def _partly(item: CoveredRequirement) -> Reason | None:
    if item.counter is not None:
        return Reason("requirement_disputed", {**_named(item), **_quoted(item, item.counter)}, "clear_up")
    findings = weigh(item.text, [item.evidence or ""])
    outcomes = {finding.outcome for finding in findings}
    short = {f.demand.measure for f in findings if f.outcome in (Outcome.MIXED, Outcome.MISSED)}
    if short:
        values = {**_named(item), **_quoted(item, item.evidence), **_training(short)}
        return Reason("figure_mixed", values, "retest")
    if Outcome.OPEN in outcomes:
        return Reason("figure_missing", _named(item), "add_test_report")
    if item.evidence_source in ("deployment", "filings"):
        return _filing_missing(item) or Reason("rest_unknown", _named(item), "ask_question")
    return None


def _unknown(item: CoveredRequirement) -> Reason:
    return _filing_missing(item) or Reason("requirement_unknown", _named(item), "ask_question")


def _filing_missing(item: CoveredRequirement) -> Reason | None:
    """The filings asked for that nothing says are there, or None."""
    filed = _codes(item.evidence) if item.evidence_source == "filings" else []
    absent = [code for code in asked_filings(item.text) if not has_filings([code], filed)]
    if not absent:
        return None
    values: dict[str, Any] = {"position": item.position, "filings": absent}
    # A model that is filed already can be bought in place of one's own.
    bought = {"spend": FILED_MODEL} if "model_filing" in absent else {}
    return Reason("filing_missing", {**values, **bought}, "file_filing")


def _named(item: CoveredRequirement) -> dict[str, Any]:
    limit = NEED_CHARACTERS[detect_lang(item.text)]
    return {"position": item.position, "need": excerpt(item.text, limit=limit)}


def _quoted(item: CoveredRequirement, quote: str | None) -> dict[str, Any]:
    lang = detect_lang(quote or "")
    return {"quote": excerpt(quote or "", limit=QUOTE_CHARACTERS[lang], near=item.text), "quote_lang": lang}


def _codes(text: str | None) -> list[str]:
    return text.split(",") if text else []
