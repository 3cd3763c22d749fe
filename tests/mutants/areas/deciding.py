"""Faults of the decision: it counts twice, applies to an outdated page, or records less than the law requires."""

from tests.mutants.model import Mutant

DOMAIN = "services/triage/triage_service/cases/domain.py"
UNDECIDABLE = "case.state not in PERMISSIONS[Action.DECIDE_CASE].states"
REOPENED = ("tests/integration/triage/test_reopening.py",)
TESTS = ("tests/unit/triage/test_domain.py",)

MUTANTS = (
    Mutant(
        "a-case-is-decided-on-a-page-that-is-out-of-date",
        DOMAIN,
        f"    if verdict.version != case.version or {UNDECIDABLE}:\n",
        f"    if {UNDECIDABLE}:\n",
        TESTS,
    ),
    Mutant(
        "a-case-is-decided-twice",
        DOMAIN,
        f"    if verdict.version != case.version or {UNDECIDABLE}:\n",
        "    if verdict.version != case.version:\n",
        TESTS,
    ),
    Mutant(
        "a-decision-needs-no-reason",
        "services/triage/triage_service/cases/decision.py",
        "    if not verdict.reason or needs_code",
        "    if needs_code",
        TESTS,
    ),
    Mutant(
        "what-is-not-recorded-is-kept-for-ever",
        DOMAIN,
        "disposal_on=(now + keep).date() if verdict.outcome is Outcome.NOT_RECORD else None",
        "disposal_on=None",
        TESTS,
    ),
    Mutant(
        "a-case-that-was-not-recorded-can-be-confirmed",
        DOMAIN,
        "    if case.state not in {CaseState.RECORDED, CaseState.UNDER_CORRECTION}:\n        raise NotRecordedError\n",
        "",
        TESTS,
    ),
    Mutant(
        "a-supervisor-takes-back-their-own-decision",
        DOMAIN,
        "    if decision.decided_by == person_id or ",
        "    if ",
        ("tests/unit/triage/test_domain.py::test_attack_44_nobody_reopens_their_own_decision",),
    ),
    Mutant(
        "a-reopened-record-is-recorded-again",
        DOMAIN,
        "    after = CaseState.UNDER_CORRECTION if case.record_ref else CaseState.WAITING\n",
        "    after = CaseState.WAITING\n",
        (f"{REOPENED[0]}::test_a_recorded_case_waits_for_its_correction_and_is_never_sent_twice",),
    ),
    Mutant(
        "a-record-carries-the-cases-own-reference",
        DOMAIN,
        "decided = replace(decided, record_ref=record_ref)",
        "decided = replace(decided, record_ref=case.case_id)",
        TESTS,
    ),
)
