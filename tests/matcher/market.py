"""A small market and the whole chain over it, with the hashing embedder: for tests in which meaning does not matter."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.engine import Engine
from sqlmodel import Session

from matcher.baseline import baseline_of
from matcher.corpus import Corpus
from matcher.embedder import Embedder, Progress, TextRole, Vectors
from matcher.index_store import IndexStore
from matcher.indexing import Encoding, IndexReport, load_documents, update_index
from matcher.opened_index import OpenedIndex
from matcher.recommender import Recommender
from matcher.workshop import Workshop
from models.capability import Capability
from models.scenario import Scenario
from tests.factories import make_capability, make_organisation, make_scenario
from tests.fakes import HashingEmbedder

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

TOPICS = (
    ("巡查车视频找井盖破损", "用车载视频识别井盖缺失和破损", "夜间也能识别道路沉降"),
    ("消防通道占用要及时发现", "固定摄像头识别消防通道堵塞", "告警推送到楼栋长和网格员"),
    ("窗口材料预审太慢", "材料上传后自动核对缺件", "识别印章和签名并给出依据"),
    ("热线工单分派不准", "读懂市民来电并分到承办部门", "重复工单自动合并"),
    ("树木倒伏难预警", "无人机影像识别倾斜的行道树", "台风前列出要加固的树"),
    ("工厂质检漏检多", "玻璃划痕和气泡的在线检测", "误报率低于百分之三"),
    ("老人跌倒无人知", "毫米波雷达判断跌倒不拍图像", "三十秒内通知家属"),
    ("河道排口偷排", "水面视频识别颜色突变和泡沫", "夜间红外也能看排口"),
)


class CountingEmbedder(HashingEmbedder):
    """Counts what it encodes. before: called with the texts before each encoding."""

    def __init__(self, before: Callable[[Sequence[str]], None] = lambda texts: None) -> None:
        self.encoded: list[str] = []
        self._before = before

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        self._before(texts)
        self.encoded += texts
        return super().encode(texts, role=role, progress=progress)


class MemoryStore:
    """A VectorStore in memory."""

    def __init__(self) -> None:
        self.vectors: dict[str, Vectors] = {}

    def get_many(self, keys: Sequence[str]) -> dict[str, Vectors]:
        return {key: self.vectors[key] for key in keys if key in self.vectors}

    def put_many(self, vectors: Mapping[str, Vectors]) -> None:
        self.vectors |= {key: np.array(vector) for key, vector in vectors.items() if key not in self.vectors}


class Chain:
    """Index and recommender over one session's rows. embedder: what encodes; counts if it is a CountingEmbedder."""

    def __init__(self, session: Session, folder: Path, embedder: Embedder | None = None) -> None:
        self.session, self.folder = session, folder
        self.embedder = embedder or CountingEmbedder()
        self.store = MemoryStore()

    def update(self, *, rebuild: bool = False, model: str = "hashing") -> IndexReport:
        documents = load_documents(self.session, on=TODAY)
        encoding = Encoding(lambda: self.embedder, lambda _: self.store)
        return update_index(OpenedIndex(self.folder, model), documents, encoding, now=NOW, rebuild=rebuild)

    def recommender(self, *, on: date = TODAY) -> Recommender:
        """On the index as it is on disk."""
        snapshot = IndexStore(self.folder).open()
        corpus = Corpus(lambda: nullcontext(self.session), snapshot, baseline_of(snapshot), on=on)
        return Recommender(
            corpus, make_embedder=lambda: self.embedder, make_store=lambda _: self.store, on=on
        )

    def updated(self) -> Recommender:
        """On an index that is in step."""
        self.update()
        return self.recommender()


def sentences(topic: int, rng: random.Random) -> str:
    """A few sentences of a topic with one of another, so that texts overlap without being equal."""
    own = rng.sample(TOPICS[topic], 2)
    other = rng.choice(TOPICS[(topic + 1) % len(TOPICS)])
    return f"{own[0]}，编号{rng.randrange(1000)}。{own[1]}。已在{rng.randrange(2, 60)}处试用，{other}。"


def make_needs(session: Session, n: int, *, seed: int = 1, **values: Any) -> list[Scenario]:
    """Open scenarios of one agency, topic after topic, each with two written requirements."""
    rng = random.Random(seed)
    agency = values.pop("organisation_id", None) or make_organisation(session).key
    return [
        make_scenario(
            session,
            requirements=TOPICS[at % len(TOPICS)][1:],
            title=TOPICS[at % len(TOPICS)][0],
            text=sentences(at % len(TOPICS), rng),
            organisation_id=agency,
            **values,
        )
        for at in range(n)
    ]


def make_offers(session: Session, n: int, *, seed: int = 2, **values: Any) -> list[Capability]:
    """Listed capabilities, each of a firm of its own, topic after topic."""
    rng = random.Random(seed)
    return [
        make_capability(
            session,
            **{
                "title": TOPICS[at % len(TOPICS)][1],
                "text": sentences(at % len(TOPICS), rng),
                "cases": ("在某街道用了半年，巡查时间减半。",),
                **values,
            },
        )
        for at in range(n)
    ]


def make_market(
    session: Session, n_needs: int = 16, n_offers: int = 24
) -> tuple[list[Scenario], list[Capability]]:
    """Enough of both sides for a background of its own."""
    return make_needs(session, n_needs), make_offers(session, n_offers)


def make_workshop(
    engine: Engine, folder: Path, *, embedder: Embedder | None = None, model: str = "hashing"
) -> Workshop:
    """A workshop over a database with real commits, on a fixed day."""
    encoder = embedder or CountingEmbedder()
    return Workshop(
        engine=engine,
        index_dir=folder / "index",
        model=model,
        make_embedder=lambda: encoder,
        today=lambda: TODAY,
    )
