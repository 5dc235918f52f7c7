"""Reads every file of the search index and compares it with its checksum: damage is found before anybody searches."""

from jobs.runner import Run
from matcher.workshop import Workshop


def verify_index(run: Run, *, workshop: Workshop) -> None:
    """Look at the generation in use. Raises IndexNotReady with what is wrong, which becomes the run's error."""
    with workshop.turn:
        workshop.verify_index()
    run.counts.did("index_verified")
