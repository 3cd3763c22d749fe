"""Faults of the decision: it counts twice, applies to an outdated page, or records less than the law requires."""

from tests.mutants.model import Mutant

DOMAIN = "services/triage/triage_service/cases/domain.py"
TESTS = ("tests/unit/triage/test_domain.py",)

MUTANTS = (
    Mutant(
        "a-case-is-decided-on-a-page-that-is-out-of-date",
        DOMAIN,
        "    if verdict.version != case.version or case.state is not CaseState.WAITING:\n",
        "    if case.state is not CaseState.WAITING:\n",
        TESTS,
    ),
    Mutant(
        "a-case-is-decided-twice",
        DOMAIN,
        "    if verdict.version != case.version or case.state is not CaseState.WAITING:\n",
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
        "    if case.state is not CaseState.RECORDED:\n        raise NotRecordedError\n",
        "",
        TESTS,
    ),
    Mutant(
        "a-record-carries-the-cases-own-reference",
        DOMAIN,
        "decided = replace(decided, record_ref=record_ref)",
        "decided = replace(decided, record_ref=case.case_id)",
        TESTS,
    ),
)
