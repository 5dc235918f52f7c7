"""The index in use, open in memory; opened again only when there is a newer generation on disk."""

from __future__ import annotations

from pathlib import Path

from matcher.baseline import Baseline, baseline_of
from matcher.index import IndexSnapshot
from matcher.index_segment import REBUILD_HINT
from matcher.index_store import IndexStore
from models.errors import IndexNotReady

MODEL_CHANGED = "model_changed"
"""Code of the error for an index that another model made than the one that is set."""


class OpenedIndex:
    """One index folder, for reading. model: the setting; an index made with another one is refused."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.model = folder, model
        self._store = IndexStore(folder)
        self._opened: tuple[IndexSnapshot, Baseline] | None = None

    def opened(self) -> tuple[IndexSnapshot, Baseline]:
        """The snapshot in use with its baseline; not for several threads at once.

        Raises IndexNotReady, also for an index made with another model than the one that is set.
        """
        before = self._opened
        if before is None or self._store.read_manifest() != before[0].manifest:
            snapshot = self._store.open(reuse=before and before[0])
            same = before is not None and before[0].manifest.extras == snapshot.manifest.extras
            self._opened = before = snapshot, before[1] if before and same else baseline_of(snapshot)
        if before[1].model != self.model:
            raise IndexNotReady(
                f"The search index was made with another embedding model. {REBUILD_HINT}", code=MODEL_CHANGED
            )
        return before
