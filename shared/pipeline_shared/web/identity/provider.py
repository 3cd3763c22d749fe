"""The identity provider over HTTP: OpenID Connect with code and PKCE, refresh, and sign-out.

Its description and keys are fetched when they are first needed and kept. When the provider is away, one call waits for
it and the next ones are answered at once for a while, so that nobody's page hangs.
"""

import asyncio
import json
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import structlog
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline_shared.web.identity import claims
from pipeline_shared.web.identity.claims import Expected, Identity, LogoutNotice, RefusedTokenError
from pipeline_shared.web.identity.settings import PagesSettings

ANSWER_SECONDS = 4.0
AWAY_SECONDS = 10.0
DESCRIPTION_SECONDS = 3600.0
KEYS_SECONDS = 1.0  # between two fetches of the keys for a key that is not known
INVALID_GRANT = "invalid_grant"  # the code or the refresh token counts no longer
CALLBACK = "/sign-in/callback"
SIGNED_OUT = "/signed-out"

log = structlog.get_logger()


class ProviderAwayError(Exception):
    """The provider does not answer, or not as a provider does."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in under way: what the browser must bring back, and what only this site knows."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave: the proven person, and the tokens for asking again and for signing out."""

    identity: Identity
    refresh_token: str
    id_token: str


class Description(BaseModel):
    """The provider's description of itself, from its well-known address."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """The provider of one site."""

    def __init__(self, settings: PagesSettings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer
        self._address = (settings.oidc_address or settings.oidc_issuer).rstrip("/")
        ca_file = settings.oidc_ca_file
        self._client = AsyncOAuth2Client(
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            scope=settings.oidc_scopes,
            redirect_uri=settings.public_url + CALLBACK,
            code_challenge_method="S256",
            verify=ssl.create_default_context(cafile=str(ca_file)) if ca_file else True,
            timeout=ANSWER_SECONDS,
        )
        self._description: Description | None = None
        self._keys = KeySet([])
        self._described_at = self._keys_at = self._away_until = float("-inf")

    @property
    def is_away(self) -> bool:
        """Tell whether the provider did not answer a moment ago."""
        return time.monotonic() < self._away_until

    @property
    def origins(self) -> set[str]:
        """Return the origins that a form's answer may lead to, for the content security policy."""
        known = [self._issuer]
        if self._description:
            known += [self._description.authorization_endpoint, self._description.end_session_endpoint]
        return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, known) if parts.netloc}

    async def authorization_url(self, attempt: Attempt, *, step_up: bool = False, choose: bool = False) -> str:
        """Return the address where the person proves who they are; raise ProviderAwayError.

        `step_up` asks for a fresh authentication, `choose` for another account.
        """
        description = await self._describe()
        acr = {"acr_values": self._settings.oidc_step_up_acr} if self._settings.oidc_step_up_acr else {}
        asked = {"prompt": "login", "max_age": "0", **acr} if step_up else {"prompt": "login"} if choose else {}
        address, _ = self._client.create_authorization_url(
            description.authorization_endpoint,
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            **asked,
        )
        return address

    async def exchange(self, code: str, attempt: Attempt, issuer: str) -> Grant:
        """Return what a code stands for; raise RefusedTokenError, ProviderAwayError.

        `issuer` is the one that the callback named, which must be ours (RFC 9207).
        """
        description = await self._describe()
        if issuer != self._issuer and (issuer or description.authorization_response_iss_parameter_supported):
            raise RefusedTokenError("callback_issuer")
        tokens = await self._ask(
            self._client.fetch_token(
                description.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
        )
        return await self._grant(tokens, nonce=attempt.nonce)

    async def refresh(self, refresh_token: str, subject: str) -> Grant:
        """Return what the provider says of a person now; raise RefusedTokenError, ProviderAwayError."""
        description = await self._describe()
        tokens = await self._ask(self._client.refresh_token(description.token_endpoint, refresh_token=refresh_token))
        return await self._grant({"refresh_token": refresh_token, **tokens}, subject=subject)

    async def read_logout(self, token: str) -> LogoutNotice:
        """Return what a logout token says; raise RefusedTokenError, ProviderAwayError."""
        keys = await self._keys_for(token, patient=False)
        return claims.read_logout(token, keys, self._expected())

    async def sign_out_url(self, id_token: str) -> str:
        """Return the address where the person signs out of the provider, or our own page when it has none."""
        here = self._settings.public_url + SIGNED_OUT
        try:
            address = (await self._describe()).end_session_endpoint
        except ProviderAwayError:
            return here
        asked = {
            "id_token_hint": id_token,
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": here,
        }
        return f"{address}?{urlencode(asked)}" if address else here

    async def _grant(self, tokens: dict[str, Any], *, nonce: str | None = None, subject: str | None = None) -> Grant:
        id_token, refresh_token = tokens.get("id_token"), tokens.get("refresh_token")
        if not isinstance(id_token, str) or not isinstance(refresh_token, str):
            raise RefusedTokenError("token_missing")
        keys = await self._keys_for(id_token)
        groups = self._settings.oidc_roles_claim
        identity = claims.read_identity(
            id_token, keys, self._expected(), nonce=nonce, groups_claim=groups, subject=subject
        )
        return Grant(identity, refresh_token, id_token)

    def _expected(self) -> Expected:
        return Expected(self._issuer, self._settings.oidc_client_id, time.time())

    async def _describe(self) -> Description:
        """Return the provider's description, at most an hour old; raise ProviderAwayError."""
        now = time.monotonic()
        if self._description and now < self._described_at + DESCRIPTION_SECONDS:
            return self._description
        try:
            answer = await self._get(self._address + "/.well-known/openid-configuration")
            description = Description.model_validate_json(answer)
        except ValidationError:
            raise ProviderAwayError from None
        if description.issuer != self._issuer:
            raise ProviderAwayError
        self._description, self._described_at = description, now
        return description

    async def _keys_for(self, token: str, *, patient: bool = True) -> KeySet:
        """Return the provider's keys; fetch them again for a token with a key that is not known (rotation).

        They are fetched once a second at most: `patient` waits for that, for a token that the provider itself sent.
        """
        kid = claims.key_id_of(token)
        rest = self._keys_at + KEYS_SECONDS - time.monotonic()
        if self._knows(kid) or (rest > 0 and not patient):
            return self._keys
        await asyncio.sleep(max(0.0, rest))
        if not self._knows(kid):
            self._keys_at = time.monotonic()
            self._keys = _key_set(await self._get((await self._describe()).jwks_uri))
        return self._keys

    def _knows(self, kid: str) -> bool:
        return kid in {key.kid for key in self._keys.keys}

    async def _get(self, address: str) -> bytes:
        answer = await self._ask(self._client.request("GET", address, withhold_token=True))
        if answer.status_code != httpx2.codes.OK:
            raise ProviderAwayError
        return answer.content

    async def _ask(self, call: Any) -> Any:
        """Await a call to the provider; raise RefusedTokenError if it refuses, ProviderAwayError if it is away."""
        if self.is_away:
            call.close()
            raise ProviderAwayError
        try:
            answer = await call
        except OAuthError as error:
            if error.error != INVALID_GRANT:  # the fault is in our settings or theirs, and nobody has lost anything
                log.error("provider_refused", error="client" if "client" in str(error.error) else "other")
                raise ProviderAwayError from None
            raise RefusedTokenError(INVALID_GRANT) from None
        except (httpx2.HTTPError, OSError, ValueError):
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise ProviderAwayError from None
        self._away_until = float("-inf")
        return answer


def _key_set(answer: bytes) -> KeySet:
    """Return the keys in an answer of the provider; raise ProviderAwayError if it has none."""
    try:
        return KeySet.import_key_set(json.loads(answer))
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderAwayError from None
