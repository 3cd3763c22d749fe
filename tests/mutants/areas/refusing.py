"""Faults of what a broker refuses, of turns, of the limit on parking, of what is compressed."""

from tests.mutants.model import Mutant

SHARED = "shared/pipeline_shared"
REFUSALS = "tests/unit/shared/test_refusals.py"

MUTANTS = (
    Mutant(
        "a-withdrawn-permission-sets-rows-aside",
        f"{SHARED}/refusals.py",
        "if blame is Blame.TOPIC and topic in self._own:",
        "if blame is Blame.TOPIC and topic not in self._own:",
        (f"{REFUSALS}::test_a_topic_refused_as_a_whole_rests_and_the_other_flows",),
    ),
    Mutant(
        "rows-overtake-a-refused-row-of-their-key",
        f"{SHARED}/refusals.py",
        "if row.key != refused.key or row.id < refused.id",
        "if row.id != refused.id",
        (f"{REFUSALS}::test_later_rows_of_a_refused_rows_key_stay_behind_it",),
    ),
    Mutant(
        "a-wrong-setting-sets-thousands-of-rows-aside",
        f"{SHARED}/refusals.py",
        "MOST_SET_ASIDE = 20",
        "MOST_SET_ASIDE = 2_000",
        (f"{REFUSALS}::test_when_a_topic_takes_no_row_at_all_few_are_set_aside_and_the_topic_rests",),
    ),
    Mutant(
        "a-backlog-stands-before-another-lane",
        f"{SHARED}/outbox.py",
        "ORDER BY urgent DESC, turn, id LIMIT $1",
        "ORDER BY urgent DESC, id LIMIT $1",
        ("tests/integration/test_relay.py::test_lanes_are_taken_in_turn",),
    ),
    Mutant(
        "a-bad-release-parks-everything",
        f"{SHARED}/parking_limit.py",
        "self.stopped = True",
        "self.stopped = False",
        ("tests/unit/shared/test_parking_limit.py::test_a_consumer_that_can_handle_nothing_parks_so_many_and_no_more",),
    ),
    Mutant(
        "pauses-have-no-jitter",
        f"{SHARED}/pause.py",
        "yield whole / 2 + random.uniform(0, whole / 2)",
        "yield whole",
        ("tests/unit/shared/test_pause.py::test_two_that_failed_together_do_not_come_back_together",),
    ),
    Mutant(
        "a-consumer-unpacks-what-is-compressed",
        f"{SHARED}/uncompressed.py",
        "return _Unopened(batch) if batch.compression_type else batch",
        "return batch",
        (
            "tests/integration/test_compressed.py"
            "::test_whatever_compresses_a_batch_it_is_one_unreadable_record_and_the_next_is_handled",
        ),
    ),
)
