"""Token buckets: never more tokens at once than the bucket holds, never more over time than its rate."""

from hypothesis import given
from hypothesis import strategies as st

from intake_service.agencies.limits import BYTES_A_TOKEN, Limit, RateLimitedError, cost_of

LIMITS = st.builds(Limit, per_minute=st.integers(1, 10_000), burst=st.integers(1, 10_000))


@given(limit=LIMITS, requests=st.lists(st.tuples(st.floats(0, 100), st.integers(1, 20)), max_size=50))
def test_what_is_allowed_is_never_more_than_the_bucket_and_what_came_back(
    limit: Limit, requests: list[tuple[float, int]]
) -> None:
    now = full_at = spent = 0.0
    for pause, tokens in requests:
        now += pause
        if limit.wait(full_at - now, tokens) <= 0:
            full_at = max(full_at, now) + limit.seconds(tokens)
            spent += min(tokens, limit.burst)
    assert spent <= limit.burst + now * limit.per_minute / 60 + 1e-6 * len(requests)


@given(per_minute=st.integers(1, 10_000), burst=st.integers(1, 200))
def test_of_requests_at_once_as_many_are_allowed_as_the_bucket_holds(per_minute: int, burst: int) -> None:
    limit, full_in, allowed = Limit(per_minute, burst), 0.0, 0
    while limit.wait(full_in, 1) <= 1e-6 and allowed <= burst:
        full_in += limit.seconds(1)
        allowed += 1
    assert allowed == burst


@given(limit=LIMITS, tokens=st.integers(1, 50), full_in=st.floats(0, 1e6))
def test_after_the_wait_the_same_request_is_allowed(limit: Limit, tokens: int, full_in: float) -> None:
    full_in = min(full_in, limit.depth)
    wait = limit.wait(full_in, tokens)
    assert 0 <= wait <= limit.depth + 1e-6
    assert limit.wait(full_in - wait - 1e-6, tokens) == 0
    assert RateLimitedError(wait).retry_after >= wait


@given(limit=LIMITS, tokens=st.integers(1, 10**6))
def test_a_full_bucket_refuses_nothing(limit: Limit, tokens: int) -> None:
    assert limit.wait(0, tokens) == 0


def test_a_body_costs_more_the_larger_it_is() -> None:
    assert [cost_of(bytes(size)) for size in (0, BYTES_A_TOKEN - 1, BYTES_A_TOKEN, 16 * BYTES_A_TOKEN)] == [1, 1, 2, 17]
