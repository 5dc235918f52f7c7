from __future__ import annotations

import subprocess
import sys

import pytest
from flask import g

from models.errors import IndexNotReady, InvalidInput, ModelUnavailable
from tests.fakes import HashingEmbedder
from tests.house.checkout import ROOT
from tests.matcher.market import make_market
from tests.web.live_market import index_rows, live_app
from web.live import Live, Mode, live


class Raising:
    """A warm recommender that only ever fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def ask(self, _question, *, on):
        raise self.error


@pytest.mark.parametrize(
    ("error", "mode"),
    [
        (ModelUnavailable("weg"), Mode.NO_ENCODER),
        (ModelUnavailable("viel", code="encoder_busy"), Mode.BUSY),
        (IndexNotReady("nie"), Mode.NO_INDEX),
    ],
)
def test_what_is_missing_has_a_name(app, now, error, mode):
    with app.test_request_context():
        g.today = now.date()

        assert Live(lambda: Raising(error)).ask(lambda recommender: recommender) == (None, mode)


def test_other_errors_are_nobodys_mode(app, now):
    with app.test_request_context():
        g.today = now.date()
        with pytest.raises(InvalidInput):
            Live(lambda: Raising(InvalidInput("leer"))).ask(lambda recommender: recommender)


def test_the_recommender_is_made_once(app, now):
    made = []

    def make():
        made.append(1)
        return Raising(IndexNotReady("nie"))

    holder = Live(make)
    with app.test_request_context():
        g.today = now.date()
        holder.ask(lambda recommender: recommender)
        holder.ask(lambda recommender: recommender)

    assert made == [1]


def test_without_encoder_and_index_the_site_says_which(app, now):
    with app.test_request_context():
        g.today = now.date()

        assert live().ask(lambda recommender: recommender) == (None, Mode.NO_ENCODER)


def test_with_both_it_answers_in_full(session, settings, now):
    make_market(session, 4, 6)
    index_rows(session, settings, HashingEmbedder())
    app = live_app(session, settings, HashingEmbedder, clock=lambda: now)
    with app.test_request_context():
        g.today = now.date()

        n_offers, mode = live().ask(lambda recommender: len(recommender.corpus.capabilities))

    assert (n_offers, mode) == (6, Mode.FULL)


def test_the_site_starts_without_matcher_index_and_model():
    program = (
        "import sys; from web.app import create_app; from models.config import Settings;"
        "create_app(Settings(database_url='sqlite://', _env_file=None));"
        "print([name for name in ('faiss', 'torch', 'sentence_transformers') if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
