"""The identity provider of one site: OpenID Connect with code and PKCE, refresh, and sign-out."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.retry import pause
from pipeline_shared.web.identity import claims
from pipeline_shared.web.identity.claims import Expected, Identity, LogoutNotice, RefusedTokenError
from pipeline_shared.web.identity.provider_calls import ProviderAwayError, ProviderCalls
from pipeline_shared.web.identity.provider_keys import ProviderKeys
from pipeline_shared.web.identity.settings import PagesSettings

DESCRIPTION_SECONDS = 3600.0
RETRY_SECONDS = 10.0
PROBE_SECONDS = 30.0
CALLBACK = "/sign-in/callback"
SIGNED_OUT = "/signed-out"

Address = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.\-:\[\]]+(/[\x21-\x7e]*)?$", max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: `state` comes back through the browser, nonce and verifier stay with this site."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class ProviderTokens:
    """The provider's tokens: for asking again, and what it says about a person."""

    refresh_token: str
    id_token: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave: the proven person, and the tokens."""

    identity: Identity
    tokens: ProviderTokens


class Description(BaseModel):
    """The provider's description of itself, from its well-known address."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: Address
    token_endpoint: Address
    jwks_uri: Address
    end_session_endpoint: Address | None = None
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """The provider of one site."""

    def __init__(self, settings: PagesSettings) -> None:
        self._settings = settings
        self._address = (settings.oidc_address or settings.oidc_issuer).rstrip("/")
        self._calls = ProviderCalls(settings, settings.public_url + CALLBACK)
        self._keys = ProviderKeys(self._fetch_keys)
        self._description: Description | None = None
        self._described_at = float("-inf")
        self._describing = asyncio.Lock()

    @property
    def is_away(self) -> bool:
        """Tell whether the provider did not answer a moment ago."""
        return self._calls.is_away

    def report(self, metrics: Metrics) -> None:
        """Set the gauge that says whether the provider could be reached at the last attempt."""
        metrics.provider_away.set(self._calls.was_away)

    @property
    def origins(self) -> set[str]:
        """Return the origins that a form's answer may lead to, for the content security policy."""
        known = [self._settings.oidc_issuer]
        if self._description:
            known += [self._description.authorization_endpoint, self._description.end_session_endpoint or ""]
        return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, known) if parts.netloc}

    async def follow(self, stop: asyncio.Event) -> None:
        """Keep the description and the keys fresh until `stop`, so that no request has to wait for them.

        It asks twice a minute, so that operations learn that the provider is away before somebody wants to sign in.
        """
        while not stop.is_set():
            try:
                await self._describe(PROBE_SECONDS)
                await self._keys.known()
            except ProviderAwayError:
                pass  # the calls have told the log
            await pause(stop, RETRY_SECONDS)

    async def authorization_url(self, attempt: Attempt, *, step_up: bool = False, choose: bool = False) -> str:
        """Return the address where the person proves who they are; raise ProviderAwayError.

        `step_up` asks for a fresh authentication, `choose` for another account.
        """
        asked = {"state": attempt.state, "nonce": attempt.nonce, "code_verifier": attempt.verifier}
        asked["max_age"] = str(0 if step_up else self._settings.oidc_max_age_seconds)
        if step_up or choose:
            asked["prompt"] = "login"
        if step_up and self._settings.oidc_step_up_acr:
            asked["acr_values"] = self._settings.oidc_step_up_acr
        return self._calls.authorization_url((await self._describe()).authorization_endpoint, asked)

    async def exchange(self, code: str, attempt: Attempt, issuer: str) -> Grant:
        """Return what a code stands for; raise RefusedTokenError, ProviderAwayError.

        `issuer` is the one that the callback named, which must be ours (RFC 9207).
        """
        description = await self._describe()
        if issuer != description.issuer and (issuer or description.authorization_response_iss_parameter_supported):
            raise RefusedTokenError("callback_issuer")
        await self._keys.known()
        tokens = _tokens_in(await self._calls.exchange(description.token_endpoint, code, attempt.verifier))
        return Grant(await self.read(tokens, nonce=attempt.nonce), tokens)

    async def refresh(self, refresh_token: str) -> ProviderTokens:
        """Return new tokens for a refresh token, which may be used up by this; raise as `exchange` does."""
        description = await self._describe()
        await self._keys.known()
        return _tokens_in(await self._calls.refresh(description.token_endpoint, refresh_token))

    async def read(self, tokens: ProviderTokens, *, nonce: str | None = None, subject: str | None = None) -> Identity:
        """Return whom an ID token proves; raise RefusedTokenError, ProviderAwayError."""
        keys = await self._keys.for_token(tokens.id_token)
        groups = self._settings.oidc_roles_claim
        return claims.read_identity(
            tokens.id_token, keys, self._expected(), nonce=nonce, groups_claim=groups, subject=subject
        )

    async def read_logout(self, token: str) -> LogoutNotice:
        """Return what a logout token says; raise RefusedTokenError, ProviderAwayError."""
        keys = await self._keys.for_token(token, patient=False)
        return claims.read_logout(token, keys, self._expected())

    async def sign_out_url(self, id_token: str) -> str:
        """Return the address where the person signs out of the provider, or our own page when it has none."""
        here = self._settings.public_url + SIGNED_OUT
        try:
            address = (await self._describe()).end_session_endpoint
        except ProviderAwayError:
            return here
        asked = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": here}
        asked |= {"id_token_hint": id_token} if id_token else {}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}" if address else here

    def _expected(self) -> Expected:
        return Expected(self._settings.oidc_issuer, self._settings.oidc_client_id, time.time())

    async def _fetch_keys(self) -> bytes:
        return await self._calls.get((await self._describe()).jwks_uri)

    async def _describe(self, oldest: float = DESCRIPTION_SECONDS) -> Description:
        """Return the provider's description, at most so many seconds old; raise ProviderAwayError."""
        async with self._describing:
            if self._description and time.monotonic() < self._described_at + oldest:
                return self._description
            answer = await self._calls.get(self._address + "/.well-known/openid-configuration")
            try:
                description = Description.model_validate_json(answer)
            except ValidationError:
                raise ProviderAwayError from None
            if description.issuer != self._settings.oidc_issuer:
                raise ProviderAwayError
            self._description, self._described_at = description, time.monotonic()
            return description


def _tokens_in(answer: dict[str, Any]) -> ProviderTokens:
    """Return the tokens of an answer; raise RefusedTokenError when one is missing: then nothing can be checked."""
    id_token, refresh_token = answer.get("id_token"), answer.get("refresh_token")
    if not isinstance(id_token, str) or not isinstance(refresh_token, str):
        raise RefusedTokenError("token_missing")
    return ProviderTokens(refresh_token, id_token)
