"""Faults by which a report about a person at risk waits behind others."""

from tests.mutants.model import Mutant

TOPICS = "shared/pipeline_shared/messaging/topics.py"
FLAGGED = ("tests/unit/shared/test_topology.py::test_what_tells_of_somebody_at_risk_is_urgent_and_nothing_else_is",)
FIRST = "tests/integration/test_urgent_first.py"
SENT = (f"{FIRST}::test_an_urgent_row_is_sent_before_a_backlog_that_fills_more_than_one_batch",)
QUEUE = (f"{FIRST}::test_a_newer_immediate_case_stands_before_an_older_routine_one",)
WOKEN = "tests/integration/test_relay.py"
FLAGS = "services/triage/triage_service/flags/usecases.py"
LISTING = "tests/integration/triage/test_listing.py"
SOON = (f"{LISTING}::test_soon_stands_below_every_flag_that_rings_and_none_of_those_hides_it",)
PAGES = (f"{LISTING}::test_of_301_flags_each_can_be_reached_and_the_totals_are_true",)

MUTANTS = (
    Mutant(
        "high-submissions-are-not-urgent",
        TOPICS,
        "SANITISER_PREVIEW),\n    urgent=True,\n",
        "SANITISER_PREVIEW),\n",
        FLAGGED,
    ),
    Mutant(
        "safety-flags-are-not-urgent",
        TOPICS,
        'SafetyFlagged, "flag_id", "sanitiser", (TRIAGE,), urgent=True)',
        'SafetyFlagged, "flag_id", "sanitiser", (TRIAGE,))',
        FLAGGED,
    ),
    Mutant(
        "everything-is-urgent-and-so-nothing-is",
        TOPICS,
        "    urgent: bool = False\n",
        "    urgent: bool = True\n",
        FLAGGED,
    ),
    Mutant(
        "the-relay-sends-in-the-order-of-writing",
        "shared/pipeline_shared/messaging/outbox.py",
        "ORDER BY urgent DESC, turn, id LIMIT $1",
        "ORDER BY turn, id LIMIT $1",
        SENT,
    ),
    Mutant(
        "a-commit-does-not-wake-the-relay",
        "shared/pipeline_shared/messaging/relay.py",
        "await pause(self._new_rows, POLL_SECONDS)",
        "await pause(stop, POLL_SECONDS)",
        (f"{WOKEN}::test_new_rows_of_the_same_process_wake_the_relay",),
    ),
    Mutant(
        "a-commit-without-events-wakes-the-relay",
        "shared/pipeline_shared/runtime/work.py",
        "        if work.has_published:\n            database.new_events.set()",
        "        database.new_events.set()",
        (f"{WOKEN}::test_only_a_commit_of_events_wakes_the_relay",),
    ),
    Mutant(
        "a-row-forgets-that-it-is-urgent",
        "shared/pipeline_shared/messaging/outbox.py",
        "key, value, topic.urgent, lane)",
        "key, value, lane=lane)",
        SENT,
    ),
    Mutant(
        "the-queue-is-by-age-alone",
        "services/triage/triage_service/queue/store.py",
        "THEN 2 ELSE 3 END), priority_rank, queue_number LIMIT",
        "THEN 2 ELSE 3 END), queue_number LIMIT",
        QUEUE,
    ),
    Mutant(
        "the-queue-shows-the-newest-first",
        "services/triage/triage_service/queue/store.py",
        "THEN 2 ELSE 3 END), priority_rank, queue_number LIMIT",
        "THEN 2 ELSE 3 END), priority_rank, queue_number DESC LIMIT",
        QUEUE,
    ),
    Mutant(
        "what-the-screen-found-raises-no-case",
        "services/triage/triage_service/cases/usecases.py",
        "recommendation = raised(advice, event.level, event.safety)",
        "recommendation = advice",
        QUEUE,
    ),
    Mutant(
        "every-page-of-flags-is-the-first",
        FLAGS,
        "list_flags(work.connection, limit=PAGE_SIZE, offset=entries_before(number))",
        "list_flags(work.connection, limit=PAGE_SIZE, offset=0)",
        PAGES,
    ),
    Mutant(
        "acknowledged-flags-are-on-no-page",
        FLAGS,
        "nearest_page(page, total=sum(count.total for count in counts.values()))",
        "nearest_page(page, total=sum(count.open for count in counts.values()))",
        PAGES,
    ),
    Mutant(
        "flags-of-both-levels-are-one-list",
        "services/triage/triage_service/flags/store.py",
        "ORDER BY (safety_flag.level = 'soon'), (acknowledged_at",
        "ORDER BY (acknowledged_at",
        SOON,
    ),
    Mutant(
        "soon-has-a-clock",
        "services/triage/triage_service/flags/domain.py",
        "self.level is SafetyLevel.NOW and self.acknowledged_at is None",
        "self.acknowledged_at is None",
        ("tests/unit/triage/test_flags.py::test_a_flag_to_look_at_soon_has_no_clock",),
    ),
    Mutant(
        "now-waits-behind-a-backlog-of-soon",
        "shared/pipeline_shared/messaging/lanes.py",
        "if level is SafetyLevel.SOON else sender",
        "if level is SafetyLevel.ORDINARY else sender",
        (f"{FIRST}::test_what_rings_waits_behind_no_backlog_of_what_can_wait_a_little",),
    ),
    Mutant(
        "soon-is-told-to-call-999",
        "services/intake/intake_service/screening/advice.py",
        "if screening.level is not SafetyLevel.NOW:",
        "if screening.level is SafetyLevel.ORDINARY:",
        ("tests/unit/intake/test_levels.py::test_the_submitter_is_told_to_call_999_with_now_alone",),
    ),
)
