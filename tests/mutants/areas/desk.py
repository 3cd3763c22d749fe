"""Faults of flags, previews and reviews at the source desk."""

from tests.mutants.model import Mutant

SANITISER = "services/sanitiser/sanitiser_service"
REVIEW_JOB = "tests/unit/sanitiser/test_review_job.py"
PREVIEWING = "tests/integration/test_previewing.py"
LIST = "tests/integration/test_held_list.py"

MUTANTS = (
    Mutant(
        "one-agencys-previews-come-before-all-others",
        f"{SANITISER}/preview/store.py",
        "row_number() OVER (PARTITION BY level, lane ORDER BY size, listed_at)",
        "row_number() OVER (ORDER BY listed_at)",
        (f"{PREVIEWING}::test_agencies_take_turns_and_the_small_ones_of_each_come_first",),
    ),
    Mutant(
        "a-preview-is-published-twice",
        f"{SANITISER}/preview/usecases.py",
        "if await store.remove_preview_due(work.connection, ref) and preview:",
        "await store.remove_preview_due(work.connection, ref)\n    if preview:",
        (f"{PREVIEWING}::test_of_two_instances_with_the_same_preview_one_publishes_it",),
    ),
    Mutant(
        "a-job-that-hangs-costs-its-child-its-life",
        "shared/pipeline_shared/runtime/time_limit.py",
        "    signal.setitimer(signal.ITIMER_REAL, seconds)\n",
        "",
        ("tests/integration/test_children.py::test_a_job_that_takes_too_long_is_interrupted_and_its_child_goes_on",),
    ),
    Mutant(
        "a-child-leaves-a-core-dump",
        "shared/pipeline_shared/runtime/child.py",
        "    forbid_core_dumps()\n",
        "",
        ("tests/integration/test_children.py::test_a_child_leaves_no_core_dump",),
    ),
    Mutant(
        "a-flag-that-waits-for-its-preview-says-that-all-is-withheld",
        "services/triage/triage_service/flags/domain.py",
        'return not self.is_previewed and "everything" not in self.preview.withheld',
        "return False",
        ("tests/unit/triage/test_flags.py",),
    ),
    Mutant(
        "a-text-of-hundreds-of-questions-is-not-closed",
        f"{SANITISER}/desk/review/domain.py",
        "if len(here) > MOST_IN_A_TEXT or len(on_page | here) > MOST_ON_A_PAGE or marked + marks[path] > MOST_PLACES:",
        "if marked > MOST_PLACES * 1_000:",
        (REVIEW_JOB,),
    ),
    Mutant(
        "a-text-is-removed-that-no-page-had-shown-as-removed",
        f"{SANITISER}/desk/review/review_job.py",
        "for path in proposal.closed - form.changed.keys():",
        "for path in frozenset[str]():",
        (f"{REVIEW_JOB}::test_nothing_is_removed_that_the_forms_page_had_not_shown_as_removed",),
    ),
    Mutant(
        "a-text-written-anew-is-not-matched-again",
        f"{SANITISER}/desk/review/review_job.py",
        "        *_errors_in_new(opened, proposal, form),\n",
        "",
        (f"{REVIEW_JOB}::test_what_is_written_anew_in_a_closed_text_is_matched_and_checked_again",),
    ),
    Mutant(
        "high-stands-among-the-others-on-the-source-desks-list",
        f"{SANITISER}/desk/review/store.py",
        "ORDER BY state DESC, high DESC, soon, held_at, submission_ref",
        "ORDER BY state DESC, held_at, submission_ref",
        (f"{LIST}::test_now_comes_first_then_soon_then_the_oldest_and_what_is_kept_last",),
    ),
    Mutant(
        "reading-the-source-desks-list-leaves-no-row",
        f"{SANITISER}/desk/review/usecases.py",
        '    work.audit("held_listed", actor=person, subject=f"page:{number}", reason=refs)\n',
        "    del refs, person\n",
        (f"{LIST}::test_a_reading_is_in_the_audit_with_what_was_read",),
    ),
    Mutant(
        "the-leak-check-skips-a-list",
        f"{SANITISER}/form/fields.py",
        "        case tuple():\n            for n, item in enumerate(value):",
        "        case tuple():\n            for n, item in enumerate(value[1:]):",
        ("tests/unit/sanitiser/test_every_text.py",),
    ),
    Mutant(
        "a-librarys-text-is-logged",
        "shared/pipeline_shared/runtime/log.py",
        '"library_message", logger=record.name',
        '"library_message", logger=record.getMessage()',
        ("tests/unit/shared/test_log.py::test_a_librarys_record_is_told_by_its_place_and_never_by_its_text",),
    ),
)
