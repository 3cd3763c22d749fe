"""Delivery on a real database: each record has its effect once, in one transaction with its batch."""

import asyncio

from tests.support.delivering import Delivering, a_record, an_event


async def test_a_batch_has_its_effects_in_one_transaction(delivering: Delivering) -> None:
    events = [an_event() for _ in range(20)]
    await delivering.deliver(*map(a_record, events))
    assert delivering.effects.calls == 1
    assert [await delivering.times(event) for event in events] == [1] * 20


async def test_an_event_that_arrives_again_has_no_second_effect(delivering: Delivering) -> None:
    event, other = an_event(), an_event()
    await delivering.deliver(a_record(event), a_record(event))
    await delivering.deliver(a_record(event), a_record(other))
    assert (await delivering.times(event), await delivering.times(other)) == (1, 1)


async def test_each_step_that_reads_an_event_has_its_effect(delivering: Delivering) -> None:
    event = an_event()
    for step in ("", "flag", "flag", ""):
        await delivering.deliverer_of(delivering.effects, step=step).deliver([a_record(event)])
    assert await delivering.times(event) == 2


async def test_two_members_of_a_group_with_the_same_event_give_one_effect(delivering: Delivering) -> None:
    event = an_event()
    await asyncio.gather(*(delivering.deliver(a_record(event)) for _ in range(10)))
    assert await delivering.times(event) == 1


async def test_a_record_that_fails_once_succeeds_later_and_the_others_go_on(delivering: Delivering) -> None:
    events = [an_event() for _ in range(3)]
    # the first failure ends the batch, the second ends the first try alone
    delivering.effects.failures[events[1].event_id] = [RuntimeError("x"), RuntimeError("x")]
    await delivering.deliver(*map(a_record, events))
    assert [await delivering.times(event) for event in events] == [1, 1, 1]
