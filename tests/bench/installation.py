"""An installation of any size in a temporary folder: rows from synthetic texts, and vectors without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from sqlalchemy.engine import Engine
from tokenizers import Tokenizer

import models.tables  # noqa: F401  (registers every table)
from matcher.embedder import Progress, TextRole, Vectors
from matcher.tokens import query_words
from matcher.workshop import Workshop
from models.capability import Capability, Maturity
from models.db import make_engine, transaction
from models.organisation import Organisation, OrganisationKind
from models.scenario import Requirement, Scenario
from models.schema import upgrade
from tests.bench.texts import need, offer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DIM = 384
PER_FIRM = 4


class HashedVectors:
    """An Embedder that cuts texts with the real tokenizer and draws vectors from hashed words instead of the model.

    So the number of chunks, the sizes and everything after encoding are real; encoding itself costs next to nothing.
    """

    model_key = "hashed-384:1"
    dim = DIM
    max_tokens = 500

    def __init__(self, tokenizer: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._known: dict[str, Vectors] = {}

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones left out."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(one.ids) for one in encoded]

    def encode(self, texts: Sequence[str], *, role: TextRole, progress: Progress | None = None) -> Vectors:
        """Unit rows: the mean direction of the words, and a direction all texts share, as a model's vectors have."""
        rows = np.stack(
            [sum((self._word(word) for word in query_words(text)), self._word("")) for text in texts]
        )
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit

    def _word(self, word: str) -> Vectors:
        if word not in self._known:
            seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
            self._known[word] = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
        return self._known[word]


def make_database(folder: Path) -> Engine:
    """A migrated SQLite database in this folder, with the settings of the product."""
    engine = make_engine(f"sqlite:///{folder / 'bench.sqlite3'}")
    upgrade(engine)
    return engine


def add_scenarios(engine: Engine, n: int) -> None:
    """Published scenarios of twenty agencies, with their requirements."""
    with transaction(engine) as session:
        agencies = [
            Organisation(name=f"机构{i}", kind=OrganisationKind.AGENCY, approved_at=NOW) for i in range(20)
        ]
        session.add_all(agencies)
        session.flush()
        keys = [agency.key for agency in agencies]
        for number in range(n):
            text = need(number)
            requirements = [
                Requirement(position=position, text=wanted)
                for position, wanted in enumerate(text.requirements, 1)
            ]
            session.add(
                Scenario(
                    organisation_id=keys[number % len(keys)],
                    number=f"S-{number:05d}",
                    title=text.title,
                    text=text.text,
                    lang=text.lang,
                    deployment=["gov_cloud"],
                    domain=("public_service", "health", "other")[number % 3],
                    published_at=NOW,
                    requirements=requirements,
                )
            )


def add_capabilities(engine: Engine, n: int, *, per_firm: int = PER_FIRM) -> None:
    """Listed capabilities, so many to a firm."""
    with transaction(engine) as session:
        firms = [
            Organisation(name=f"企业{i}", kind=OrganisationKind.STARTUP, approved_at=NOW)
            for i in range(-(-n // per_firm))
        ]
        session.add_all(firms)
        session.flush()
        keys = [firm.key for firm in firms]
        for number in range(n):
            text = offer(number)
            session.add(
                Capability(
                    organisation_id=keys[number // per_firm],
                    title=text.title,
                    text=text.text,
                    lang=text.lang,
                    deployment=["gov_cloud"],
                    maturity=Maturity.PILOT,
                    capacity=1,
                    listed_at=NOW,
                )
            )


def make_bench_workshop(engine: Engine, folder: Path, tokenizer: Path) -> Workshop:
    """The product's own workshop with hashed vectors in the model's place."""
    return Workshop(
        model=HashedVectors.model_key,
        make_embedder=lambda: HashedVectors(tokenizer),
        index_dir=folder / "index",
        engine=engine,
        today=lambda: TODAY,
    )
