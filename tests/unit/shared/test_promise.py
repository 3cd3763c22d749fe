"""Production refuses a topic whose records the loss of one broker can lose."""

import pytest

from pipeline_shared.language.events import Event
from pipeline_shared.messaging.promise import MIN_INSYNC, UNCLEAN, Described, broken_promises
from pipeline_shared.messaging.topics import PRODUCTION, SERVICES, TOPOLOGY, Topic, topics_of

RIGHT = {MIN_INSYNC: "2", UNCLEAN: "false"}


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_a_topic_of_the_table_keeps_the_promise(topic: Topic[Event]) -> None:
    assert list(broken_promises(Described(PRODUCTION.replicas, topic.config()))) == []


@pytest.mark.parametrize(
    ("replicas", "change", "reason"),
    [
        (0, {}, "no_topic"),
        (1, {}, "too_few_replicas"),
        (3, {MIN_INSYNC: "1"}, "min_insync_replicas"),
        (3, {UNCLEAN: "true"}, "unclean_leader_election"),
        (3, {UNCLEAN: "TRUE"}, "unclean_leader_election"),
    ],
)
def test_a_topic_that_does_not_is_refused_with_the_reason(replicas: int, change: dict[str, str], reason: str) -> None:
    assert list(broken_promises(Described(replicas, {**RIGHT, **change}))) == [reason]


def test_settings_that_nobody_may_read_keep_no_promise() -> None:
    assert list(broken_promises(Described(3, {}))) == ["settings_not_readable"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_asks_for_what_it_writes_and_reads(service: str) -> None:
    own = {topic.name for topic in topics_of(service)}
    written = {topic.name for topic in TOPOLOGY if topic.producer == service}
    read = {topic.name for topic in TOPOLOGY if service in {reader.service for reader in topic.readers}}
    assert own == written | read
