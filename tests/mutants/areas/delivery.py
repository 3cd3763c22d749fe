"""Faults of delivery: a record is lost, has its effect twice, or is parked although nothing is wrong with it."""

from tests.mutants.model import Mutant

SHARED = "shared/pipeline_shared"
TESTS = "tests/integration/delivery"
EFFECT, PARKED = f"{TESTS}/test_one_effect.py", f"{TESTS}/test_parked_records.py"
REPLAYED = f"{TESTS}/test_parked_and_replayed.py"
AGAIN = (f"{EFFECT}::test_an_event_that_arrives_again_has_no_second_effect",)
NOTHING_PARKED = (f"{PARKED}::test_a_failure_of_the_infrastructure_parks_nothing",)

MUTANTS = (
    Mutant(
        "an-event-has-its-effect-each-time-it-arrives",
        f"{SHARED}/messaging/delivery.py",
        "            fresh = [item for event_id, item in items.items() if event_id in new]\n",
        "            fresh = list(items.values())\n",
        AGAIN,
    ),
    Mutant(
        "all-consumers-share-one-inbox",
        f"{SHARED}/messaging/inbox.py",
        "rows = await connection.fetch(FIRST_SEEN, consumer, event_ids)",
        'rows = await connection.fetch(FIRST_SEEN, "", event_ids)',
        (f"{EFFECT}::test_each_step_that_reads_an_event_has_its_effect",),
    ),
    Mutant(
        "a-database-that-is-away-parks-records",
        f"{SHARED}/runtime/errors.py",
        "isinstance(error, OSError | asyncpg.InterfaceError | KafkaError | TimeoutError | ParkingLimitError)",
        "isinstance(error, asyncpg.InterfaceError | KafkaError | ParkingLimitError)",
        NOTHING_PARKED,
    ),
    Mutant(
        "a-database-that-shuts-down-parks-records",
        f"{SHARED}/runtime/errors.py",
        'RECORD_SQLSTATES = ("22", "23", "40", "54")',
        'RECORD_SQLSTATES = ("22", "23", "40", "54", "57")',
        NOTHING_PARKED,
    ),
    Mutant(
        "a-value-that-cannot-be-stored-blocks-its-partition",
        f"{SHARED}/runtime/errors.py",
        'RECORD_SQLSTATES = ("22", "23", "40", "54")',
        'RECORD_SQLSTATES = ("23", "40", "54")',
        (f"{PARKED}::test_a_record_whose_own_value_cannot_be_stored_is_parked",),
    ),
    Mutant(
        "a-record-that-always-fails-holds-up-the-others",
        f"{SHARED}/messaging/delivery.py",
        "if isinstance(error, PermanentError) or attempt == attempts:",
        "if attempt == attempts:",
        (f"{PARKED}::test_a_permanent_error_is_parked_at_once",),
    ),
    Mutant(
        "a-stop-forgets-what-has-tries-left",
        f"{SHARED}/messaging/delivery.py",
        "                raise StoppedError  # its attempts",
        "                return None  # its attempts",
        (f"{PARKED}::test_a_stop_parks_nothing_that_has_tries_left",),
    ),
    Mutant(
        "a-table-of-subscriptions-is-not-checked",
        f"{SHARED}/messaging/subscriptions.py",
        "use_case: UseCase[E],",
        "use_case: UseCase[Any],",
        (
            "tests/unit/shared/test_subscriptions.py::test_a_use_case_of_another_topic_is_a_type_error_and_its_own_is_none",
        ),
    ),
    Mutant(
        "a-record-says-its-kafka-key-where-its-id-belongs",
        f"{SHARED}/messaging/cloud_events.py",
        '("ce_id", str(row.event_id).encode())',
        '("ce_id", str(row.key).encode())',
        ("tests/unit/shared/test_cloud_events.py::test_the_headers_are_these_and_no_others",),
    ),
    Mutant(
        "records-are-published-without-headers",
        f"{SHARED}/messaging/publishing.py",
        "headers=headers_of(row, self._service)",
        "headers=[]",
        (
            "tests/integration/test_cloud_events.py::test_each_record_of_a_submissions_way_has_the_documented_headers_and_no_others",
        ),
    ),
    Mutant(
        "a-document-that-is-not-what-the-code-says-passes",
        "deploy/admin/pipeline_admin/api_documents.py",
        "if _read(docs / place) != text]",
        "if not _read(docs / place)]",
        (
            "tests/contract/test_asyncapi.py::test_a_document_that_differs_is_missing_or_belongs_to_no_event_is_named_and_written_anew",
        ),
    ),
    Mutant(
        "two-replays-of-one-record-have-two-effects",
        f"{SHARED}/messaging/parking.py",
        "UPDATE parked SET state = 'replayed', replayed_at = now() WHERE id = $1 AND state = 'replay' RETURNING error",
        "UPDATE parked SET state = 'replayed', replayed_at = now() WHERE id = $1 RETURNING error",
        (f"{REPLAYED}::test_a_parked_record_that_is_replayed_has_its_effect_once",),
    ),
    Mutant(
        "a-record-that-comes-again-is-parked-twice-in-the-audit",
        f"{SHARED}/messaging/delivery.py",
        "            if new:\n                self._ask_limit",
        "            if True:\n                self._ask_limit",
        (f"{PARKED}::test_a_record_that_cannot_be_read_and_comes_again_is_parked_and_audited_once",),
    ),
)
