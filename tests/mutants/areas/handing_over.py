"""Faults of the hand-over to the police system: a record is created twice, lost, or sent to the wrong place."""

from tests.mutants.model import Mutant

DOMAIN = "services/transfer/transfer_service/domain.py"
ADAPTER = "services/transfer/transfer_service/adapter.py"
DOMAIN_TESTS, ADAPTER_TESTS = ("tests/unit/transfer/test_domain.py",), "tests/unit/transfer/test_adapter.py"

MUTANTS = (
    Mutant(
        "a-transfer-in-doubt-is-created-again",
        DOMAIN,
        "return Request.LOOK_UP if transfer.in_doubt else Request.CREATE",
        "return Request.CREATE",
        DOMAIN_TESTS,
    ),
    Mutant(
        "a-lost-answer-leaves-no-doubt",
        DOMAIN,
        "return Wait(code, delay_after(transfer.attempts), in_doubt=True, counts=True)",
        "return Wait(code, delay_after(transfer.attempts), in_doubt=False, counts=True)",
        DOMAIN_TESTS,
    ),
    Mutant(
        "another-record-under-the-key-counts-as-ours",
        DOMAIN,
        'return Confirm(reference) if digest == transfer.digest else Park("other_content_held")',
        "return Confirm(reference)",
        DOMAIN_TESTS,
    ),
    Mutant(
        "a-police-system-in-trouble-parks-records",
        DOMAIN,
        "    if not others_arrive:\n",
        "    if transfer.unclear < 0:\n",
        DOMAIN_TESTS,
    ),
    Mutant(
        "pauses-between-tries-grow-without-limit",
        DOMAIN,
        "return grown(FIRST_DELAY, LONGEST_DELAY, attempts)",
        "return grown(FIRST_DELAY, timedelta.max, attempts)",
        DOMAIN_TESTS,
    ),
    Mutant(
        "a-404-of-a-proxy-says-that-nothing-is-held",
        ADAPTER,
        'return NotHeld() if _is_problem(content) else Unreachable("status_404", reached=True)',
        "return NotHeld()",
        (f"{ADAPTER_TESTS}::test_only_the_police_system_itself_can_say_that_nothing_is_held",),
    ),
    Mutant(
        "a-refusal-of-us-counts-as-one-of-the-record",
        ADAPTER,
        "case _, _ if status in NOT_THIS_RECORD or HTTPStatus",
        "case _, _ if HTTPStatus",
        (f"{ADAPTER_TESTS}::test_a_refusal_that_would_meet_every_record_is_not_this_records",),
    ),
    Mutant(
        "a-success-that-cannot-be-read-counts-as-a-refusal",
        ADAPTER,
        'return Unclear("unreadable_answer")',
        'return Refused("unreadable_answer")',
        (f"{ADAPTER_TESTS}::test_a_success_that_cannot_be_read_is_unclear",),
    ),
    Mutant(
        "a-bad-release-parks-all-that-is-to-be-handed-over",
        "services/transfer/transfer_service/sender.py",
        "if self._limit.allows(now):",
        "if self._limit.allows(now) or now:",
        (
            "tests/integration/transfer/test_parked_transfers.py::test_when_most_records_are_refused_parking_stops_and_they_arrive_once_the_cause_is_mended",
        ),
    ),
)
