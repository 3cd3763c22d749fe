"""Production refuses a cluster that could lose acknowledged records with one broker, and says every reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_admin.cluster_promise import OFFSETS, reasons_to_refuse
from pipeline_shared.messaging.promise import UNCLEAN
from pipeline_shared.messaging.topics import ONE_BROKER, PRODUCTION, Durability

RIGHT = {UNCLEAN: "false", OFFSETS: "3"}


def test_three_careful_brokers_keep_the_promise() -> None:
    assert list(reasons_to_refuse([RIGHT] * 3, PRODUCTION)) == []
    assert list(reasons_to_refuse([RIGHT] * 5, Durability(3, 3))) == []


@pytest.mark.parametrize("brokers", [0, 1, 2])
def test_fewer_brokers_than_replicas_are_refused(brokers: int) -> None:
    assert list(reasons_to_refuse([RIGHT] * brokers, PRODUCTION)) == [f"there are {brokers} brokers for 3 replicas"]


def test_one_broker_is_refused_even_when_only_one_is_asked_for() -> None:
    (reason,) = reasons_to_refuse([RIGHT], ONE_BROKER)
    assert "PROVISION_KAFKA_MIN_INSYNC" in reason


@pytest.mark.parametrize("value", ["true", "TRUE", "yes"])
@pytest.mark.parametrize("careless", [0, 1, 2])
def test_one_broker_with_unclean_elections_is_enough_for_a_refusal(careless: int, value: str) -> None:
    brokers = [{**RIGHT, UNCLEAN: value} if number == careless else RIGHT for number in range(3)]
    (reason,) = reasons_to_refuse(brokers, PRODUCTION)
    assert reason.startswith(f"{UNCLEAN} is on")


@pytest.mark.parametrize("factor", ["1", "2", None])
def test_positions_on_too_few_brokers_are_refused(factor: str | None) -> None:
    (reason,) = reasons_to_refuse([{**RIGHT, OFFSETS: factor}] * 3, PRODUCTION)
    assert reason.startswith(f"{OFFSETS} is less than 3")


@given(brokers=st.integers(0, 6), replicas=st.integers(1, 6), unclean=st.sampled_from(["true", "false"]))
def test_a_cluster_without_a_reason_keeps_each_record_on_two_brokers(brokers: int, replicas: int, unclean: str) -> None:
    durability = Durability(replicas, min(2, replicas))
    settings = [{UNCLEAN: unclean, OFFSETS: str(replicas)}] * brokers
    if not list(reasons_to_refuse(settings, durability)):
        assert brokers >= replicas >= durability.min_insync == 2
        assert unclean == "false"
