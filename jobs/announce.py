"""Tells the pages what this process does: the job schedule, and what every kind of mail looks like.

Pages import neither jobs nor their templates; what they show is rows that this job keeps as the program has them.
"""

from collections.abc import Sequence

from jobs.mail_examples import EXAMPLES, ON
from jobs.render import Letter, Renderer
from jobs.runner import Run
from models.i18n import LOCALES
from models.job_schedule import Line, write_job_schedule
from models.mail_example import MailExample, keep_example
from models.outbox import MailKind
from models.subscription import DIGEST_KINDS
from models.when import Daily, Every, When

NOBODY = "nobody@example.org"


def announce(run: Run, *, lines: Sequence[Line], renderer: Renderer) -> None:
    """Write down what differs from what pages read now; mostly nothing."""
    with run.transaction() as session:
        n_lines = write_job_schedule(session, lines)
        made = [make_example(kind, locale, renderer) for kind in MailKind for locale in LOCALES]
        n_examples = sum(keep_example(session, example) for example in made)
    for what, n in (("lines_written", n_lines), ("examples_written", n_examples)):
        if n:
            run.counts.did(what, n)


def make_example(kind: MailKind, locale: str, renderer: Renderer) -> MailExample:
    """One kind of mail in one language, with example values; its links lead nowhere in particular."""
    token = "an-example" if kind in DIGEST_KINDS else None
    letter = Letter(kind, locale, NOBODY, "<an@example>", EXAMPLES[kind], ON, token)
    written = renderer.write(letter)
    return MailExample(
        kind=kind.value, locale=locale, subject=written.subject, text=written.text, html=written.html
    )


def line_of(job: str, when: When, *, may_be_asked: bool) -> Line:
    """A job of the table as its row says it. TypeError for a rhythm that rows do not know."""
    if isinstance(when, Every):
        return Line(job, when.seconds, None, may_be_asked)
    if isinstance(when, Daily):
        return Line(job, None, when.at, may_be_asked)
    raise TypeError(f"the job schedule has no row for {when!r}")
