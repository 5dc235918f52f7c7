"""Outbox rows become mails: none is lost, and none is sent twice without evidence that the first never went.

For each mail: claim (commit) → write it → hand it to the relay up to the final dot → in_doubt (commit) → dot → sent
(commit). A crash before the doubt is committed loses only the claim, and the mail is sent again; a crash after it is
settled by jobs/reconcile_outbox.py, never by sending again. Claims carry a token that every commit checks, so any
number of senders may run at once. No session is open while the relay is spoken to.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from jobs.failpoint import Checkpoint, Failpoint, pass_by
from jobs.mail_content import read_content
from jobs.mail_evidence import MailEvidence
from jobs.mail_parts import Dropped
from jobs.mailer import (
    END_OF_DATA_SECONDS,
    Mail,
    Mailer,
    MailError,
    OutcomeUnknown,
    PassingRefusal,
    PermanentRefusal,
    RelayUnavailable,
)
from jobs.reconcile_outbox import reconcile_outbox
from jobs.render import Letter, Renderer
from jobs.runner import Run
from models.errors import NotReady
from models.outbox import OutboxMail, StaleClaim, suppress_address
from models.outbox_queries import Claim, claim_batch, get_mail

log = structlog.get_logger()

BATCH = 20
# One run ends here at the latest, so that its counts are written; the next tick goes on.
MAX_MAILS_PER_RUN = 10_000
# A claim outlives writing and offering a batch; a paused sender that is overtaken is stopped by its token.
CLAIM_LEASE = timedelta(minutes=10)
DOUBT_LEASE = timedelta(seconds=END_OF_DATA_SECONDS + 60)
# 1, 2, 4 then 8 minutes, about a day in all; at most 8 minutes, so that all is delivered ten minutes after an outage.
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(minutes=8)
MAX_TRIES = 180
MAX_WRITING_TRIES = 5


@dataclass(frozen=True)
class Post:
    """What sending needs: who writes, who carries, who can be asked afterwards."""

    renderer: Renderer
    mailer: Mailer
    evidence: MailEvidence
    zone: ZoneInfo
    checkpoint: Checkpoint = pass_by


def send_outbox(run: Run, post: Post) -> None:
    """Settle what an earlier sender left, then send what is due, oldest first, up to MAX_MAILS_PER_RUN.

    Ends early when the process is asked to stop. Raises NotReady when the relay cannot be reached; the mails then
    wait untouched.
    """
    reconcile_outbox(run, evidence=post.evidence, domain=post.renderer.domain)
    n_left = MAX_MAILS_PER_RUN
    try:
        while n_left > 0 and not run.is_stopping():
            claims = _claim(run, post, min(BATCH, n_left))
            if run.dry_run:
                _rehearse(run, post, claims)
            if run.dry_run or not claims:
                return
            n_left -= len(claims)
            _send_batch(run, post, claims)
    finally:
        post.mailer.close()


def _claim(run: Run, post: Post, limit: int) -> list[Claim]:
    post.checkpoint(Failpoint.BEFORE_CLAIM)
    with run.transaction() as session:
        claims = claim_batch(session, now=run.clock(), owner=run.owner, limit=limit, lease=CLAIM_LEASE)
    post.checkpoint(Failpoint.AFTER_CLAIM)
    return claims


def _rehearse(run: Run, post: Post, claims: list[Claim]) -> None:
    """A dry run, whose claims are rolled back by now: write the mails, send nothing."""
    for claim in claims:
        written = run.attempt(claim.mail_id, partial(_write, run, post, claim))
        if isinstance(written, Mail):
            run.counts.did("would_send")
        elif isinstance(written, Dropped):
            run.counts.skip(written.reason)


def _send_batch(run: Run, post: Post, claims: list[Claim]) -> None:
    """Send each claimed mail; those that a stop or a lost relay leaves untried are given back."""
    untried = list(claims)
    try:
        while untried and not run.is_stopping():
            _send_one(run, post, untried[0])
            del untried[0]
    except RelayUnavailable as err:
        log.warning("mail.relay_unavailable", reason=err.reason)
        raise NotReady(f"邮件服务器不可用（{err.reason}），邮件留在队列里，稍后自动再发。") from err
    finally:
        for claim in untried:
            run.attempt(claim.mail_id, partial(_move, run, claim, _give_back))


def _send_one(run: Run, post: Post, claim: Claim) -> None:
    """Write and hand over one mail; what became of it is in its row and in the counts. RelayUnavailable passes."""
    written = run.attempt(claim.mail_id, partial(_write, run, post, claim))
    if isinstance(written, Mail):
        hand_over = partial(_hand_over, run, post, claim, written)
        run.attempt(claim.mail_id, hand_over, let_through=(RelayUnavailable,))
    elif isinstance(written, Dropped):
        run.attempt(claim.mail_id, partial(_drop, run, claim, written.reason))
    else:
        run.attempt(claim.mail_id, partial(_move, run, claim, _put_off))


def _write(run: Run, post: Post, claim: Claim) -> Mail | Dropped:
    """The mail as it reads today, or why it should not be sent."""
    on = run.now.astimezone(post.zone).date()
    with run.reading() as session:
        row = get_mail(session, claim.mail_id)
        try:
            content = read_content(session, row, on=on, is_local=post.mailer.is_local)
        except Dropped as dropped:
            return dropped
    letter = Letter(
        kind=row.kind,
        locale=row.locale,
        recipient=row.recipient,
        message_id=row.message_id(post.renderer.domain),
        values=content.values,
        on=on,
        unsubscribe_token=content.unsubscribe_token,
    )
    return post.renderer.render(letter, now=run.clock())


def _hand_over(run: Run, post: Post, claim: Claim, mail: Mail) -> None:
    """Give the mail to the relay; the doubt is committed while the relay waits for the final dot."""
    try:
        relay_ref = post.mailer.send(mail, before_dot=lambda: _move(run, claim, _doubt))
        post.checkpoint(Failpoint.BEFORE_COMMIT)
        _move(run, claim, lambda row, now: row.mark_sent(now, token=claim.token, relay_ref=relay_ref))
    except StaleClaim:
        run.counts.skip("taken_over")
    except OutcomeUnknown as err:
        _note(claim, err)
        _move(run, claim, partial(_lose_line, reason=err.reason))
        run.counts.skip("in_doubt")
    except (PassingRefusal, PermanentRefusal) as err:
        _note(claim, err)
        _refused(run, claim, err)
    else:
        run.counts.did("sent")


def _refused(run: Run, claim: Claim, err: PassingRefusal | PermanentRefusal) -> None:
    """Try again later, or never: a permanent refusal, and one passing refusal too many."""
    with run.transaction() as session:
        row, now = get_mail(session, claim.mail_id), run.clock()
        is_over = isinstance(err, PermanentRefusal) or row.n_tries >= MAX_TRIES
        if is_over:
            row.fail(now, token=claim.token, reason=err.reason)
        else:
            until = now + delay_after(row.n_tries, row.uuid)
            row.defer(token=claim.token, until=until, reason=err.reason)
        if isinstance(err, PermanentRefusal) and err.is_dead_mailbox:
            suppress_address(session, row, reason=err.reason)
    if is_over:
        run.counts.fail("refused")
    else:
        run.counts.skip("deferred")


def delay_after(n_tries: int, seed: str) -> timedelta:
    """How long to wait after the n-th try (from 1): doubling up to LONGEST_DELAY, then less up to a quarter.

    The part taken off depends on the mail alone, so that mails refused together do not come back together.
    """
    longest = min(FIRST_DELAY * 2.0 ** min(n_tries - 1, 10), LONGEST_DELAY)
    share = zlib.crc32(f"{seed}:{n_tries}".encode()) / 2**32
    return longest * (1 - share / 4)


Move = Callable[[OutboxMail, datetime], None]


def _move(run: Run, claim: Claim, move: Move) -> None:
    """Read the row again and move it, in a transaction of its own."""
    with run.transaction() as session:
        row = get_mail(session, claim.mail_id)
        if row.claim_token != claim.token:
            raise StaleClaim("这封邮件已由另一个进程接手。")
        move(row, run.clock())


def _doubt(row: OutboxMail, now: datetime) -> None:
    row.mark_in_doubt(now, token=row.claim_token, lease=DOUBT_LEASE)


def _lose_line(row: OutboxMail, now: datetime, *, reason: str) -> None:
    row.lose_line(now, token=row.claim_token, reason=reason)


def _give_back(row: OutboxMail, now: datetime) -> None:
    row.give_back(token=row.claim_token)


def _put_off(row: OutboxMail, now: datetime) -> None:
    """A mail that cannot be written, by our fault: later perhaps, and after some tries a person must look."""
    reason = "cannot_be_written"
    if row.n_tries < MAX_WRITING_TRIES:
        row.defer(token=row.claim_token, until=now + delay_after(row.n_tries, row.uuid), reason=reason)
    else:
        row.hold(now, token=row.claim_token, reason=reason)


def _drop(run: Run, claim: Claim, reason: str) -> None:
    _move(run, claim, lambda row, now: row.drop(now, token=claim.token, reason=reason))
    run.counts.skip(reason)


def _note(claim: Claim, err: MailError) -> None:
    log.warning("mail.not_sent", mail_id=claim.mail_id, kind=type(err).__name__, reason=err.reason)
