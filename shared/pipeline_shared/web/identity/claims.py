"""What a provider says about a person: each token is checked here (OpenID Connect Core 3.1.3.7).

Pure: the keys and the time are arguments.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

MAX_TOKEN = 16 * 1024
MAX_TEXT = 255
LEEWAY_SECONDS = 30
LONGEST_SECONDS = 24 * 3600
# Asymmetric only: `none` proves nothing, and with an HMAC a public key would do as the secret.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
KEYS_IN_HEADER = frozenset({"jwk", "jku", "x5c", "x5u"})
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class RefusedTokenError(Exception):
    """A token proves nothing here; `code` is a short word and says what is wrong with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider proved them. `groups` is what the roles come from.

    `auth_time`: when they authenticated, in seconds since 1970; 0 if the provider does not say, which is never fresh.
    """

    issuer: str
    subject: str
    name: str
    groups: frozenset[str]
    auth_time: int
    acr: str
    sid: str
    digest: str

    @property
    def proof(self) -> str:
        """Return what an auditor needs to find this authentication at the provider."""
        return f"auth_time={self.auth_time} acr={self.acr} sid={self.sid} id_token=sha256:{self.digest}"


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """The provider's notice that a person, or one of their sessions there, has ended."""

    issuer: str
    subject: str
    sid: str
    issued_at: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: its issuer and audience, and when it is read."""

    issuer: str
    client_id: str
    now: float


def key_id_of(token: str) -> str:
    """Return the id of the key that a token names, or an empty text; raise RefusedTokenError for an unfit header."""
    if len(token) > MAX_TOKEN:
        raise RefusedTokenError("token_too_long")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise RefusedTokenError("token_unreadable") from None
    if header.get("alg") not in ALGORITHMS:
        raise RefusedTokenError("token_algorithm")
    if KEYS_IN_HEADER & header.keys():
        raise RefusedTokenError("token_brings_key")
    return _text(header.get("kid"))


def read_identity(
    token: str, keys: KeySet, expected: Expected, *, nonce: str | None, groups_claim: str, subject: str | None = None
) -> Identity:
    """Return who an ID token proves; raise RefusedTokenError.

    `nonce`: the one of the sign-in, or None for a token that came with a refresh, where it may be missing.
    `subject`: whom a refreshed token must still be about.
    """
    claims = _checked(token, keys, expected)
    if nonce is not None and claims.get("nonce") != nonce:
        raise RefusedTokenError("nonce")
    found = _text(claims.get("sub"))
    if not found or (subject is not None and found != subject):
        raise RefusedTokenError("subject")
    _require_unexpired(claims, expected.now)
    return Identity(
        issuer=expected.issuer,
        subject=found,
        name=_name(claims),
        groups=_groups(claims, groups_claim),
        auth_time=_auth_time(claims, expected.now),
        acr=_text(claims.get("acr")),
        sid=_text(claims.get("sid")),
        digest=hashlib.sha256(token.encode()).hexdigest(),
    )


def read_logout(token: str, keys: KeySet, expected: Expected) -> LogoutNotice:
    """Return what a logout token says; raise RefusedTokenError (OpenID Connect Back-Channel Logout 2.6)."""
    claims = _checked(token, keys, expected)
    events = claims.get("events")
    if "nonce" in claims or not isinstance(events, Mapping) or LOGOUT not in events:
        raise RefusedTokenError("not_a_logout")
    subject, sid = _text(claims.get("sub")), _text(claims.get("sid"))
    if not subject and not sid:
        raise RefusedTokenError("subject")
    if "exp" in claims:
        _require_unexpired(claims, expected.now)
    return LogoutNotice(expected.issuer, subject, sid, _number(claims.get("iat")))


def _checked(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """Return the claims of a token with the right signature, issuer, audience and age."""
    key_id_of(token)
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise RefusedTokenError("signature") from None
    if claims.get("iss") != expected.issuer:
        raise RefusedTokenError("issuer")
    audience = claims.get("aud")
    if audience not in (expected.client_id, [expected.client_id]) or claims.get("azp", expected.client_id) != (
        expected.client_id
    ):
        raise RefusedTokenError("audience")
    issued = _number(claims.get("iat"))
    if not expected.now - LONGEST_SECONDS < issued <= expected.now + LEEWAY_SECONDS:
        raise RefusedTokenError("issued_at")
    return claims


def _require_unexpired(claims: Mapping[str, Any], now: float) -> None:
    if _number(claims.get("exp")) <= now - LEEWAY_SECONDS:
        raise RefusedTokenError("expired")


def _auth_time(claims: Mapping[str, Any], now: float) -> int:
    found = _number(claims.get("auth_time", 0))
    if found > now + LEEWAY_SECONDS:
        raise RefusedTokenError("auth_time")
    return found


def _number(value: object) -> int:
    """Return a time; raise RefusedTokenError if it is none. Some providers write it with a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**40:
        raise RefusedTokenError("time")
    return int(value)


def _text(value: object) -> str:
    """Return a short printable text of the provider, or an empty one."""
    return value if isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable() else ""


def _name(claims: Mapping[str, Any]) -> str:
    """Return the name to show; the subject if the provider gives none."""
    names = (_text(claims.get(claim)).strip() for claim in ("name", "preferred_username", "sub"))
    return next(filter(None, names), "")[:100]


def _groups(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """Return the texts in the claim that lists groups or roles; a claim of another shape gives none."""
    found: object = claims.get(path)  # a name with dots may be one claim, such as https://force.example/roles
    if found is None:
        found = reduce(lambda at, step: at.get(step) if isinstance(at, Mapping) else None, path.split("."), claims)
    listed = [found] if isinstance(found, str) else found
    return frozenset(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else frozenset()
