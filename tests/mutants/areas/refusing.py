"""Faults of the relay and the consumer: refusals by the broker, lanes, the parking limit, compressed records."""

from tests.mutants.model import Mutant

SHARED = "shared/pipeline_shared"
REFUSALS = "tests/unit/shared/test_refusals.py"
HOSTILE = "tests/integration/test_hostile_batches.py"
REPLAYED = "tests/integration/delivery/test_parked_and_replayed.py"

MUTANTS = (
    Mutant(
        "a-withdrawn-permission-sets-rows-aside",
        f"{SHARED}/messaging/refusals.py",
        "if blame is Blame.TOPIC and topic in self._own:",
        "if blame is Blame.TOPIC and topic not in self._own:",
        (f"{REFUSALS}::test_a_topic_refused_as_a_whole_rests_and_the_other_flows",),
    ),
    Mutant(
        "rows-overtake-a-refused-row-of-their-key",
        f"{SHARED}/messaging/refusals.py",
        "if row.key != refused.key or row.id < refused.id",
        "if row.id != refused.id",
        (f"{REFUSALS}::test_later_rows_of_a_refused_rows_key_stay_behind_it",),
    ),
    Mutant(
        "a-wrong-setting-sets-thousands-of-rows-aside",
        f"{SHARED}/messaging/refusals.py",
        "MOST_SET_ASIDE = 20",
        "MOST_SET_ASIDE = 2_000",
        (f"{REFUSALS}::test_when_a_topic_takes_no_row_at_all_few_are_set_aside_and_the_topic_rests",),
    ),
    Mutant(
        "each-try-of-a-refused-topic-sets-as-many-aside-as-the-first",
        f"{SHARED}/messaging/refusals.py",
        "most = 1 if row.topic in self._doubted else MOST_SET_ASIDE",
        "most = MOST_SET_ASIDE",
        (f"{REFUSALS}::test_a_topic_that_was_refused_before_has_one_more_row_set_aside_and_rests_again",),
    ),
    Mutant(
        "a-backlog-stands-before-another-lane",
        f"{SHARED}/messaging/outbox.py",
        "ORDER BY urgent DESC, turn, id LIMIT $1",
        "ORDER BY urgent DESC, id LIMIT $1",
        ("tests/integration/test_waiting_rows.py::test_lanes_are_taken_in_turn",),
    ),
    Mutant(
        "a-bad-release-parks-everything",
        f"{SHARED}/messaging/parking_limit.py",
        "self.stopped = True",
        "self.stopped = False",
        ("tests/unit/shared/test_parking_limit.py::test_a_consumer_that_can_handle_nothing_parks_so_many_and_no_more",),
    ),
    Mutant(
        "pauses-have-no-jitter",
        f"{SHARED}/runtime/retry.py",
        "return spread(grown(self._first, self._longest, self._tries))",
        "return grown(self._first, self._longest, self._tries)",
        ("tests/unit/shared/test_pause.py::test_two_that_failed_together_do_not_come_back_together",),
    ),
    Mutant(
        "a-consumer-unpacks-what-is-compressed",
        f"{SHARED}/messaging/batch_reading.py",
        "return _Unopened(batch) if batch.compression_type else _Readable(batch)",
        "return _Readable(batch)",
        (f"{HOSTILE}::test_whatever_compresses_a_batch_it_is_one_unreadable_record_and_the_next_is_handled",),
    ),
    Mutant(
        "one-header-name-loses-the-records-of-other-partitions",
        f"{SHARED}/messaging/batch_reading.py",
        "return _Unopened(batch) if batch.compression_type else _Readable(batch)",
        "return _Unopened(batch) if batch.compression_type else batch",
        (f"{HOSTILE}::test_a_header_name_that_is_no_text_costs_no_other_record_on_any_partition",),
    ),
    Mutant(
        "a-redirect-of-the-police-system-is-followed",
        "services/transfer/transfer_service/adapter.py",
        "allow_redirects=False",
        "allow_redirects=True",
        ("tests/unit/transfer/test_adapter.py::test_a_redirect_is_not_followed_so_that_no_token_goes_elsewhere",),
    ),
    Mutant(
        "a-late-wait-gives-back-what-another-has-claimed",
        "services/transfer/transfer_service/store.py",
        """    AS new (record_ref, delay, in_doubt, error, counts)
WHERE transfer.record_ref = new.record_ref AND transfer.lease = $1 AND transfer.state = 'waiting'""",
        """    AS new (record_ref, delay, in_doubt, error, counts)
WHERE transfer.record_ref = new.record_ref AND ($1::uuid IS NOT NULL) AND transfer.state = 'waiting'""",
        ("tests/integration/transfer/test_leases.py::test_an_outcome_that_comes_after_its_lease_changes_nothing",),
    ),
    Mutant(
        "a-parked-record-has-its-effect-when-it-comes-again",
        f"{SHARED}/messaging/delivery.py",
        """            if event:
                await inbox.first_seen(work.connection, self._consumer, [event.event_id])
            new = """,
        "            new = ",
        (f"{REPLAYED}::test_a_parked_record_that_is_delivered_again_has_no_effect_and_a_replay_has_one",),
    ),
)
