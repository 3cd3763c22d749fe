"""What a provider may answer: a refusal ends a session, everything else leaves it, and no stranger can say which."""

from collections.abc import Callable

import httpx2
import pytest
from pydantic import SecretStr

from pipeline_shared.web.identity.claims import RefusedTokenError
from pipeline_shared.web.identity.provider_calls import ProviderAwayError, ProviderCalls
from pipeline_shared.web.identity.provider_keys import ProviderKeys
from tests.unit.shared.web.builders import SETTINGS

ENDPOINT = "https://provider.example/token"
Answer = Callable[[httpx2.Request], httpx2.Response]


def calls_to(answer: Answer) -> ProviderCalls:
    calls = ProviderCalls(SETTINGS.model_copy(update={"oidc_client_secret": SecretStr("s")}), "https://x.example/cb")
    calls._client._transport = httpx2.MockTransport(answer)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return calls


def always(status: int, content: str) -> Answer:
    return lambda _request: httpx2.Response(status, content=content, headers={"content-type": "application/json"})


@pytest.mark.parametrize("code", ["invalid_grant", "access_denied", "unauthorized_client", "interaction_required", "x"])
async def test_a_refusal_of_a_person_is_a_refusal(code: str) -> None:
    calls = calls_to(always(400, f'{{"error": "{code}"}}'))
    with pytest.raises(RefusedTokenError):
        await calls.refresh(ENDPOINT, "r")
    assert not calls.is_away


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, '{"error": "invalid_client"}'),
        (400, '{"error": "temporarily_unavailable"}'),
        (400, '{"error": null}'),
        (400, '{"error": {"a": 1}}'),
        (400, "<html>"),
        (403, "<html>"),
        (429, '{"message": "slow down"}'),
        (429, '{"error": "access_denied"}'),
        (500, '{"error": "invalid_grant"}'),
        (302, ""),
        (200, "[]"),
        (200, "<html>"),
        (200, "[" * 50_000),
        (200, '{"access_token": "a", "expires_in": [1]}'),
        (200, '{"access_token": "a", "expires_in": 1e999}'),
        (200, "x" * 600_000),
    ],
)
async def test_what_is_no_answer_about_a_person_ends_nothing_and_stops_no_check(status: int, content: str) -> None:
    calls = calls_to(always(status, content))
    for call in (calls.refresh(ENDPOINT, "r"), calls.exchange(ENDPOINT, "c", "v")):
        with pytest.raises(ProviderAwayError):
            await call
    assert not calls.is_away


def _refuse_connection(_request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("no")


async def test_without_a_connection_the_next_calls_fail_at_once_but_a_stranger_cannot_cause_it() -> None:
    calls = calls_to(_refuse_connection)
    with pytest.raises(ProviderAwayError):
        await calls.exchange(ENDPOINT, "made up", "v")
    assert not calls.is_away
    with pytest.raises(ProviderAwayError):
        await calls.refresh(ENDPOINT, "r")
    assert calls.is_away


async def test_the_tokens_of_one_person_are_not_kept_for_the_next() -> None:
    answer = '{"access_token": "a", "id_token": "i", "refresh_token": "r2"}'
    seen: list[str] = []

    def note(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("cookie", ""))
        return httpx2.Response(200, content=answer, headers={"set-cookie": "who=one; Path=/"})

    calls = calls_to(note)
    assert (await calls.refresh(ENDPOINT, "r"))["refresh_token"] == "r2"
    await calls.refresh(ENDPOINT, "r3")
    assert seen == ["", ""]
    assert not calls._client.token  # pyright: ignore[reportPrivateUsage]


KEY = '{"kty":"oct","kid":"a","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}'


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"keys": 1}', '{"keys": []}', '{"keys": [1, {}]}', "[" * 50_000])
async def test_a_document_without_a_usable_key_is_no_key_set(document: str) -> None:
    async def fetch() -> bytes:
        return document.encode()

    with pytest.raises(ProviderAwayError):
        await ProviderKeys(fetch).known()


async def test_a_key_that_cannot_be_used_does_not_spoil_the_others() -> None:
    async def fetch() -> bytes:
        return f'{{"keys": [{{"kty": "EC", "crv": "P-9999"}}, {{"kty": "new"}}, {KEY}]}}'.encode()

    assert [key.kid for key in (await ProviderKeys(fetch).known()).keys] == ["a"]
