"""The state machine of a transfer, with a police system that may do anything at any moment."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.support.building import NOW
from transfer_service.domain import (
    LONGEST_DELAY,
    UNCLEAR_LIMIT,
    Confirm,
    Held,
    NotHeld,
    Park,
    PoliceAnswer,
    Refused,
    Request,
    Transfer,
    Unclear,
    Unreachable,
    Wait,
    delay_after,
    discloses,
    first_request,
    next_step,
    settle,
)

OURS, THEIRS = "a" * 64, "b" * 64
ANSWERS = st.one_of(
    st.builds(Held, st.just("NP/2026/000001"), st.sampled_from([OURS, THEIRS])),
    st.just(NotHeld()),
    st.builds(Refused, st.just("status_422")),
    st.builds(Unclear, st.just("TimeoutError")),
    st.builds(Unreachable, st.just("ClientConnectorError")),
)


def transfer(*, in_doubt: bool = False, attempts: int = 1, unclear: int = 0) -> Transfer:
    return Transfer(UUID(int=1), UUID(int=2), OURS, b"{}", attempts, in_doubt, NOW, unclear)


def test_a_fresh_transfer_is_created_at_once() -> None:
    assert first_request(transfer()) is Request.CREATE


def test_a_transfer_in_doubt_is_looked_up_first() -> None:
    assert first_request(transfer(in_doubt=True)) is Request.LOOK_UP


def test_a_transfer_that_is_not_held_is_created_after_the_look_up() -> None:
    assert next_step(transfer(in_doubt=True), Request.LOOK_UP, NotHeld()) is Request.CREATE


def test_the_same_digest_found_by_a_look_up_is_the_receipt() -> None:
    step = next_step(transfer(in_doubt=True), Request.LOOK_UP, Held("NP/2026/000001", OURS))
    assert step == Confirm("NP/2026/000001")


def test_another_digest_found_by_a_look_up_is_parked() -> None:
    assert next_step(transfer(), Request.LOOK_UP, Held("NP/2026/000001", THEIRS)) == Park("other_content_held")


def test_another_digest_in_the_answer_to_a_creation_is_a_doubt_and_no_verdict() -> None:
    step = next_step(transfer(), Request.CREATE, Held("NP/2026/000001", THEIRS))
    assert isinstance(step, Wait)
    assert step.in_doubt


def test_a_police_system_that_is_away_leaves_a_fresh_transfer_without_doubt() -> None:
    step = next_step(transfer(), Request.CREATE, Unreachable("ClientConnectorError"))
    assert isinstance(step, Wait)
    assert not step.in_doubt


@given(st.sampled_from(Request), ANSWERS, st.integers(1, 10_000))
def test_only_a_look_up_that_finds_nothing_leads_to_another_request(
    asked: Request, answer: PoliceAnswer, attempts: int
) -> None:
    step = next_step(transfer(attempts=attempts), asked, answer)
    assert isinstance(step, Request) == (asked is Request.LOOK_UP and answer == NotHeld())


@given(st.sampled_from(Request), ANSWERS)
def test_a_transfer_is_confirmed_only_by_its_own_digest(asked: Request, answer: PoliceAnswer) -> None:
    step = next_step(transfer(), asked, answer)
    assert isinstance(step, Confirm) == (isinstance(answer, Held) and answer.digest == OURS)


@given(st.sampled_from(Request), ANSWERS.filter(lambda a: isinstance(a, Unclear | Unreachable)))
def test_nothing_is_parked_because_the_police_system_is_in_trouble(asked: Request, answer: PoliceAnswer) -> None:
    assert isinstance(next_step(transfer(), asked, answer), Wait)


def test_a_record_that_alone_stays_unclear_while_others_arrive_is_parked_in_the_end() -> None:
    unclear, rounds = 0, 0
    while True:
        rounds += 1
        claimed = transfer(in_doubt=True, attempts=rounds, unclear=unclear)
        step = next_step(claimed, Request.CREATE, Unclear("status_500"))
        assert not isinstance(step, Request)
        outcome = settle(claimed, step, others_arrive=True)
        if not isinstance(outcome, Wait):
            break
        unclear += outcome.counts
    assert (outcome, rounds) == (Park("undecided:status_500"), UNCLEAR_LIMIT)


@given(st.sampled_from(Request), ANSWERS)
def test_what_meets_every_record_never_counts_against_one(asked: Request, answer: PoliceAnswer) -> None:
    worn = transfer(unclear=UNCLEAR_LIMIT - 1)
    step = next_step(worn, asked, answer)
    if isinstance(step, Wait):
        alone = settle(worn, step, others_arrive=False)
        assert isinstance(alone, Wait)
        assert not alone.counts
        parked = isinstance(settle(worn, step, others_arrive=True), Park)
        assert parked == (not isinstance(answer, Unreachable))


@given(st.sampled_from(Request), ANSWERS)
def test_a_look_up_and_a_connection_that_was_never_made_disclose_nothing(asked: Request, answer: PoliceAnswer) -> None:
    assert discloses(asked, answer) == (asked is Request.CREATE and not isinstance(answer, Unreachable))


def test_a_server_that_refuses_us_has_been_sent_the_record_all_the_same() -> None:
    assert discloses(Request.CREATE, Unreachable("status_404", reached=True))


@given(st.integers(1, 10_000))
def test_a_transfer_never_rests_longer_than_the_limit(attempts: int) -> None:
    assert timedelta(0) < delay_after(attempts) <= LONGEST_DELAY
    assert delay_after(attempts) <= delay_after(attempts + 1)


@dataclass(slots=True)
class NaivePolice:
    """A police system that does not know our keys and creates a record for every request."""

    created: list[str] = field(default_factory=list[str])

    def ask(self, request: Request, fate: str) -> PoliceAnswer:
        if fate == "lost before":
            return Unreachable("ClientConnectorError")
        if request is Request.CREATE and fate != "failed before":
            self.created.append(OURS)
        if fate in {"failed before", "lost after"}:
            return Unclear("TimeoutError")
        return Held("NP/2026/000001", OURS) if self.created else NotHeld()


FATES = st.lists(st.sampled_from(["well", "lost before", "failed before", "lost after"]), max_size=30)


@given(FATES, st.lists(st.booleans(), max_size=30))
def test_whatever_is_lost_and_whoever_crashes_a_record_is_created_at_most_once(
    fates: list[str], crashes: list[bool]
) -> None:
    police, in_doubt, coming, attempts = NaivePolice(), False, [*fates, *["well"] * 4], 0
    crashing = [*crashes, *[False] * 40]
    while True:
        attempts += 1
        claimed = transfer(in_doubt=in_doubt, attempts=attempts)
        step, in_doubt = first_request(claimed), True  # the claim is stored before anything is sent
        while isinstance(step, Request) and coming:
            step = next_step(claimed, step, police.ask(step, coming.pop(0)))
        if isinstance(step, Confirm):
            break
        if not crashing.pop(0) and isinstance(step, Wait):
            in_doubt = step.in_doubt
        coming = coming or ["well"] * 2
    assert len(police.created) == 1
