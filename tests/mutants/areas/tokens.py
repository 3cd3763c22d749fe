"""Faults that lead from the open side back to an agency, a receipt or a minute, and faults of times and lists."""

from tests.mutants.model import Mutant

JOINS = "tests/integration/test_unlinkable.py"
NO_MINUTE = (f"{JOINS}::test_no_minute_can_be_joined_to_a_case_before_a_person_has_acted_on_it",)
LISTING = "tests/integration/triage/test_listing.py"
DATES = "tests/unit/shared/test_dates.py"
WHEN = "tests/unit/shared/test_when.py"
FLAG_STORE = "services/triage/triage_service/flags/store.py"

MUTANTS = (
    Mutant(
        "the-status-reference-leaves-intake",
        "services/intake/intake_service/submissions/status_tokens.py",
        "return UUID(bytes=self._cipher.encryptor().update(status_ref.bytes))",
        "return status_ref",
        (f"{JOINS}::test_no_value_of_intake_stands_on_the_open_side",),
    ),
    Mutant(
        "ids-are-made-without-a-secret",
        "shared/pipeline_shared/runtime/work.py",
        "digest = hmac.digest(id_key, ",
        'digest = hmac.digest(b"", ',
        ("tests/unit/shared/test_derived_ids.py",),
    ),
    Mutant(
        "the-audit-tells-the-minute-in-which-a-case-opened",
        "services/triage/triage_service/cases/usecases.py",
        "subject=str(case.case_id), reason=fired, day_only=True)",
        "subject=str(case.case_id), reason=fired)",
        NO_MINUTE,
    ),
    Mutant(
        "a-status-tells-the-minute",
        "services/triage/triage_service/cases/domain.py",
        "occurred_at=start_of_day(now),",
        "occurred_at=now,",
        NO_MINUTE,
    ),
    Mutant(
        "a-decided-flag-keeps-its-minute",
        FLAG_STORE,
        "flagged_at = date_trunc('day', flagged_at), arrived_at = date_trunc('day', arrived_at)",
        "arrived_at = date_trunc('day', arrived_at)",
        (f"{JOINS}::test_a_flags_clock_is_cut_to_the_day_when_its_case_is_decided",),
    ),
    Mutant(
        "an-acknowledged-flag-vanishes",
        FLAG_STORE,
        "{SELECT_FLAGS} WHERE NOT settled {IN_ORDER}",
        "{SELECT_FLAGS} WHERE NOT settled AND acknowledged_at IS NULL {IN_ORDER}",
        (f"{LISTING}::test_an_acknowledged_flag_stays_listed_with_its_owner_until_its_case_is_decided",),
    ),
    Mutant(
        "the-queue-is-read-without-a-row",
        "services/triage/triage_service/queue/usecases.py",
        '    work.audit("queue_listed", actor=person_id, subject=f"{state}:page:{number}", reason=refs)\n',
        "    del refs, person_id\n",
        (f"{LISTING}::test_each_page_of_a_list_leaves_one_row_with_what_was_on_it",),
    ),
    Mutant(
        "a-list-that-refreshes-by-itself-leaves-no-row",
        "services/triage/triage_service/flags/usecases.py",
        "if not reader.is_background or shown.is_new(reader.session, sights_of(flags)):",
        "if not reader.is_background:",
        (
            f"{LISTING}::test_a_list_that_refreshes_by_itself_leaves_a_row_only_for_what_this_session_has_not_been_shown",
        ),
    ),
    Mutant(
        "a-number-counts-as-a-time",
        "shared/pipeline_shared/language/dates.py",
        "    BeforeValidator(_read_moment),\n",
        "",
        (f"{DATES}::test_what_is_not_written_in_full_is_refused",),
    ),
    Mutant(
        "exact-times-go-onward",
        "shared/pipeline_shared/language/when.py",
        "POLICY = Precision.PART_OF_DAY",
        "POLICY = Precision.EXACT",
        (f"{WHEN}::test_by_policy_no_time_of_the_clock_goes_onward",),
    ),
    Mutant(
        "parts-of-the-day-are-those-of-greenwich",
        "shared/pipeline_shared/language/when.py",
        "local = moment.astimezone(LOCAL_TIME)",
        "local = moment.astimezone(moment.tzinfo)",
        (f"{WHEN}::test_a_day_and_its_part_are_those_of_this_country",),
    ),
    Mutant(
        "the-day-of-receipt-is-that-of-greenwich",
        "shared/pipeline_shared/language/local_time.py",
        "return moment.astimezone(LOCAL_TIME).date()",
        "return moment.date()",
        (f"{WHEN}::test_a_day_is_the_local_day",),
    ),
    Mutant(
        "a-reader-of-the-desk-cannot-say-less",
        "services/sanitiser/sanitiser_service/desk/review/review_job.py",
        "with_times(decided, submission.occurrence, form.precision)",
        "decided",
        ("tests/integration/test_times_onward.py::test_a_reader_chooses_how_exactly_a_time_goes_onward",),
    ),
)
