"""Sentences to figures: each number with what it is about, its unit, its bounds, and the words around it.

Reading is cautious: a number whose meaning is not clear keeps `measure=None`, a change ("下降80%"), a hope ("目标98%")
and the state before ("由31小时降到9小时": the 31) are no figures at all. What is compared with what is decided in
quantities.py; the words are in measures.py.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import chain

from matcher.measures import (
    AT_LEAST_AFTER,
    AT_LEAST_BEFORE,
    AT_MOST_AFTER,
    AT_MOST_BEFORE,
    CHANGE_BEFORE,
    COUNTERS,
    DAY,
    FALLS_TO,
    GENERIC,
    MAGNITUDES,
    MEASURES,
    NIGHT,
    NOT_ACHIEVED,
    OTHER_SHARE,
    PER,
    PER_WORDS,
    PERCENT,
    RISES_TO,
    STRICTLY_BELOW,
    THROUGHPUT,
    THROUGHPUT_UNITS,
    UNCLEAR_SHARES,
    UNITS,
    Measure,
)
from matcher.tokens import fold, query_words

MAX_INHERITED_WORDS = 8
"""A clause that only names another case ("粤语94.1%") takes the measure before it; a longer one says something else."""

N_REMEMBERED = 20_000
"""Texts whose reading is remembered: a requirement meets every firm, a firm's sentence many requirements."""

MAX_CLAUSE_CHARACTERS = 300
"""What runs on longer without a mark is no clause; the rest of it is not read, so that no text can take long."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNIT_WORDS = "|".join(
    re.escape(unit) for unit in sorted({*UNITS, *COUNTERS}, key=lambda unit: (-len(unit), unit))
)
_FIGURE = re.compile(
    rf"(?<![\d.a-z第])(?:(?P<low>{_NUMBER})\s*(?:{_UNIT_WORDS})?\s*(?:-|–|—|~|至|到|to)\s*)?"
    rf"±?\s*(?P<value>{_NUMBER})\s*(?P<magnitude>[万千]|k(?![a-z]))?\s*[多余]?"
    rf"(?P<unit>{_UNIT_WORDS})(?![a-z])"
)
_FROM_TO = re.compile(
    rf"(?:由|从|from )[^\d到至]{{0,8}}(?:{_NUMBER})[^到至]{{0,12}}?(?P<verb>[降缩减升提增]?)[^\d到至]{{0,3}}"
    r"(?:到|至|\bto\b)\s*(?=约?\d)"
)
_SENTENCE = re.compile(r"[。；;！？!?\n]|\.(?=\s|$)")
_CLAUSE = re.compile(r"[，、:：()（）]|,(?!\d{3}(?!\d))|\s(?:and|but|while)\s")
_JOINED_RATES = re.compile(r"\bper ([a-z]+) and (?:per )?([a-z]+)")
# Between a number and the measure it qualifies: "96%的准确率", "98 percent field accuracy", or the same words.
_JOINT = re.compile(r"的?| (?:[a-z]+ ){0,2}")
_DIGIT = re.compile(r"\d")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_SHARE_OF = re.compile(r"占[^，]{0,8}$")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a sentence. [low, high] is what it may be, in `unit` (see measures.py; rates as "times/天/户").

    measure: key of a Measure, or None where it is not clear what the number is about. at_most: the direction in which
    a need with this figure reads it; None where neither sentence nor measure says. context: "night", "day" or None.
    about: the words of its own clause; subject: of the clause before, where its own has none. clause: its own clause
    without the numbers.
    """

    measure: str | None
    unit: str
    value: float
    low: float
    high: float
    at_most: bool | None
    context: str | None = None
    about: frozenset[str] = frozenset()
    subject: frozenset[str] = frozenset()
    clause: str = ""
    about_an_object: bool = False


@dataclass(slots=True)
class _Reading:
    """What earlier clauses of the same sentence leave for the later ones."""

    context: str | None = None
    subject: frozenset[str] = frozenset()
    shares: set[Measure] = field(default_factory=set)


def figures_in(text: str) -> list[Figure]:
    """All figures of a text in reading order, hopes and the state before included."""
    return [figure for figure, _ in _read(text)]


def achieved_in(text: str) -> list[Figure]:
    """The figures a firm claims to reach: without clauses that tell of a target or of the time before."""
    return [figure for figure, clause in _read(text) if not NOT_ACHIEVED.search(clause)]


@lru_cache(maxsize=N_REMEMBERED)
def words_in(text: str) -> frozenset[str]:
    """The words of a text that can name the object of a figure: pairs of Han characters, English stems."""
    found: set[str] = set()
    for clause in _clauses(text):
        found |= _object_words(_without_figures(clause))
    return frozenset(found)


def shared_phrase(one: str, other: str) -> int:
    """Length of the longest run of Han characters that both clauses hold."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    runs = (one[block.a : block.a + block.size] for block in matcher.get_matching_blocks())
    return max((len(run) for text in runs for run in _HAN_RUN.findall(text)), default=0)


@lru_cache(maxsize=N_REMEMBERED)
def _read(text: str) -> tuple[tuple[Figure, str], ...]:
    """Every figure with its clause; a sentence without a digit is not looked at."""
    found: list[tuple[Figure, str]] = []
    for sentence in _SENTENCE.split(text):
        if _DIGIT.search(sentence) is None:
            continue
        reading = _Reading()
        for clause in _clauses(sentence):
            found += [(figure, clause) for figure in _figures_of(clause, reading)]
    return tuple(found)


def _clauses(text: str) -> list[str]:
    joined = _JOINED_RATES.sub(r"per \1 per \2", text)
    clauses = (
        _FROM_TO.sub(_only_the_last, fold(clause[:MAX_CLAUSE_CHARACTERS]).strip())
        for clause in _CLAUSE.split(joined)
    )
    return [clause for clause in clauses if clause]


def _only_the_last(match: re.Match[str]) -> str:
    verb = match["verb"]
    return "降到" if verb and verb in "降缩减" else "升到" if verb else "="


def _figures_of(clause: str, reading: _Reading) -> list[Figure]:
    """The figures of one folded clause; what later clauses may take over is noted in `reading`."""
    reading.context = _context_of(clause) or reading.context
    rest = _without_figures(clause)
    about = _object_words(rest)
    reading.subject = about or reading.subject
    found = [_figure(match, clause, reading) for match in _FIGURE.finditer(clause)]
    return [
        replace(figure, about=about, subject=reading.subject, clause=rest)
        for figure in found
        if figure is not None
    ]


def _context_of(clause: str) -> str | None:
    if NIGHT.search(clause):
        return "night"
    return "day" if DAY.search(clause) else None


def _figure(match: re.Match[str], clause: str, reading: _Reading) -> Figure | None:
    before, after = clause[: match.start()], clause[match.end() :]
    if _SHARE_OF.search(before) or _is_change(before):
        return None
    unit, factor = _unit_of(match)
    if match["unit"] == "年" and float(match["value"].replace(",", "")) > 1000:
        return None  # a calendar year
    measure = _measure_at(match, clause, unit, reading)
    if unit in COUNTERS.values():
        rates = sorted(
            {PER_WORDS.get(word, word) for word in chain.from_iterable(PER.findall(clause)) if word}
        )
        unit = "/".join([unit, *rates])
    value = float(match["value"].replace(",", "")) * factor
    start = float(match["low"].replace(",", "")) * factor if match["low"] else value
    low, high = _interval(min(start, value), max(start, value), before, after)
    return Figure(
        measure=None if measure is None else measure.key,
        unit=unit,
        value=value,
        low=low,
        high=high,
        at_most=_direction(before, after, measure),
        context=reading.context,
        about_an_object=measure is not None and measure.about_an_object,
    )


def _is_change(before: str) -> bool:
    if RISES_TO.search(before) or FALLS_TO.search(before):
        return False
    if AT_LEAST_BEFORE.search(before) or AT_MOST_BEFORE.search(before) or STRICTLY_BELOW.search(before):
        return False
    return CHANGE_BEFORE.search(before) is not None


def _unit_of(match: re.Match[str]) -> tuple[str, float]:
    written = match["unit"]
    if written in COUNTERS:
        return COUNTERS[written], MAGNITUDES[match["magnitude"] or ""]
    unit, factor = UNITS[written]
    return unit, factor * MAGNITUDES[match["magnitude"] or ""]


def _interval(low: float, high: float, before: str, after: str) -> tuple[float, float]:
    """What the number may really be: "超过98%" is 98 or more, "不足5%" is under 5."""
    if AT_LEAST_BEFORE.search(before) or AT_LEAST_AFTER.search(after):
        return low, math.inf
    if STRICTLY_BELOW.search(before):
        return -math.inf, math.nextafter(high, -math.inf)
    if AT_MOST_BEFORE.search(before) or AT_MOST_AFTER.search(after):
        return -math.inf, high
    return low, high


def _direction(before: str, after: str, measure: Measure | None) -> bool | None:
    """Whether a need with these words sets a ceiling (True) or a floor (False); None where nothing tells."""
    if AT_LEAST_BEFORE.search(before) or AT_LEAST_AFTER.search(after) or RISES_TO.search(before):
        return False
    if AT_MOST_BEFORE.search(before) or AT_MOST_AFTER.search(after) or FALLS_TO.search(before):
        return True
    if measure is None or measure.higher_is_better is None:
        return None
    return not measure.higher_is_better


def _measure_at(match: re.Match[str], clause: str, unit: str, reading: _Reading) -> Measure | None:
    """What the number is about: the nearest fitting word before it, else right after it, else what went before."""
    mentions = [(start, end, found) for start, end, found in _mentions(clause) if unit in found.units]
    before = [(end, found) for _, end, found in mentions if end <= match.start()]
    after = [
        found
        for start, _, found in mentions
        if start >= match.start() and _JOINT.fullmatch(clause[match.end() : start])
    ]
    measure = max(before, key=lambda pair: pair[0])[1] if before else after[0] if after else None
    if measure is None and not mentions:
        measure = _throughput(clause, unit) or _inherited(clause, unit, reading)
    if measure is not None and unit == PERCENT:
        reading.shares.add(measure)
    return measure


def _mentions(clause: str) -> list[tuple[int, int, Measure]]:
    """Where measures are named in a clause; a stretch of text names one at most."""
    found: list[tuple[int, int, Measure]] = []
    for measure in MEASURES:
        for match in measure.pattern.finditer(clause):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((match.start(), match.end(), measure))
    for match in OTHER_SHARE.finditer(clause):
        taken = any(start < match.end() and match.start() < end for start, end, _ in found)
        if not taken and match.group() not in UNCLEAR_SHARES:
            found.append((match.start(), match.end(), _named_share(match.group())))
    return found


def _named_share(name: str) -> Measure:
    # About an object: 完成率 of a call and of a course have nothing to do with each other.
    return Measure(name, re.compile(re.escape(name)), frozenset({PERCENT}), None, about_an_object=True)


_THROUGHPUT = Measure("throughput", THROUGHPUT, THROUGHPUT_UNITS, higher_is_better=True)


def _throughput(clause: str, unit: str) -> Measure | None:
    per_something = THROUGHPUT.search(clause) or PER.search(clause)
    return _THROUGHPUT if unit in THROUGHPUT_UNITS and per_something else None


def _inherited(clause: str, unit: str, reading: _Reading) -> Measure | None:
    """The one share measure of the sentence so far, for a clause that only names another case of it."""
    if unit != PERCENT or len(reading.shares) != 1:
        return None
    rest = GENERIC.sub("", _without_figures(clause)).strip()
    if len(rest) > MAX_INHERITED_WORDS or re.search(r"[率度占比]", clause):
        return None
    return next(iter(reading.shares))


def _without_figures(clause: str) -> str:
    """The clause without numbers, their bounds, the names of measures and night or day: what it is about."""
    spans = [(start, end) for start, end, _ in _mentions(clause)]
    for match in _FIGURE.finditer(clause):
        bound = AT_LEAST_BEFORE.search(clause[: match.start()]) or AT_MOST_BEFORE.search(
            clause[: match.start()]
        )
        spans.append((bound.start() if bound else match.start(), match.end()))
    for pattern in (PER, NIGHT, DAY, THROUGHPUT, AT_LEAST_AFTER, AT_MOST_AFTER):
        spans += [match.span() for match in pattern.finditer(clause)]
    kept = list(clause)
    for start, end in spans:
        kept[start:end] = " " * (end - start)
    return re.sub(r"以[上下内]|之内", " ", "".join(kept))


def _object_words(text: str) -> frozenset[str]:
    rest = GENERIC.sub(" ", text)
    # A lone character names nothing; an English word of one letter neither.
    return frozenset(word for word in query_words(rest) if len(word) > 1)
