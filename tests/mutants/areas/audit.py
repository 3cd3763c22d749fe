"""Faults of the audit: a reading or a decision by a person leaves no row, or leaves it too late."""

from tests.mutants.model import Mutant

CASES, FLAGS, DESK = (
    "services/triage/triage_service/cases/usecases.py",
    "services/triage/triage_service/flags/usecases.py",
    "services/sanitiser/sanitiser_service/desk/review/usecases.py",
)
ROWS = "tests/integration/doors/test_leaving_a_row.py"
IN_AUDIT = (f"{ROWS}::test_who_did_it_what_and_to_what_is_in_the_audit",)
FIRST = (f"{ROWS}::test_without_its_row_nothing_is_shown_and_nothing_changed",)

MUTANTS = (
    Mutant(
        "a-held-text-is-opened-without-a-row",
        DESK,
        "    if held:\n        work.audit(",
        '    if held and held.state == "kept":\n        work.audit(',
        IN_AUDIT,
    ),
    Mutant(
        "a-held-text-is-shown-although-its-row-cannot-be-written",
        "services/sanitiser/sanitiser_service/desk/review/web.py",
        """        async with visit.begin(self._database) as work:
            held = await open_for_review(work, submission_ref, visit.person.id)
""",
        """        held = None
        try:
            async with visit.begin(self._database) as work:
                held = await open_for_review(work, submission_ref, visit.person.id)
        except Exception:
            pass
""",
        FIRST,
    ),
    Mutant(
        "a-left-over-word-stays-without-a-row",
        DESK,
        '        work.audit("left_over_accepted", actor=person, subject=str(held.submission_ref), reason=code)\n',
        "        pass\n",
        IN_AUDIT,
    ),
    Mutant(
        "a-release-leaves-no-row",
        DESK,
        '    work.audit(f"held_submission_{state}", actor=person, subject=str(held.submission_ref), reason=reason)\n',
        "",
        IN_AUDIT,
    ),
    Mutant(
        "the-desks-list-is-read-without-a-row",
        DESK,
        '    work.audit("held_listed", actor=person, subject=f"page:{number}", reason=refs)\n',
        "",
        IN_AUDIT,
    ),
    Mutant(
        "a-flag-is-read-without-a-row",
        FLAGS,
        '    work.audit("safety_flag_read", actor=person_id, subject=str(flag_id))\n',
        "",
        IN_AUDIT,
    ),
    Mutant(
        "a-flag-is-taken-on-without-a-row",
        FLAGS,
        '    work.audit("safety_flag_acknowledged", actor=person_id, subject=str(flag_id))\n',
        "    del work, flag_id, person_id\n",
        IN_AUDIT,
    ),
    Mutant(
        "a-case-is-read-without-a-row",
        CASES,
        '    work.audit("case_read", actor=person_id, subject=str(case_id))\n',
        "",
        IN_AUDIT,
    ),
    Mutant(
        "the-audit-names-the-service-and-not-the-person",
        CASES,
        'work.audit("case_decided", actor=person_id',
        'work.audit("case_decided", actor=SERVICE',
        IN_AUDIT,
    ),
    Mutant(
        "a-decision-counts-although-its-row-cannot-be-written",
        "shared/pipeline_shared/runtime/work.py",
        "            await work.flush()\n",
        """            try:
                async with connection.transaction():
                    await work.flush()
            except Exception:
                pass
""",
        FIRST,
    ),
)
