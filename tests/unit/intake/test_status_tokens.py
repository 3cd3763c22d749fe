from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from intake_service.submissions.status_tokens import StatusTokens

OURS, OTHERS = StatusTokens(b"a" * 32), StatusTokens(b"b" * 32)


@given(ref=st.uuids())
def test_a_token_opens_to_its_reference_and_says_nothing_of_it(ref: UUID) -> None:
    token = OURS.seal(ref)
    assert OURS.open(token) == ref
    assert token == OURS.seal(ref) != ref


def test_a_token_made_by_somebody_else_opens_to_a_reference_that_nobody_has() -> None:
    ref = uuid4()
    assert OURS.open(OTHERS.seal(ref)) != ref
    assert OURS.open(ref) != ref
