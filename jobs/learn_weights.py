"""Learn weights from what people decided, and store what comes out as a proposal: nothing is put in force here.

Without enough evidence, or without news since the newest proposal, nothing is written. Who may be wrong about a city is
told in ADR 0010; putting a proposal in force is a person's click, on the page or with `python -m matcher weights`.
"""

from jobs.runner import Run
from matcher.proposal import gather_grounds, propose
from models.weight_version import append_version


def learn_weights(run: Run) -> None:
    """Fit and try the weights, and append them with their figures."""
    with run.reading() as session:
        grounds = gather_grounds(session)
    lacking = grounds.evidence.lacking
    if lacking:
        for name, has, needs in lacking:
            run.counts.skip(f"too_few_{name.removeprefix('n_')}", needs - has)
        return
    if not grounds.is_news:
        run.counts.skip("nothing_new")
        return
    # Seconds of arithmetic; no session is open meanwhile.
    version = propose(grounds, now=run.now)
    with run.transaction() as session:
        append_version(session, version)
    run.counts.did("proposed" if version.passed else "proposed_but_refused")
