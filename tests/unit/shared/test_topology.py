"""The table of topics and the code agree: only the services in the table write and read each event."""

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pipeline_shared.messaging import topics
from pipeline_shared.messaging.topics import SERVICES, TOPOLOGY, Durability, Reader, Topic


@cache
def calls_in(service: str) -> tuple[ast.Call, ...]:
    """Return every call in a service's code."""
    (folder,) = import_module(f"{service}_service").__path__
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(folder).rglob("*.py")]
    return tuple(node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))


def made_by(service: str) -> Iterator[str]:
    """Yield the names that a service calls or constructs."""
    return (call.func.id for call in calls_in(service) if isinstance(call.func, ast.Name))


def readers_in(service: str) -> Iterator[tuple[str, Reader]]:
    """Yield the topics that a service's tables of subscriptions name, each with its reader."""
    for call in calls_in(service):
        if isinstance(call.func, ast.Name) and call.func.id == "Subscription":
            topic, reader = (getattr(topics, ast.unparse(argument)) for argument in call.args[:2])
            yield topic.name, reader


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_an_event_is_made_by_its_producer_alone(topic: Topic[Any]) -> None:
    assert [service for service in SERVICES if topic.event.__name__ in made_by(service)] == [topic.producer]


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_a_topic_has_one_subscription_for_each_of_its_readers_and_no_other(topic: Topic[Any]) -> None:
    found = [reader for service in SERVICES for name, reader in readers_in(service) if name == topic.name]
    assert Counter(found) == Counter(topic.readers)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_subscribes_as_itself(service: str) -> None:
    assert {reader.service for _, reader in readers_in(service)} == {service}


@pytest.mark.parametrize("service", SERVICES)
def test_a_producer_hands_what_it_makes_to_the_outbox(service: str) -> None:
    published = any(ast.unparse(call.func) == "work.publish" for call in calls_in(service))
    assert published == any(topic.producer == service for topic in TOPOLOGY)


def test_what_tells_of_somebody_at_risk_is_urgent_and_nothing_else_is() -> None:
    urgent = {topic.event.__name__ for topic in TOPOLOGY if topic.urgent}
    assert urgent == {"HighSubmissionReceived", "SafetyFlagged", "SafetyPreviewed"}


@pytest.mark.parametrize(("replicas", "min_insync"), [(3, 1), (2, 1), (3, 4), (1, 2), (3, 0), (0, 0)])
def test_a_durability_that_loses_what_was_acknowledged_or_takes_nothing_is_refused(
    replicas: int, min_insync: int
) -> None:
    with pytest.raises(ValueError, match="replicas_and_min_insync"):
        Durability(replicas, min_insync)


@pytest.mark.parametrize("topic", TOPOLOGY, ids=lambda topic: topic.name)
def test_in_production_no_record_is_acknowledged_on_one_broker_alone(topic: Topic[Any]) -> None:
    assert topic.config()["min.insync.replicas"] == "2"
