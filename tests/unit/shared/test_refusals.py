"""The causes of a refusal: a row is set aside, a topic rests, an outage is waited for. Nothing is lost."""

from uuid import UUID, uuid4

import pytest
from aiokafka import errors
from hypothesis import given
from hypothesis import strategies as st

from pipeline_shared.messaging.outbox import WaitingRow
from pipeline_shared.messaging.refusals import (
    MOST_SET_ASIDE,
    NOT_ACKNOWLEDGED,
    TOO_LARGE,
    Blame,
    ClosedTopics,
    SendResult,
    Trial,
    blame_of,
)

OWN = ("a.v1", "b.v1")

BLAMES: dict[type[Exception], Blame] = {
    errors.MessageSizeTooLargeError: Blame.ROW,
    errors.RecordListTooLargeError: Blame.ROW,
    errors.InvalidTimestampError: Blame.ROW,
    errors.CorruptRecordException: Blame.ROW,
    errors.TopicAuthorizationFailedError: Blame.TOPIC,
    errors.UnknownTopicOrPartitionError: Blame.TOPIC,
    errors.InvalidTopicError: Blame.TOPIC,
    errors.UnknownError: Blame.UNCLEAR,
    errors.InvalidRequestError: Blame.UNCLEAR,
    errors.NotEnoughReplicasError: Blame.INFRASTRUCTURE,
    errors.NotEnoughReplicasAfterAppendError: Blame.INFRASTRUCTURE,
    errors.NotLeaderForPartitionError: Blame.INFRASTRUCTURE,
    errors.LeaderNotAvailableError: Blame.INFRASTRUCTURE,
    errors.RequestTimedOutError: Blame.INFRASTRUCTURE,
    errors.KafkaConnectionError: Blame.INFRASTRUCTURE,
    errors.KafkaStorageError: Blame.INFRASTRUCTURE,
    errors.OutOfOrderSequenceNumber: Blame.INFRASTRUCTURE,
    errors.ProducerFenced: Blame.INFRASTRUCTURE,
    errors.ClusterAuthorizationFailedError: Blame.INFRASTRUCTURE,
    ConnectionResetError: Blame.INFRASTRUCTURE,
    TimeoutError: Blame.INFRASTRUCTURE,
}


@pytest.mark.parametrize("error", BLAMES, ids=lambda error: error.__name__)
def test_each_refusal_is_blamed_on_what_it_speaks_of(error: type[Exception]) -> None:
    assert blame_of(error()) is BLAMES[error]


def a_row(
    number: int, *, topic: str = "a.v1", partition: int = 0, key: UUID | None = None, size: int = 10
) -> WaitingRow:
    return WaitingRow(number, uuid4(), topic, partition, key or uuid4(), bytes(size))


def run(trial: Trial, refused: dict[int, Blame]) -> tuple[SendResult, list[int]]:
    """Simulate a broker that refuses each batch with one of some rows; return the outcome and the arrivals."""
    arrived = list[int]()
    while heads := trial.heads():
        for address, batch in heads.items():
            blames = [refused[row.id] for row in batch if row.id in refused]
            if address not in trial.heads():
                continue  # its topic already rests
            if blames:
                trial.refuse(address, "code", blames[0])
            else:
                arrived += [row.id for row in batch]
                trial.take(address)
    trial.finish()
    return trial.collect(), arrived


def test_one_row_refused_in_the_middle_is_set_aside_alone() -> None:
    rows = [a_row(n) for n in range(100)]
    result, _ = run(Trial(rows, OWN), {50: Blame.ROW})
    assert result.refused == {rows[50]: "code"}
    assert sorted(result.published) == [n for n in range(100) if n != 50]
    assert not result.closed_topics


def test_a_row_that_no_broker_takes_is_never_sent() -> None:
    large = WaitingRow(1, uuid4(), "a.v1", 0, uuid4(), None)
    result, arrived = run(Trial([a_row(0), large, a_row(2)], OWN), {})
    assert result.refused == {large: TOO_LARGE}
    assert arrived == [0, 2]


def test_a_trial_of_nothing_but_a_row_too_large_is_over_at_once() -> None:
    large = WaitingRow(1, uuid4(), "a.v1", 0, uuid4(), None)
    assert not Trial([large], OWN).heads()


def test_later_rows_of_a_refused_rows_key_stay_behind_it() -> None:
    key = uuid4()
    rows = [a_row(0, key=key), a_row(1, key=key), a_row(2), a_row(3, key=key)]
    result, arrived = run(Trial(rows, OWN), {1: Blame.ROW})
    assert result.refused == {rows[1]: "code"}
    assert arrived == [0, 2]


def test_a_topic_refused_as_a_whole_rests_and_the_other_flows() -> None:
    rows = [a_row(n, topic=OWN[n % 2], partition=n % 3) for n in range(60)]
    result, _ = run(Trial(rows, OWN), {n: Blame.TOPIC for n in range(60) if n % 2 == 0})
    assert result.closed_topics == {"a.v1": "code"}
    assert not result.refused
    assert sorted(result.published) == [n for n in range(60) if n % 2]


def test_a_row_for_a_topic_of_somebody_else_is_its_own_fault() -> None:
    rows = [a_row(0, topic="other.v1"), a_row(1)]
    result, arrived = run(Trial(rows, OWN), {0: Blame.TOPIC})
    assert result.refused == {rows[0]: "code"}
    assert arrived == [1]


def test_when_a_topic_takes_no_row_at_all_few_are_set_aside_and_the_topic_rests() -> None:
    rows = [a_row(n, partition=n % 6) for n in range(500)]
    result, _ = run(Trial(rows, OWN), dict.fromkeys(range(500), Blame.ROW))
    assert len(result.refused) == MOST_SET_ASIDE
    assert result.closed_topics == {"a.v1": "code"}


def test_a_topic_that_was_refused_before_has_one_more_row_set_aside_and_rests_again() -> None:
    rows = [a_row(n, partition=n % 6) for n in range(500)]
    result, _ = run(Trial(rows, OWN, doubted={"a.v1"}), dict.fromkeys(range(500), Blame.ROW))
    assert len(result.refused) == 1
    assert result.closed_topics == {"a.v1": "code"}


def test_a_topic_that_takes_rows_again_has_each_bad_row_set_aside() -> None:
    rows = [a_row(n) for n in range(100)]
    result, _ = run(Trial(rows, OWN, doubted={"a.v1"}), {90: Blame.ROW, 95: Blame.ROW})
    assert {row.id for row in result.refused} == {90, 95}
    assert not result.closed_topics


def test_an_unknown_refusal_is_the_rows_own_only_when_others_of_its_partition_arrive() -> None:
    rows = [a_row(n) for n in range(10)]
    result, _ = run(Trial(rows, OWN), {4: Blame.UNCLEAR})
    assert result.refused == {rows[4]: "code"}
    alone = [a_row(0), a_row(1, partition=1)]
    result, arrived = run(Trial(alone, OWN), {0: Blame.UNCLEAR})
    assert not result.refused
    assert result.closed_topics == {"a.v1": "code"}
    assert arrived == [1]


@given(
    st.lists(
        st.tuples(st.sampled_from(OWN), st.integers(0, 2), st.integers(0, 4), st.integers(1, 200_000)), max_size=40
    ),
    st.dictionaries(st.integers(0, 39), st.sampled_from([Blame.ROW, Blame.TOPIC, Blame.UNCLEAR]), max_size=8),
)
def test_whatever_is_refused_nothing_is_lost_or_doubled_and_the_order_of_each_key_holds(
    places: list[tuple[str, int, int, int]], refused: dict[int, Blame]
) -> None:
    rows = [
        WaitingRow(n, uuid4(), topic, partition, UUID(int=partition * 100 + key), bytes(size))
        for n, (topic, partition, key, size) in enumerate(places)
    ]
    result, arrived = run(Trial(rows, OWN), refused)
    assert sorted(arrived) == sorted(result.published)
    assert len(set(arrived)) == len(arrived)
    assert not {row.id for row in result.refused} & set(arrived)
    stays = [row for row in rows if row.id not in arrived]
    for row in stays:  # a row stays if it is refused, if its key has a refused row before it, or if its topic rests
        behind = any(other.topic == row.topic and other.key == row.key and other.id < row.id for other in stays)
        assert row in result.refused or behind or row.topic in result.closed_topics
    for key in {(row.topic, row.key) for row in rows}:
        ids = [n for n in arrived if (rows[n].topic, rows[n].key) == key]
        assert ids == sorted(ids)
        first_left = min((row.id for row in stays if (row.topic, row.key) == key), default=len(rows))
        assert all(n < first_left for n in ids)


def test_a_closed_topic_rests_and_is_due_again_and_an_open_one_is_forgotten() -> None:
    closed = ClosedTopics()
    closed.close("a.v1", NOT_ACKNOWLEDGED, now=100)
    assert closed.resting(100.1) == ["a.v1"]
    assert closed.resting(101) == []
    assert closed.due(101) == {"a.v1": NOT_ACKNOWLEDGED}
    closed.open(["a.v1"])
    assert not closed.codes
    assert not closed.due(101)
