"""The figures of a demonstration add up, and it ends only when nothing changes any more."""

from dataclasses import replace

from pipeline_local.outcomes import Outcomes

NOTHING = Outcomes(
    accepted=10,
    needed_reader=0,
    rang=0,
    on_top=0,
    sanitised=0,
    held_waiting=0,
    held=0,
    undecided=0,
    on_the_way=0,
    transferred=0,
    not_recorded=0,
    other_routes=0,
)
OVER = replace(NOTHING, sanitised=9, held=1, transferred=6, not_recorded=2, other_routes=1)


def test_accepted_is_the_sum_of_everything_else() -> None:
    for outcomes in (NOTHING, OVER, replace(OVER, transferred=4, on_the_way=2)):
        accepted, *others = outcomes.summary().values()
        assert accepted == sum(others)


def test_it_is_over_when_all_are_at_an_end_or_kept_held() -> None:
    assert OVER.is_settled()
    assert not NOTHING.is_settled()
    assert not replace(OVER, transferred=5, on_the_way=1).is_settled()
    assert not replace(OVER, held_waiting=1).is_settled()


def test_all_have_arrived_when_none_is_between_intake_and_a_person() -> None:
    assert not NOTHING.has_arrived()
    assert replace(NOTHING, undecided=8, held=2, held_waiting=2).has_arrived()
    assert OVER.has_arrived()
