"""Builds that are broken on purpose: the tests of a promise must notice each of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Mutant:
    """One place of the code changed: `right` stands there exactly once, `wrong` takes its place."""

    key: str
    words: str
    path: str
    right: str
    wrong: str
    tests: Sequence[str]


MUTANTS = (
    Mutant(
        "A1-resend",
        "a mail in doubt is sent again without asking the relay's log",
        "jobs/reconcile_outbox.py",
        "if answer.finding is Finding.WAIT:",
        "if answer.finding is Finding.WAIT:\n"
        "        mail.requeue(token=token, reason='again')\n"
        "        return None\n"
        "    if answer.finding is None:",
        ("tests/jobs/test_reconcile_outbox.py", "tests/jobs/test_send_outbox_crashes.py"),
    ),
    Mutant(
        "A3-retry",
        "a refusal for good is taken for a passing one",
        "jobs/mailer.py",
        "    if not 500 <= code < 600:\n        raise PassingRefusal(reason)",
        "    if code:\n        raise PassingRefusal(reason)",
        ("tests/jobs/test_mailer.py",),
    ),
    Mutant(
        "A8-headers",
        "encoded words in a subject are left as they are",
        "jobs/render.py",
        'line = line.replace("=?", "= ?")',
        "line = str(line)",
        ("tests/jobs/test_render.py",),
    ),
    Mutant(
        "A9-looking",
        "looking at the unsubscribe link stops the digest",
        "web/pages/account.py",
        "return _unsubscribe_page(get_subscription(g.session, token))",
        "return unsubscribe(token)",
        ("tests/web/pages/test_account.py",),
    ),
    Mutant(
        "B1-in-place",
        "index files are written in place, under their own names",
        "matcher/durable_files.py",
        'temp = folder / f".{name}.{os.getpid()}{_TEMP_SUFFIX}"',
        "temp = folder / name",
        ("tests/matcher/test_index_store_crashes.py", "tests/matcher/test_durable_files.py"),
    ),
    Mutant(
        "B3-removed",
        "what was removed from the database stays in the index",
        "matcher/indexing.py",
        "report = _add(index, changed, removed, encoding, now=now)",
        "report = _add(index, changed, removed[:0], encoding, now=now)",
        ("tests/matcher/test_index_promises.py",),
    ),
    Mutant(
        "B4-mixed",
        "an index of another model is read",
        "matcher/opened_index.py",
        "        if before[1].model != self.model:",
        "        if before[1].model is None:",
        ("tests/matcher/test_opened_index.py",),
    ),
    Mutant(
        "B6-forked",
        "an index library that is loaded may be forked",
        "web/workers.py",
        'UNSAFE_TO_FORK = frozenset({"faiss", "torch"})',
        "UNSAFE_TO_FORK: frozenset[str] = frozenset()",
        ("tests/web/test_workers.py",),
    ),
    Mutant(
        "B7-unlisted",
        "a capability that was taken back may be matched until the index is renewed",
        "matcher/rows.py",
        ".where(listed())\n",
        "\n",
        ("tests/matcher/test_index_promises.py",),
    ),
    Mutant(
        "B8-ties",
        "equal scores stay in the order they came in",
        "matcher/ranking.py",
        "return (BAND_ORDER[match.band], -match.score, match.scenario_id, match.capability_id)",
        "return (BAND_ORDER[match.band], -match.score, 0, 0)",
        ("tests/matcher/test_ranking.py",),
    ),
    Mutant(
        "B9-copies",
        "nobody looks for what was copied out of the need",
        "matcher/copies.py",
        "    asked = _sorted_phrases(need)\n    if len(asked) <= MIN_NEED - WINDOW:\n        return False\n",
        "    asked = _sorted_phrases(need)\n    if len(asked) >= 0:\n        return False\n",
        ("tests/matcher/test_copies.py",),
    ),
    Mutant(
        "C6-alone",
        "who wrote a rule may approve it",
        "models/funding_rule_change.py",
        "    change.require_second(by)\n    if terms_hash",
        "    if terms_hash",
        ("tests/models/test_funding_rule_change.py",),
    ),
    Mutant(
        "C6-unread",
        "a rule that moved after it was read may be approved",
        "models/funding_rule_change.py",
        "    if terms_hash != change.terms_hash:",
        "    if not terms_hash:",
        ("tests/models/test_funding_rule_change.py",),
    ),
    Mutant(
        "C13-later",
        "a past answer is asked with what was confirmed since",
        "models/funding_replay.py",
        "then.confirmed_at = rule.confirmed_at if confirmed else None",
        "then.confirmed_at = rule.confirmed_at",
        ("tests/models/test_funding_replay.py",),
    ),
    Mutant(
        "C4-token",
        "a sender that was overtaken may go on writing",
        "models/outbox.py",
        "col(OutboxMail.claim_token) == token",
        "col(OutboxMail.claim_token) >= 0",
        ("tests/models/test_outbox_moves.py",),
    ),
    Mutant(
        "D4-role",
        "a role is not asked for",
        "web/auth.py",
        "if access != frozenset(Role) and not any(g.user.has_role(role) for role in access):",
        "if access is None:",
        ("tests/web/test_auth.py", "tests/web/pages/test_account.py"),
    ),
    Mutant(
        "D5-cookie",
        "a log-in that was ended still opens the site",
        "models/login.py",
        "        col(UserSession.token_hash) == hash_token(token),\n        col(UserSession.ended_at).is_(None),\n",
        "        col(UserSession.token_hash) == hash_token(token),\n",
        ("tests/models/test_login.py", "tests/web/pages/test_account.py"),
    ),
    Mutant(
        "D7-guesses",
        "guesses are not counted",
        "web/auth.py",
        "MAX_FAILURES_PER_PAIR = 5\n",
        "MAX_FAILURES_PER_PAIR = 5000\n",
        ("tests/web/pages/test_account.py",),
    ),
    Mutant(
        "D8-optional",
        "nobody is held up without a second factor",
        "web/second_step.py",
        "    return g.login.second_factor_at is None\n",
        "    return False\n",
        ("tests/web/test_second_step.py",),
    ),
    Mutant(
        "D12-inside",
        "webhooks may be sent into the own network",
        "jobs/webhook_post.py",
        "    if not allows_private and not all(map(is_outside, addresses)):\n",
        "    if not addresses:\n",
        ("tests/jobs/test_webhook_post.py",),
    ),
    Mutant(
        "C3-twice",
        "a repeated request is done again",
        "models/kept_answer.py",
        "        col(KeptAnswer.request_key) == key,\n",
        "        col(KeptAnswer.request_key) == key + '?',\n",
        ("tests/web/api/test_once.py",),
    ),
    Mutant(
        "D10-inline",
        "pages may run scripts that stand in them",
        "web/security.py",
        "\"script-src 'self'\"",
        "\"script-src 'self' 'unsafe-inline'\"",
        ("tests/web/test_security.py",),
    ),
    Mutant(
        "D13-formulas",
        "a text that begins like a formula goes into a cell as it is",
        "models/export.py",
        """return "'" + text if FORMULA.match(text) else text""",
        "return text",
        ("tests/models/test_export.py",),
    ),
)


def copy_of(root: Path, folder: Path) -> Path:
    """What git knows of the checkout, in `folder`, without its history."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
    return folder


def is_caught(mutant: Mutant, folder: Path) -> bool:
    """Whether the mutant's tests fail in a checkout that has it; the checkout is as before afterwards.

    Raises ValueError when the tests could not be run at all, which would catch any mutant.
    """
    place = folder / mutant.path
    sound = place.read_text("utf-8")
    if sound.count(mutant.right) != 1:
        raise ValueError(f"{mutant.path} does not hold the place of {mutant.key} exactly once")
    place.write_text(sound.replace(mutant.right, mutant.wrong), "utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not proof"]
        command += [f"--basetemp={folder / 'tmp'}", *mutant.tests]
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=LIMIT_SECONDS
        )
    finally:
        place.write_text(sound, "utf-8")
    if done.returncode not in (0, 1):
        raise ValueError(f"the tests of {mutant.key} could not be run: {done.stdout[-2000:]}")
    return done.returncode == 1 and " failed" in done.stdout.splitlines()[-1]
