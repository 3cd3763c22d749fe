"""Tokens of the provider: signed with a key that can be rotated, or made wrong on request."""

import json
import secrets
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey

TOKEN_SECONDS = 300
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Fault(StrEnum):
    """What is wrong with the answers of the provider."""

    NONE = "none"
    AWAY = "away"
    NONCE = "nonce"
    ISSUER = "issuer"
    CALLBACK_ISSUER = "callback_issuer"
    AUDIENCE = "audience"
    TWO_AUDIENCES = "two_audiences"
    EXPIRED = "expired"
    FUTURE = "future"
    NO_SUBJECT = "no_subject"
    UNSIGNED = "unsigned"
    SECRET_AS_KEY = "secret_as_key"  # noqa: S105 - the name of a fault
    UNKNOWN_KEY = "unknown_key"
    KEY_IN_HEADER = "key_in_header"
    NO_ID_TOKEN = "no_id_token"  # noqa: S105
    NOT_FRESH = "not_fresh"
    HUGE = "huge"


Claims = dict[str, Any]


class Signer:
    """The keys of the provider; a new one does not end the former."""

    def __init__(self) -> None:
        self._keys = [_new_key()]

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._keys.append(_new_key())

    def public(self) -> Mapping[str, Any]:
        """Return the public keys."""
        return KeySet(list(self._keys)).as_dict(private=False)

    def sign(self, claims: Claims, fault: Fault = Fault.NONE, secret: str = "") -> str:
        """Return a signed token, or one with a fault in its signature; `secret` is the client's."""
        key = _new_key() if fault in {Fault.UNKNOWN_KEY, Fault.KEY_IN_HEADER} else self._keys[-1]
        header: dict[str, Any] = {"alg": "ES256", "kid": key.kid}
        if fault is Fault.UNSIGNED:
            return jws.serialize_compact({"alg": "none"}, _json(claims), OctKey.generate_key(), algorithms=["none"])
        if fault is Fault.SECRET_AS_KEY:
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret.ljust(32)), algorithms=["HS256"])
        if fault is Fault.KEY_IN_HEADER:
            header["jwk"] = key.as_dict(private=False)
        return jwt.encode(header, claims, key, algorithms=["ES256"])


def with_fault(claims: Claims, fault: Fault) -> Claims:
    """Return the claims of an ID token, with a fault in them."""
    wrong: dict[Fault, Claims] = {
        Fault.NONCE: {"nonce": secrets.token_urlsafe(8)},
        Fault.ISSUER: {"iss": "https://elsewhere.example"},
        Fault.AUDIENCE: {"aud": "somebody-else"},
        Fault.TWO_AUDIENCES: {"aud": [claims["aud"], "somebody-else"]},
        Fault.EXPIRED: {"exp": int(time.time()) - 3_600, "iat": int(time.time()) - 7_200},
        Fault.FUTURE: {"iat": int(time.time()) + 3_600},
        Fault.NO_SUBJECT: {"sub": ""},
        Fault.NOT_FRESH: {"auth_time": int(time.time()) - 3_600},
        Fault.HUGE: {"padding": "x" * 20_000},
    }
    return claims | wrong.get(fault, {})


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(8), "use": "sig"}, auto_kid=False)


def _json(claims: Claims) -> bytes:
    return json.dumps(claims).encode()
