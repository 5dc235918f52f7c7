"""Attacks on the text of a capability that want a better place for one need, and what they gain.

A text is attacked, cut, encoded and judged as it would be once its firm had saved it; nobody else's text changes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.chunks import split_sentences
from matcher.documents import Document, DocumentKind, text_document
from matcher.gates import closed_gates, failed_gates
from matcher.judge import Offer, judge
from matcher.passages import passages_of
from matcher.ranking import rank_key
from matcher.recommender import Recommender
from matcher.scoring import ScoredMatch
from models.match_queries import BAND_ORDER

TAGS = (
    "城市治理 水务 交通 医疗 教育 养老 应急 环保 司法 政务服务 制造 港口 能源 零售 文旅 农业 金融 物流 建筑 "
    "计算机视觉 语音识别 大模型 知识图谱 时序预测 机器人 数字孪生 推荐 多模态 光学字符识别 边缘计算 智能体"
)
TAGS_EN = (
    "city governance, water, transport, health, education, elderly care, emergency, environment, justice, "
    "manufacturing, port, energy, retail, tourism, farming, finance, logistics, construction, computer vision, "
    "speech, language models, knowledge graph, forecasting, robotics, digital twin, OCR, edge computing, agents"
)
LOOKALIKES = str.maketrans("aeopcxyiAEOPCXTHKMB", "аеорсхуіАЕОРСХТНКМВ")


def keywords_of(need: Document) -> list[str]:
    """Words a stuffer would pick: the pieces of the need between commas and other marks, up to eight characters."""
    text = need.keyword_text
    if need.lang == "en":
        return list(dict.fromkeys(re.findall(r"[A-Za-z]{5,}", text)))[:30]
    pieces = re.findall(r"[\u4e00-\u9fff]{2,8}", text)
    return list(dict.fromkeys(pieces))[:30]


def _pasted(text: str, need: Document) -> str:
    return f"{text}\n{need.keyword_text}"


def _keywords(text: str, need: Document) -> str:
    return f"{text}\n" + " ".join(keywords_of(need) * 50)


def _tags(text: str, need: Document) -> str:
    return f"{text}\n{TAGS}\n{TAGS_EN}"


def _hidden(text: str, need: Document) -> str:
    """The need itself, each character followed by one that nobody sees, between marks that turn the direction."""
    hidden = "".join(f"{mark}\u200b" for mark in need.keyword_text)
    return f"{text}\n\u202e\u2066{hidden}\u2069\u202c"


def _lookalikes(text: str, need: Document) -> str:
    """The need in letters that look the same: Cyrillic for Latin, full-width digits and signs."""
    copy = need.keyword_text.translate(LOOKALIKES)
    wide = "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in copy)
    return f"{text}\n{wide}"


def _repeated(text: str, need: Document) -> str:
    sentence = max(split_sentences(need.keyword_text), key=len)
    return f"{text}\n" + "\n".join([sentence] * 30)


def _claims(text: str, need: Document) -> str:
    claim = "我们满足：" if need.lang == "zh" else "We meet this: "
    return f"{text}\n" + "\n".join(claim + requirement.text for requirement in need.requirements)


def _title(text: str, need: Document) -> str:
    """Each sentence of the firm's own with the need's title in front."""
    topic = next(statement.text for statement in need.statements)
    return "\n".join(f"{topic}：{sentence}" for sentence in split_sentences(text))


ATTACKS: Mapping[str, Callable[[str, Document], str]] = {
    "pasted": _pasted,
    "keywords x50": _keywords,
    "all tags": _tags,
    "hidden": _hidden,
    "look-alikes": _lookalikes,
    "sentence x30": _repeated,
    "claims": _claims,
    "title in front": _title,
}


@dataclass(frozen=True)
class Gain:
    """What an attack gained: places up in the scenario's list (negative: down), and bands up."""

    attack: str
    scenario: str
    capability: str
    before: ScoredMatch
    after: ScoredMatch
    places: int

    @property
    def bands(self) -> int:
        return BAND_ORDER[self.before.band] - BAND_ORDER[self.after.band]


@dataclass(frozen=True)
class Ranking:
    """Everybody's match for one scenario, best first."""

    scenario_id: int
    matches: Sequence[ScoredMatch]

    def place(self, match: ScoredMatch) -> int:
        others = (each for each in self.matches if each.capability_id != match.capability_id)
        return 1 + sum(rank_key(other) < rank_key(match) for other in others)


def full_ranking(recommender: Recommender, scenario_id: int) -> Ranking:
    """All capabilities without a closed gate."""
    corpus = recommender.corpus
    judged = [
        recommender.judge(scenario_id, row.key)
        for row in corpus.capabilities.values()
        if not closed_gates(corpus.scenarios[scenario_id], row, on=recommender._on)
    ]
    return Ranking(scenario_id, sorted(judged, key=rank_key))


def weak_or_middling(ranking: Ranking, shares: Iterable[float]) -> list[ScoredMatch]:
    """The matches at these shares of the list, 0 the best, 1 the last."""
    return [ranking.matches[round(share * (len(ranking.matches) - 1))] for share in shares]


def attacked_document(document: Document, need: Document, attack: str) -> Document:
    """The capability with its description attacked, as it would be read from its row."""
    title = next((each.text for each in document.statements if each.source == "title"), "")
    text = next(each.text for each in document.statements if each.source == "text")
    attacked = ATTACKS[attack](text, need)
    read = text_document(attacked, kind=DocumentKind.CAPABILITY, title=title)
    cases = tuple(each for each in document.statements if each.source == "case")
    return replace(document, statements=(*read.statements, *cases), lang=read.lang)


def judged_with(recommender: Recommender, scenario_id: int, document: Document) -> ScoredMatch:
    """A pair in which the capability's text is another than the stored one."""
    embedder = recommender._make_embedder()
    capability, scenario = (
        recommender.corpus.capabilities[document.id],
        recommender.corpus.scenarios[scenario_id],
    )
    single = recommender.gauge.offer_of(recommender._encoded(document))
    offer = Offer(document, tuple(passages_of(document, embedder)), single.chunk_set.chunks, capability)
    relevance = recommender._relevance_to(scenario_id, offer, single)
    gates = failed_gates(scenario, capability, on=recommender._on)
    return judge(recommender._stored_need(scenario_id), offer, relevance, gates=gates)


def attack(recommender: Recommender, ranking: Ranking, before: ScoredMatch, name: str) -> Gain:
    """One attack on one pair. The firm's own text, measured the same way, is what it is compared with."""
    corpus = recommender.corpus
    document = corpus.document(DocumentKind.CAPABILITY, before.capability_id)
    need = corpus.document(DocumentKind.SCENARIO, ranking.scenario_id)
    after = judged_with(recommender, ranking.scenario_id, attacked_document(document, need, name))
    return Gain(
        attack=name,
        scenario=str(corpus.scenarios[ranking.scenario_id].external_id),
        capability=str(corpus.capabilities[before.capability_id].external_id),
        before=before,
        after=after,
        places=ranking.place(before) - ranking.place(after),
    )


def summary(gains: Sequence[Gain]) -> dict[str, dict[str, int]]:
    """By attack, and over all of them: how many, median and 95th percentile of places gained, bands risen."""
    names = dict.fromkeys(gain.attack for gain in gains)
    table = {name: _figures([gain for gain in gains if gain.attack == name]) for name in names}
    return {**table, "all": _figures(gains)}


def _figures(gains: Sequence[Gain]) -> dict[str, int]:
    places = sorted(gain.places for gain in gains)
    return {
        "n": len(places),
        "median": places[len(places) // 2],
        "p95": places[math.ceil(0.95 * len(places)) - 1],
        "max": places[-1],
        "bands": sum(gain.bands > 0 for gain in gains),
    }
