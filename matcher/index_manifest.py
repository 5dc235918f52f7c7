"""The manifest of the vector index: which files make up one generation, and what they must look like.

`manifest.json` is the only file a reader trusts, and the last one a writer touches; it names every other file
with its SHA-256. Its own bytes carry a digest, so that a damaged manifest is noticed like any other damaged
file.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from matcher.durable_files import FileRecord

# Past either limit a reader opens too many files, or maps too many vectors nobody can find, and the writer
# should fold base and deltas into a new base. Both are about comfort, not correctness: 16 files open in a few
# milliseconds.
MAX_DELTAS = 16
MAX_DEAD_SHARE = 0.25
# Deltas are folded into one until they hold this share of the base's vectors; then all becomes a new base.
MAX_DELTA_SHARE = 0.25


class SegmentRecord(BaseModel):
    """One segment: the file that lists its entries and removals, and the file of their vectors.

    n_entries, n_removed: lines in the list. n_vectors: rows of the vectors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contents: FileRecord
    vectors: FileRecord
    n_entries: int = Field(ge=0)
    n_removed: int = Field(ge=0)
    n_vectors: int = Field(ge=0)


class IndexManifest(BaseModel):
    """One generation of the index. Generations only grow; `built_at` is when the base was made, `changed_at`
    this one.

    model_key, dim: the model whose vectors these are; others are never mixed in. counts: findable entries by
    kind.
    n_live_vectors: rows that belong to them. extras: files of arrays that the caller gave with the base.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Literal[3] = 3
    generation: int = Field(ge=1)
    model_key: str
    dim: int = Field(ge=1)
    built_at: AwareDatetime
    changed_at: AwareDatetime
    base: SegmentRecord
    deltas: tuple[SegmentRecord, ...] = ()
    extras: dict[str, FileRecord]
    counts: dict[str, int]
    n_live_vectors: int = Field(ge=0)

    @property
    def segments(self) -> tuple[SegmentRecord, ...]:
        """The base and its deltas, oldest first; a later one overrides an earlier one."""
        return (self.base, *self.deltas)

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """Every file of this generation but the manifest itself."""
        of_segments = [file for segment in self.segments for file in (segment.contents, segment.vectors)]
        return (*of_segments, *self.extras.values())

    @property
    def n_bytes(self) -> int:
        """The size of all files of this generation but the manifest."""
        return sum(file.size for file in self.files)

    @property
    def needs_compaction(self) -> bool:
        """Whether segments should be folded together."""
        return len(self.deltas) > MAX_DELTAS or self._is_mostly_dead

    @property
    def needs_new_base(self) -> bool:
        """Whether folding should make a new base; else one delta is enough."""
        n_later = sum(segment.n_vectors for segment in self.deltas)
        return not self.deltas or self._is_mostly_dead or n_later > MAX_DELTA_SHARE * self.base.n_vectors

    @property
    def _is_mostly_dead(self) -> bool:
        n_vectors = sum(segment.n_vectors for segment in self.segments)
        return n_vectors - self.n_live_vectors > MAX_DEAD_SHARE * n_vectors

    def to_bytes(self) -> bytes:
        """The manifest as it stands on disk: canonical JSON that opens with the digest of the rest."""
        body = self.model_dump(mode="json")
        return _canonical({"manifest": body, "sha256": hashlib.sha256(_canonical(body)).hexdigest()})

    @classmethod
    def from_bytes(cls, content: bytes) -> IndexManifest:
        """Read what `to_bytes` gave. Raises ValueError when so much as one byte differs."""
        manifest = cls.model_validate(json.loads(content)["manifest"])
        if manifest.to_bytes() != content:
            raise ValueError("the manifest does not agree with its digest")
        return manifest


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1).encode()
