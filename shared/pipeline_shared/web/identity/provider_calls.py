"""Calls to the identity provider: bounded in time and number, with every answer that is none told apart.

When the provider cannot be reached, the next calls fail at once for a while, so that nobody's page hangs. Only calls
that strangers cannot cause may say so: otherwise a stranger could switch off the checks of sessions.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar, cast

import httpx2
import structlog
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError

from pipeline_shared.runtime.tls import shared_client_tls
from pipeline_shared.web.identity.claims import RefusedTokenError
from pipeline_shared.web.identity.settings import PagesSettings

ANSWER_SECONDS = 4.0
AWAY_SECONDS = 10.0
MOST_BYTES = 512 * 1024
MOST_CODES_AT_ONCE = 8
INVALID_GRANT = "invalid_grant"  # the code or the refresh token counts no longer
# The fault is in our settings or at the provider, and nobody has lost anything (RFC 6749, 5.2).
NOBODYS_FAULT = frozenset(
    {
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "slow_down",
        "temporarily_unavailable",
        "unsupported_grant_type",
    }
)
NO_ANSWER = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, TypeError, ArithmeticError, RecursionError)

T = TypeVar("T")
log = structlog.get_logger()


class ProviderAwayError(Exception):
    """The provider does not answer, or not as a provider does."""


class ProviderCalls:
    """One client of the provider."""

    def __init__(self, settings: PagesSettings, redirect_uri: str) -> None:
        self._client = AsyncOAuth2Client(
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            scope=settings.oidc_scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            verify=shared_client_tls(settings.oidc_ca_file, peer="provider"),
            timeout=ANSWER_SECONDS,
        )
        self._client.session = None  # Authlib's finaliser deletes it, and it is set for its synchronous client only
        jar = cast("httpx2.AsyncClient", self._client).cookies.jar
        jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # people share this client
        for kind in ("access_token_response", "refresh_token_response"):
            self._client.register_compliance_hook(kind, _require_tokens)
        self._codes = asyncio.Semaphore(MOST_CODES_AT_ONCE)
        self._away_until = float("-inf")
        self._was_away = False

    @property
    def is_away(self) -> bool:
        """Tell whether the provider did not answer a moment ago."""
        return time.monotonic() < self._away_until

    @property
    def was_away(self) -> bool:
        """Tell whether the provider could not be reached at the last attempt."""
        return self._was_away

    def authorization_url(self, endpoint: str, asked: Mapping[str, str]) -> str:
        """Return the address where a person proves who they are."""
        return self._client.create_authorization_url(endpoint, **asked)[0]

    async def get(self, address: str) -> bytes:
        """Return a document of the provider; raise ProviderAwayError."""
        answer = await self._watched(self._bounded(self._client.request("GET", address, withhold_token=True)))
        if answer.status_code != HTTPStatus.OK or len(answer.content) > MOST_BYTES:
            raise ProviderAwayError
        return answer.content

    async def exchange(self, endpoint: str, code: str, verifier: str) -> dict[str, Any]:
        """Return the tokens for a code, which a stranger may have made up.

        Raises RefusedTokenError, ProviderAwayError.
        """
        if self._codes.locked():
            raise ProviderAwayError
        async with self._codes:
            return await self._tokens(
                self._client.fetch_token(endpoint, grant_type="authorization_code", code=code, code_verifier=verifier)
            )

    async def refresh(self, endpoint: str, refresh_token: str) -> dict[str, Any]:
        """Return the tokens for a refresh token; raise RefusedTokenError, ProviderAwayError."""
        asked = self._client.refresh_token(endpoint, refresh_token=refresh_token)
        return {"refresh_token": refresh_token, **await self._watched(self._tokens(asked))}

    async def _tokens(self, call: Awaitable[Any]) -> dict[str, Any]:
        try:
            return dict(await self._bounded(call))
        finally:
            self._client.token = None  # the client keeps the last person's otherwise

    async def _bounded(self, call: Awaitable[T]) -> T:
        """Await one call; raise ProviderAwayError when there is no sensible answer in time."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await call
        except OAuthError as error:  # an answer that is no list of names and values
            raise ProviderAwayError from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ReadTimeout, TimeoutError) as error:
            raise UnreachableError from error
        except NO_ANSWER:
            raise ProviderAwayError from None

    async def _watched(self, call: Awaitable[T]) -> T:
        """Await a call that tells whether the provider can be reached."""
        if self.is_away:
            if asyncio.iscoroutine(call):
                call.close()
            raise ProviderAwayError
        try:
            answer = await call
        except UnreachableError:
            self._away_until = time.monotonic() + AWAY_SECONDS
            self._note(is_away=True)
            raise
        self._note(is_away=False)
        return answer

    def _note(self, *, is_away: bool) -> None:
        if is_away is not self._was_away:
            self._was_away = is_away
            (log.error if is_away else log.info)("provider_away" if is_away else "provider_back")


class UnreachableError(ProviderAwayError):
    """There is no connection to the provider, or no answer in time."""


def _require_tokens(answer: httpx2.Response) -> httpx2.Response:
    """Pass an answer with tokens on; raise RefusedTokenError for a refusal, ProviderAwayError for anything else."""
    if answer.status_code == HTTPStatus.OK and len(answer.content) <= MOST_BYTES:
        return answer
    code = _error_in(answer)
    if not code or code in NOBODYS_FAULT or answer.status_code in {429, *range(500, 600)}:
        log.error("provider_refused", error=code if code in NOBODYS_FAULT else "other", status=answer.status_code)
        raise ProviderAwayError
    raise RefusedTokenError(INVALID_GRANT)


def _error_in(answer: httpx2.Response) -> str:
    """Return the error code of an answer, or an empty text."""
    try:
        found = json.loads(answer.content)
    except NO_ANSWER:
        return ""
    code = found.get("error") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""
