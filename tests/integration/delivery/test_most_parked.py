"""When nothing can be handled, few records are parked and the rest wait until the cause is mended."""

import pytest

from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.runtime.errors import ParkingLimitError, PermanentError
from tests.support.delivering import Delivering, a_record, an_event


async def test_a_release_that_can_handle_nothing_parks_few_and_keeps_the_rest_in_hand_until_it_is_mended(
    delivering: Delivering,
) -> None:
    events = [an_event() for _ in range(200)]
    records = list(map(a_record, events))
    delivering.effects.failures = {event.event_id: [PermanentError("bad_release")] * 10**6 for event in events}
    for _ in range(5):
        with pytest.raises(ParkingLimitError):
            await delivering.deliver(*records)
    parked = [record for record in records if await delivering.parked(record)]
    assert len(parked) == MOST
    delivering.effects.failures.clear()
    await delivering.deliver(*records)
    for record in parked:
        await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    await delivering.deliver(*records)
    assert [await delivering.times(event) for event in events] == [1] * 200


async def test_a_topic_of_which_nothing_can_be_read_parks_few_and_goes_on_when_it_can_be(
    delivering: Delivering,
) -> None:
    unreadable, event = [a_record(b"{}") for _ in range(MOST)], an_event()
    await delivering.deliver(*unreadable)
    with pytest.raises(ParkingLimitError):
        await delivering.deliver(*unreadable, a_record(b"one more"))
    await delivering.deliver(*unreadable, a_record(event))  # a parked record blocks nothing
    assert await delivering.times(event) == 1


async def test_poison_among_records_that_can_be_handled_is_parked_as_ever(delivering: Delivering) -> None:
    events = [an_event() for _ in range(150)]
    poison = [a_record(b"{}") for _ in range(MOST + 30)]
    await delivering.deliver(*map(a_record, events))
    await delivering.deliver(*poison)
    assert all([await delivering.parked(record) for record in poison])
