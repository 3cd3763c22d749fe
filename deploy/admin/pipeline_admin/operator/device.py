"""The sign-in of a device: a person approves a code in a browser, and this computer gets the proof (RFC 8628)."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Self, TypeVar

import httpx2
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field, ValidationError

from pipeline_admin.operator.refusal import OperatorError
from pipeline_admin.operator.settings import IdentitySettings
from pipeline_shared.web.identity.claims import Expected, Identity, RefusedTokenError, read_identity
from pipeline_shared.web.identity.provider_calls import MOST_BYTES, ProviderAwayError
from pipeline_shared.web.identity.provider_keys import usable_keys

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ANSWER_SECONDS = 10.0
LONGEST_SECONDS = 900
SLOWER_SECONDS = 5
STILL_WAITING = frozenset({"authorization_pending", "slow_down"})
NO_ANSWER = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, TypeError, RecursionError)

T = TypeVar("T", bound=BaseModel)
Address = Annotated[str, Field(pattern=r"^https://[\x21-\x3f\x41-\x7e]+$", max_length=2_000)]


class Description(BaseModel):
    """The provider's description of itself."""

    issuer: str
    token_endpoint: Address
    jwks_uri: Address
    device_authorization_endpoint: Address | None = None
    revocation_endpoint: Address | None = None


class DeviceCode(BaseModel):
    """A code that a person approves in a browser. Times are in seconds."""

    device_code: str
    user_code: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,40}$")]
    verification_uri: Address
    verification_uri_complete: Address | None = None
    expires_in: Annotated[int, Field(gt=0)]
    interval: Annotated[int, Field(gt=0, le=60)] = 5


class Tokens(BaseModel):
    """What the provider gives for an approved code or a refresh token. A refresh may leave out what stays the same."""

    id_token: str
    refresh_token: str = ""


@dataclass(frozen=True, slots=True)
class DeviceProvider:
    """The provider, asked by one command."""

    settings: IdentitySettings
    client: httpx2.Client
    described: Description

    @classmethod
    def find(cls, settings: IdentitySettings) -> Self:
        """Return the provider; raise OperatorError if it does not answer as itself."""
        try:
            client = httpx2.Client(verify=settings.tls(), timeout=ANSWER_SECONDS)
        except OSError:
            raise OperatorError("provider_away", "its authority cannot be read") from None
        described = _parsed(Description, _ask(client, "GET", settings.description_url))
        if described.issuer != settings.issuer:
            raise OperatorError("provider_away", "another issuer answers")
        return cls(settings, client, described)

    def start(self) -> DeviceCode:
        """Return a new code for a person to approve; raise OperatorError."""
        endpoint = self.described.device_authorization_endpoint
        if not endpoint:
            raise OperatorError("no_device_sign_in")
        if self.settings.address:  # Keycloak names it by the address for browsers, its other endpoints by this one
            endpoint = endpoint.replace(self.settings.issuer, self.settings.address, 1)
        asked = {"client_id": self.settings.client_id, "scope": self.settings.scopes}
        return _parsed(DeviceCode, _ask(self.client, "POST", endpoint, asked))

    def wait(self, code: DeviceCode) -> Tokens:
        """Return the tokens as soon as a person has approved the code; raise OperatorError."""
        asked = {"grant_type": DEVICE_CODE, "device_code": code.device_code, "client_id": self.settings.client_id}
        for answer in self._asked_again(asked, code):
            if answer.is_success:
                return _parsed(Tokens, answer)
            if _error_in(answer) not in STILL_WAITING:
                break
        raise OperatorError("not_approved")

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; raise OperatorError if the provider has ended the sign-in."""
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self.settings.client_id}
        answer = _send(self.client, "POST", self.described.token_endpoint, asked)
        if _error_in(answer) == "invalid_grant":
            raise OperatorError("sign_in_ended")
        tokens = _parsed(Tokens, _successful(answer))
        return tokens.model_copy(update={"refresh_token": tokens.refresh_token or refresh_token})

    def revoke(self, refresh_token: str) -> bool:
        """End the sign-in at the provider (RFC 7009); return whether it did. Raises OperatorError."""
        if not self.described.revocation_endpoint:
            return False
        asked = {"token": refresh_token, "token_type_hint": "refresh_token", "client_id": self.settings.client_id}
        return _send(self.client, "POST", self.described.revocation_endpoint, asked).status_code == HTTPStatus.OK

    def read(self, tokens: Tokens) -> Identity:
        """Return whom the tokens prove; raise OperatorError."""
        expected = Expected(self.settings.issuer, self.settings.client_id, time.time())
        try:
            keys = KeySet(usable_keys(_ask(self.client, "GET", self.described.jwks_uri).content))
            return read_identity(tokens.id_token, keys, expected, nonce=None, groups_claim=self.settings.roles_claim)
        except ProviderAwayError:
            raise OperatorError("provider_away") from None
        except RefusedTokenError as refused:
            raise OperatorError("sign_in_ended", refused.code) from None

    def _asked_again(self, asked: Mapping[str, str], code: DeviceCode) -> Iterator[httpx2.Response]:
        pause, until = code.interval, time.monotonic() + min(code.expires_in, LONGEST_SECONDS)
        while time.monotonic() < until:
            time.sleep(pause)
            answer = _send(self.client, "POST", self.described.token_endpoint, asked)
            pause += SLOWER_SECONDS if _error_in(answer) == "slow_down" else 0
            yield answer


def _ask(client: httpx2.Client, method: str, address: str, form: Mapping[str, str] | None = None) -> httpx2.Response:
    return _successful(_send(client, method, address, form))


def _send(client: httpx2.Client, method: str, address: str, form: Mapping[str, str] | None) -> httpx2.Response:
    """Return an answer of bounded size; raise OperatorError."""
    content = b""
    try:
        with client.stream(method, address, data=form) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise OperatorError("provider_away", "its answer is too long")
    except NO_ANSWER:
        raise OperatorError("provider_away") from None
    return httpx2.Response(answer.status_code, content=content)


def _successful(answer: httpx2.Response) -> httpx2.Response:
    if answer.status_code != HTTPStatus.OK:
        raise OperatorError("provider_away", f"status {answer.status_code}")
    return answer


def _parsed(kind: type[T], answer: httpx2.Response) -> T:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:
        raise OperatorError("provider_away", "an answer of another shape") from None


def _error_in(answer: httpx2.Response) -> str:
    """Return the error code of an answer, or an empty text."""
    if answer.is_success:
        return ""
    try:
        found: Any = json.loads(answer.content)
    except NO_ANSWER:
        return ""
    return str(found.get("error", "")) if isinstance(found, dict) else ""
