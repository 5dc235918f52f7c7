"""What each ingredient of relevance adds: the engine whole and without one ingredient at a time, on labelled sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from matcher.bench import Bench, MakeUp, encode_set
from matcher.embedder import Embedder, FileVectorStore, Progress
from matcher.evaluation import query_ndcgs
from matcher.labelled_set import read_labelled_set
from matcher.rank_metrics import Lead, paired_lead
from matcher.relevance import BLEND, Blend
from models.errors import InvalidInput

WHOLE = "engine"


def _without(name: str) -> Blend:
    """The blend with one likeness taken out and the others in the same proportion."""
    weights = {**asdict(BLEND), name: 0.0}
    total = sum(weights.values())
    return Blend(**{key: weight / total for key, weight in weights.items()})


VARIANTS: Mapping[str, MakeUp] = {
    "without words": MakeUp(blend=_without("words")),
    "without detail": MakeUp(blend=_without("detail")),
    "without gist": MakeUp(blend=_without("gist")),
    "without hubness": MakeUp(has_hubness=False),
    "without centring": MakeUp(is_centred=False),
}


@dataclass(frozen=True)
class Ablation:
    """nDCG@10 of the whole engine on one set, and what each ingredient adds to it."""

    name: str
    n_queries: int
    ndcg: float
    adds: Mapping[str, Lead]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def run_ablation(
    folders: Sequence[Path], *, embedder: Embedder, cache_dir: Path, progress: Progress | None = None
) -> list[Ablation]:
    """Measure the whole engine and all variants on each folder, in order.

    Raises InvalidInput without any folder, or for one that cannot be used.
    """
    if not folders:
        raise InvalidInput("Name at least one labelled folder.")
    store = FileVectorStore(cache_dir / "evaluation" / "vectors.sqlite3")
    try:
        return [_ablated(folder, embedder, store, progress) for folder in folders]
    finally:
        store.close()


def _ablated(folder: Path, embedder: Embedder, store: FileVectorStore, progress: Progress | None) -> Ablation:
    labelled = read_labelled_set(folder)
    vectors, _ = encode_set(labelled, embedder, store, progress=progress)
    bench = Bench(labelled, vectors)
    whole = query_ndcgs(bench)
    adds = {
        name: paired_lead(whole, query_ndcgs(bench.made_otherwise(make_up)))
        for name, make_up in VARIANTS.items()
    }
    return Ablation(labelled.name, len(whole), float(whole.mean()), adds)


def to_text(ablations: Sequence[Ablation]) -> str:
    """A table for a terminal: what is lost where an ingredient is left out."""
    width = max(len(name) for name in VARIANTS) + 2
    lines = []
    for each in ablations:
        lines.append(f"{each.name}: {each.n_queries} queries, nDCG@10 {each.ndcg:.3f}; lost of it:")
        lines += [
            f"  {name:<{width}}{lead.mean:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}] p={lead.p:.3f}"
            for name, lead in each.adds.items()
        ]
    return "\n".join(lines)
