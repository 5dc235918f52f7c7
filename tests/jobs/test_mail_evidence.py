import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.mail_evidence import (
    PATIENCE,
    Answer,
    Finding,
    FolderEvidence,
    MailEvidence,
    NoEvidence,
    RelayLog,
    make_evidence,
)
from jobs.mailer import FileMailer, Mail, make_mailer
from models.errors import InvalidInput
from tests.factories import MONDAY

MAIL = "<4c9@duijie.example>"
CONTROL = "<earlier@duijie.example>"
MINUTE = timedelta(minutes=1)


def write(path: Path, *lines: str, at: datetime = MONDAY + MINUTE) -> Path:
    """A log with these lines, last written at that moment."""
    path.write_text("".join(f"{line}\n" for line in lines))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def ask(evidence: MailEvidence, *, after: timedelta, controls: tuple[str, ...] = ()) -> Answer:
    return evidence.look_up({MAIL: MONDAY}, controls=controls, now=MONDAY + after)[MAIL]


def test_a_line_with_the_message_id_is_acceptance(tmp_path: Path) -> None:
    log = write(tmp_path / "log", f"2026-11-16 accepted {MAIL} from 127.0.0.1")

    assert ask(RelayLog(log), after=timedelta(0)) == Answer(Finding.ACCEPTED)


def test_another_message_id_is_not(tmp_path: Path) -> None:
    log = write(tmp_path / "log", f"accepted {MAIL.replace('4c9', '4c90')}", f"accepted x{MAIL[1:]}")

    assert ask(RelayLog(log), after=5 * MINUTE) == Answer(Finding.ABSENT)


def test_absence_counts_only_after_the_relay_had_time(tmp_path: Path) -> None:
    log = write(tmp_path / "log", "something else")

    assert ask(RelayLog(log), after=MINUTE).finding is Finding.WAIT
    assert ask(RelayLog(log), after=2 * MINUTE).finding is Finding.ABSENT
    assert ask(RelayLog(log, settle_seconds=1), after=MINUTE).finding is Finding.ABSENT


def test_a_log_silent_since_the_doubt_proves_nothing(tmp_path: Path) -> None:
    log = write(tmp_path / "log", "something else", at=MONDAY - MINUTE)

    assert ask(RelayLog(log), after=5 * MINUTE).finding is Finding.WAIT
    assert ask(RelayLog(log), after=PATIENCE).finding is Finding.UNKNOWN


def test_a_silent_log_that_knows_our_earlier_mails_is_believed(tmp_path: Path) -> None:
    log = write(tmp_path / "log", f"accepted {CONTROL}", at=MONDAY - MINUTE)

    assert ask(RelayLog(log), after=5 * MINUTE, controls=(CONTROL,)).finding is Finding.ABSENT


def test_a_log_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    log = RelayLog(tmp_path / "missing")

    assert ask(log, after=5 * MINUTE, controls=(CONTROL,)).finding is Finding.WAIT
    assert ask(log, after=PATIENCE).finding is Finding.UNKNOWN


def test_postfix_writes_the_id_while_it_still_receives(tmp_path: Path) -> None:
    log = write(tmp_path / "log", f"Nov 16 10:00 mx postfix/cleanup[7]: 4F1A2B3C4D: message-id={MAIL}")

    assert ask(RelayLog(log), after=5 * MINUTE).finding is Finding.WAIT
    assert ask(RelayLog(log), after=10 * MINUTE).finding is Finding.ABSENT


@pytest.mark.parametrize(
    "taken",
    [
        "postfix/qmgr[8]: 4F1A2B3C4D: from=<a@x>, size=900, nrcpt=1 (queue active)",
        "postfix/smtp[9]: 4F1A2B3C4D: to=<b@y>, relay=mx.y, delay=1, dsn=2.0.0, status=sent (250 ok)",
        "postfix/qmgr[8]: 4F1A2B3C4D: removed",
    ],
)
def test_a_later_line_of_the_queue_id_is_postfix_acceptance(tmp_path: Path, taken: str) -> None:
    log = write(
        tmp_path / "log",
        f"postfix/cleanup[7]: 4F1A2B3C4D: message-id={MAIL}",
        "postfix/x: 9999999999: removed",
        taken,
    )

    assert ask(RelayLog(log), after=timedelta(0)) == Answer(Finding.ACCEPTED, "4F1A2B3C4D")


def test_another_queue_id_is_no_acceptance(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log",
        f"postfix/cleanup[7]: 4F1A2B3C4D: message-id={MAIL}",
        "postfix/qmgr[8]: 5F1A2B3C4D: removed",
    )

    assert ask(RelayLog(log), after=5 * MINUTE).finding is Finding.WAIT


def test_rotated_logs_are_read_too(tmp_path: Path) -> None:
    write(tmp_path / "mail.log", "new")
    write(tmp_path / "mail.log.1", f"postfix/cleanup[7]: 4F1A2B3C4D: message-id={MAIL}")
    with gzip.open(tmp_path / "mail.log-20261116.gz", "wt") as packed:
        packed.write("postfix/qmgr[8]: 4F1A2B3C4D: (queue active)\n")
    os.utime(tmp_path / "mail.log-20261116.gz", ((MONDAY + 2 * MINUTE).timestamp(),) * 2)

    assert ask(RelayLog(tmp_path / "mail.log"), after=timedelta(0)).finding is Finding.ACCEPTED


def test_logs_older_than_the_doubt_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "mail.log", "new")
    write(tmp_path / "mail.log.1", f"accepted {MAIL}", at=MONDAY - MINUTE)

    assert ask(RelayLog(tmp_path / "mail.log"), after=5 * MINUTE).finding is Finding.ABSENT


def test_bytes_that_are_no_text_do_not_stop_the_reading(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff\xfe\x00 rubbish\n" + f"accepted {MAIL}\n".encode())

    assert ask(RelayLog(log), after=timedelta(0)).finding is Finding.ACCEPTED


def test_each_mail_gets_its_answer(tmp_path: Path) -> None:
    log = write(tmp_path / "log", f"accepted {MAIL}", at=MONDAY + 10 * MINUTE)
    doubts = {MAIL: MONDAY, CONTROL: MONDAY + 9 * MINUTE}

    answers = RelayLog(log).look_up(doubts, controls=(), now=MONDAY + 10 * MINUTE)

    assert {key: answer.finding for key, answer in answers.items()} == {
        MAIL: Finding.ACCEPTED,
        CONTROL: Finding.WAIT,
    }
    assert RelayLog(log).look_up({}, controls=(), now=MONDAY) == {}


def test_a_folder_knows_at_once(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path)
    evidence = FolderEvidence(mailer)

    assert ask(evidence, after=timedelta(0)).finding is Finding.ABSENT
    mailer.send(Mail(MAIL, "a@x.org", "b@x.org", b"x\r\n"), before_dot=lambda: None)
    assert ask(evidence, after=timedelta(0)).finding is Finding.ACCEPTED


def test_without_evidence_nothing_is_known() -> None:
    assert ask(NoEvidence(), after=PATIENCE).finding is Finding.UNKNOWN


def test_the_setting_names_the_evidence(tmp_path: Path) -> None:
    smtp = make_mailer("smtp://127.0.0.1", hostname="x")
    log = write(tmp_path / "mail log", f"accepted {MAIL}", at=datetime.now(UTC))

    assert isinstance(make_evidence("none", mailer=smtp), NoEvidence)
    assert isinstance(make_evidence("", mailer=FileMailer(tmp_path)), FolderEvidence)
    for setting in (str(log), log.as_uri(), f"{log.as_uri()}?settle_seconds=0"):
        assert ask(make_evidence(setting, mailer=smtp), after=MINUTE).finding is Finding.ACCEPTED


@pytest.mark.parametrize(
    "setting", ["https://x/log", "/log?settle_seconds=soon", "/log?settle_seconds=-1", "/log?x=1"]
)
def test_a_setting_that_makes_no_sense_is_refused(setting: str) -> None:
    with pytest.raises(InvalidInput):
        make_evidence(setting, mailer=make_mailer("smtp://127.0.0.1", hostname="x"))
