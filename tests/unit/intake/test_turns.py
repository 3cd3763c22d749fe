"""Waiting in turn: any number of items from one sender delays another sender by at most one of them."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from intake_service.screening.turns import Turns

SENDERS = [UUID(int=n) for n in range(5)]
ARRIVALS = st.lists(st.tuples(st.sampled_from(SENDERS), st.booleans()), max_size=60)


@given(arrivals=ARRIVALS)
def test_each_sender_is_served_once_before_any_is_served_twice(arrivals: list[tuple[UUID, bool]]) -> None:
    """For every order of arrivals: between an item's arrival and its turn, each other sender has at most one turn."""
    turns: Turns[tuple[UUID, int]] = Turns(1_000)
    waiting: dict[UUID, list[int]] = {}
    taken_since: dict[UUID, list[UUID]] = {}
    for number, (sender, is_taken) in enumerate(arrivals):
        assert turns.add(sender, (sender, number), 1)
        taken_since.setdefault(sender, []) if not waiting.get(sender) else None
        waiting.setdefault(sender, []).append(number)
        if is_taken:
            first = turns.take()
            assert first
            served, what = first
            assert waiting[served].pop(0) == what  # in the order of arrival
            others = taken_since.pop(served)
            assert len(others) == len(set(others))  # no sender twice meanwhile
            for since in taken_since.values():
                since.append(served)
            if waiting[served]:
                taken_since[served] = []
    while turns.take():
        pass
    assert turns.take() is None


@given(sizes=st.lists(st.integers(1, 50), max_size=30))
def test_of_one_sender_only_so_much_may_wait_and_of_the_others_as_much(sizes: list[int]) -> None:
    turns: Turns[int] = Turns(100)
    taken = [size for size in sizes if turns.add(SENDERS[0], size, size)]
    assert sum(taken) <= 100
    assert taken == sizes or sum(taken) > 50
    assert turns.add(SENDERS[1], 0, 100)
    for size in taken:
        turns.take()
        if turns.take() is None:
            break
        assert size


def test_what_is_larger_than_all_that_may_wait_still_gets_its_turn() -> None:
    turns: Turns[str] = Turns(100)
    assert turns.add(SENDERS[0], "large", 1_000)
    assert not turns.add(SENDERS[0], "another", 1)
    assert turns.take() == "large"
    assert turns.add(SENDERS[0], "another", 1)
