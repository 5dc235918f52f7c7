"""What is promised, and the tests that show it. `python -m tests.proof` runs them and writes docs/proof.md.

A promise without tests stands here too: its row says that nobody has shown it yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SECTIONS = {
    "A": "Mail and jobs",
    "B": "Index and matching",
    "C": "Data and money",
    "D": "Access and the open network",
}


@dataclass(frozen=True)
class Promise:
    """words: what a reader may rely on. tests: `file` or `file::test`; all must pass. left: what they do not show."""

    key: str
    words: str
    tests: Sequence[str] = ()
    left: str = ""


PROMISES = (
    Promise(
        "A1",
        "A sender killed at any moment loses no mail and sends none twice",
        (
            "tests/jobs/test_killed_sender.py",
            "tests/jobs/test_send_outbox_crashes.py",
        ),
    ),
    Promise(
        "A2",
        "A relay that is away leaves every mail waiting; once it is back all are delivered",
        (
            "tests/jobs/test_send_outbox.py::test_a_relay_that_cannot_be_reached_leaves_every_mail_untouched",
            "tests/jobs/test_send_outbox.py::test_a_relay_that_goes_away_in_the_middle_leaves_the_rest_untouched",
            "tests/jobs/test_send_outbox.py::test_a_4xx_waits_and_then_goes_through",
            "tests/jobs/test_send_outbox.py::test_one_run_sends_no_more_than_its_share",
        ),
        left="an hour of absence under load",
    ),
    Promise(
        "A3",
        "What a relay refuses for good is tried once and seen by a person",
        (
            "tests/jobs/test_mailer.py::test_every_5xx_is_permanent",
            "tests/jobs/test_send_outbox.py::test_a_5xx_stops_after_one_try",
            "tests/jobs/test_send_outbox.py::test_an_unknown_mailbox_is_not_written_to_again",
        ),
        left="bounces that come later by mail",
    ),
    Promise(
        "A4",
        "A job runs once a period, however many schedulers there are",
        (
            "tests/jobs/test_runner.py::test_a_slot_is_run_once_by_however_many_schedulers",
            "tests/jobs/test_runner.py::test_schedulers_at_once_run_each_slot_once",
            "tests/jobs/test_runner.py::test_a_job_that_is_overtaken_while_it_runs_can_write_no_more",
            "tests/jobs/test_scheduler.py",
        ),
        left="three processes over five hundred periods",
    ),
    Promise(
        "A5",
        "A job that was missed is made up for once, and never dropped in silence",
        (
            "tests/jobs/test_runner.py::test_after_26_hours_of_sleep_a_daily_job_runs_once",
            "tests/jobs/test_runner.py::test_a_slot_whose_process_died_is_run_by_the_next",
            "tests/jobs/test_scheduler.py::test_every_tick_says_what_happens_when_it_is_late",
        ),
    ),
    Promise(
        "A6",
        "Jumps of the clock and daylight saving skip no day and repeat none",
        (
            "tests/models/test_when.py",
            "tests/jobs/test_runner.py::test_a_clock_that_jumps_back_runs_nothing_again",
        ),
    ),
    Promise("A7", "A cap on mails a day holds for senders at once"),
    Promise(
        "A8",
        "No text becomes a header of a mail",
        (
            "tests/jobs/test_render.py::test_no_text_can_add_a_header_or_an_encoded_word",
            "tests/models/test_outbox.py::test_an_accepted_address_never_holds_what_could_break_a_header",
            "tests/jobs/test_mailer.py::test_no_bytes_can_end_a_mail_early",
        ),
    ),
    Promise(
        "A9",
        "One click stops a digest, and looking at the link changes nothing",
        (
            "tests/web/pages/test_account.py::test_looking_at_an_unsubscribe_link_stops_nothing",
            "tests/web/pages/test_account.py::test_mail_programs_unsubscribe_by_a_post_without_a_token",
            "tests/web/pages/test_account.py::test_a_mangled_unsubscribe_link_is_explained",
            "tests/jobs/test_render.py::test_a_digest_can_be_stopped_with_one_click",
        ),
    ),
    Promise(
        "A10",
        "Asked to stop, the jobs leave quickly and no mail in doubt",
        (
            "tests/jobs/test_send_outbox.py::test_a_stop_is_obeyed_between_two_mails_and_gives_the_rest_back",
            "tests/jobs/test_scheduler.py::test_the_command_sends_what_waits_and_leaves_quickly_when_asked",
        ),
        left="fifty times under load",
    ),
    Promise(
        "B1",
        "A writer killed in the middle leaves the old or the new index whole",
        ("tests/matcher/test_index_store_crashes.py",),
    ),
    Promise(
        "B2",
        "A full disk is an error that is said, and what was in use stays",
        (
            "tests/matcher/test_index_store_crashes.py::test_a_full_disk_keeps_the_generation_in_use",
            "tests/matcher/test_index_store_crashes.py"
            "::test_a_disk_that_refuses_at_any_step_is_an_error_and_nothing_is_left_behind",
            "tests/models/test_files.py::test_nothing_half_written_stays_when_writing_fails",
            "tests/models/test_export.py::test_an_existing_file_stays_when_the_new_one_fails",
        ),
        left="the database itself on a full disk",
    ),
    Promise(
        "B3",
        "After any history the index holds what the database holds, and no id comes twice",
        (
            "tests/matcher/test_index_promises.py::test_the_index_is_the_database_after_any_history",
            "tests/matcher/test_index_promises.py::test_no_drift_after_ten_thousand_operations",
        ),
    ),
    Promise(
        "B4",
        "Vectors of two models never mix",
        (
            "tests/matcher/test_index_store.py::test_an_index_of_another_model_is_refused_for_reading_and_adding",
            "tests/matcher/test_index_store.py::test_nothing_is_written_for_an_unstated_model",
            "tests/matcher/test_opened_index.py::test_an_index_of_another_model_is_refused",
        ),
    ),
    Promise(
        "B5",
        "Searches go on while the index changes, and meet whole generations",
        (
            "tests/matcher/test_index_promises.py::test_searches_meet_whole_generations_while_a_writer_publishes",
            "tests/matcher/test_index_promises.py::test_searches_meet_whole_generations_for_minutes",
        ),
    ),
    Promise(
        "B6",
        "The site answers under several forked processes, however they are started",
        ("tests/web/test_workers.py",),
    ),
    Promise(
        "B7",
        "What was taken back is in no answer, and its place is filled",
        (
            "tests/matcher/test_index_promises.py"
            "::test_what_was_taken_back_is_in_no_answer_and_its_place_is_filled",
            "tests/matcher/test_index_promises.py::test_nothing_leaks_in_a_hundred_thousand_answers",
        ),
        left="canaries in mails, exports and logs",
    ),
    Promise(
        "B8",
        "The same rows give the same answers, byte for byte, in every process",
        (
            "tests/matcher/test_index_promises.py::test_two_processes_give_the_same_answers_byte_for_byte",
            "tests/matcher/test_recommender_inputs.py",
        ),
    ),
    Promise(
        "B9",
        "A text stuffed with the need's words gains at most a place in the median and no band",
        ("tests/matcher/test_stuffing.py",),
    ),
    Promise(
        "B10",
        "One ranking for all is not below words, vectors or the fusion of both, and its scores compare across needs",
        ("tests/matcher/test_evaluation.py", "tests/matcher/test_comparable_scores.py"),
        left="sets that are not at hand",
    ),
    Promise(
        "B11",
        "What is learnt from decisions is put forward only where there is enough to learn from",
        ("tests/matcher/test_weight_trial.py", "tests/matcher/test_weight_trial_power.py"),
    ),
    Promise(
        "C1",
        "What was acknowledged is stored",
        ("tests/models/test_db.py::test_sqlite_checks_foreign_keys_and_syncs_every_commit",),
        left="killing the database under load",
    ),
    Promise("C2", "A database that restarts is back within seconds, without a restart of the site"),
    Promise(
        "C3",
        "A request that a program repeats happens once",
        ("tests/web/api/test_once.py",),
        left="forms of the site about money",
    ),
    Promise(
        "C4",
        "Two who change one thing lose nothing: the second is told",
        (
            "tests/models/test_db.py::test_writers_at_once_lose_no_update",
            "tests/models/test_outbox_moves.py::test_a_move_under_an_old_token_is_refused",
        ),
        left="every form of the site",
    ),
    Promise("C5", "A budget is never exceeded"),
    Promise(
        "C6",
        "Nobody decides alone about money",
        ("tests/models/test_funding_rule_change.py", "tests/web/pages/test_rule_changes.py"),
        left="grants and payments; only rules are kept here so far",
    ),
    Promise("C7", "A changed audit trail is noticed"),
    Promise(
        "C8",
        "A change and its entry in the audit trail are one commit",
        (
            "tests/models/test_audit.py",
            "tests/models/test_transfer.py::test_every_change_is_in_the_audit_trail",
        ),
        left="every route of the site, from the map of its addresses",
    ),
    Promise("C9", "A backup can be restored, and is checked"),
    Promise(
        "C10",
        "Every migration keeps the data and can be undone",
        ("tests/models/test_schema.py",),
    ),
    Promise(
        "C11",
        "What is held about a person can be handed over and erased, completely",
        (
            "tests/models/test_personal_data.py",
            "tests/models/test_erasure.py",
            "tests/web/pages/test_my_data.py",
        ),
        left="uploaded originals, sent mails and backups",
    ),
    Promise(
        "C12",
        "No plan of meetings wants a person, a room or a table twice at a time",
        (
            "tests/matcher/test_meetings.py",
            "tests/matcher/test_meeting_plan.py::test_the_independent_checker_agrees",
        ),
    ),
    Promise(
        "C13", "A kept assessment is the same when asked again", ("tests/models/test_funding_replay.py",)
    ),
    Promise(
        "D1",
        "Every address says who may use it, and everything else is refused",
        ("tests/web/test_app.py", "tests/web/test_auth.py"),
        left="every role against every address",
    ),
    Promise(
        "D2",
        "No organisation reads what is another's: contacts and prices are nowhere before both sides said yes",
        ("tests/web/test_contact_canaries.py", "tests/web/test_app.py"),
        left="every id of every kind exchanged, with the time an answer takes",
    ),
    Promise("D3", "Fields that a form does not offer change nothing"),
    Promise(
        "D4",
        "A role that was taken away acts at once",
        (
            "tests/web/pages/test_account.py::test_losing_a_role_acts_at_once",
            "tests/web/test_auth.py::test_locking_a_person_ends_what_they_do",
        ),
    ),
    Promise(
        "D5",
        "A copied cookie is worth nothing after logging out",
        (
            "tests/web/pages/test_account.py::test_logging_out_ends_the_copied_cookie_too",
            "tests/web/pages/test_account.py::test_a_one_time_link_sets_a_password_once_and_ends_other_log_ins",
        ),
    ),
    Promise(
        "D6",
        "Nobody learns from an answer, or from how long it takes, whether an address has an account",
        (
            "tests/web/pages/test_account.py::test_wrong_password_and_unknown_person_get_the_same_page",
            "tests/models/test_password.py::test_nobody_takes_as_long_as_somebody",
            "tests/web/test_throttle.py::test_what_takes_no_time_takes_as_long_as_what_takes_some",
        ),
        left="five hundred samples of each, compared",
    ),
    Promise(
        "D7",
        "Guessing is slowed down, and does not lock the owner out",
        (
            "tests/web/pages/test_account.py::test_the_sixth_guess_from_one_place_is_refused_for_a_while",
            "tests/web/pages/test_account.py::test_guessing_from_elsewhere_does_not_lock_the_owner_out",
            "tests/models/test_password_reset.py::test_nobody_is_flooded_and_the_last_link_keeps_working",
        ),
    ),
    Promise(
        "D8",
        "Money and administration take a second factor",
        (
            "tests/web/test_second_step.py",
            "tests/web/pages/test_second_factor.py",
            "tests/models/test_second_factor.py",
        ),
    ),
    Promise(
        "D9",
        "A form from elsewhere changes nothing",
        (
            "tests/web/test_auth.py::test_a_form_without_its_token_changes_nothing",
            "tests/web/test_auth.py::test_a_token_in_the_header_of_htmx_is_enough",
        ),
    ),
    Promise(
        "D10",
        "Pages run no script but their own",
        (
            "tests/web/test_security.py::test_every_answer_carries_the_headers",
            "tests/web/test_security.py::test_the_policy_allows_nothing_inline_and_nobody_to_frame_us",
        ),
    ),
    Promise(
        "D11",
        "What people write stays text",
        ("tests/jobs/test_render.py::test_what_people_write_stays_text",),
        left="every field in every page and file",
    ),
    Promise(
        "D12",
        "No address that somebody typed leads into the own network",
        ("tests/jobs/test_webhook_post.py", "tests/models/test_webhook.py"),
    ),
    Promise(
        "D13",
        "No cell of an exported list is a formula",
        (
            "tests/models/test_export.py::test_no_cell_begins_like_a_formula",
            "tests/models/test_export.py::test_no_cell_of_a_workbook_is_a_formula_or_a_link",
        ),
    ),
    Promise(
        "D14",
        "A hostile upload hurts nobody",
        (
            "tests/models/test_table_process.py",
            "tests/models/test_table_readers.py",
            "tests/models/test_files.py",
        ),
        left="ten thousand malformed files",
    ),
    Promise(
        "D15",
        "Made-up requests to the interface meet no fault and no answer it did not announce",
        ("tests/web/api/test_document.py",),
        left="a thousand examples for each address, and the pages",
    ),
    Promise(
        "D16",
        "Any text comes back as it went in, or is refused in words",
        ("tests/models/test_texts.py",),
        left="every field of every form",
    ),
    Promise(
        "D17",
        "Errors tell nothing about the inside",
        (
            "tests/web/test_errors.py",
            "tests/models/test_config.py::test_a_secret_is_not_printed",
            "tests/jobs/test_runner.py::test_errors_are_told_by_type_and_place",
        ),
    ),
    Promise("D18", "The site stays quick while it works"),
    Promise(
        "D19",
        "Without settings it is safe",
        ("tests/models/test_secret_key.py", "tests/web/test_security.py"),
        left="a start that refuses what is unsafe in production",
    ),
    Promise(
        "D20",
        "What it is made of is known and pinned",
        ("tests/house/test_requirements.py",),
        left="a list of licences and a bill of materials",
    ),
)
