"""A token proves its claims only if the provider signed it, for this client, for now, and with a subject."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from pipeline_shared.web.identity.claims import (
    LEEWAY_SECONDS,
    LOGOUT,
    Expected,
    RefusedTokenError,
    key_id_of,
    read_identity,
    read_logout,
)

KEY = ECKey.generate_key("P-256", parameters={"kid": "one"}, auto_kid=False)
KEYS = KeySet([KEY])
NOW = time.time()
EXPECTED = Expected("https://provider.example", "triage", NOW)
CLAIMS: dict[str, Any] = {
    "iss": "https://provider.example",
    "aud": "triage",
    "sub": "a-1",
    "iat": int(NOW),
    "exp": int(NOW) + 300,
    "nonce": "n",
    "auth_time": int(NOW) - 60,
    "name": "Robin Ashdown",
    "roles": ["one", "two"],
}


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, KEY, algorithms=["ES256"])


def read(claims: dict[str, Any], groups_claim: str = "roles") -> Any:
    return read_identity(signed(claims), KEYS, EXPECTED, nonce="n", groups_claim=groups_claim)


def test_a_right_token_proves_a_person() -> None:
    identity = read(CLAIMS)
    assert (identity.subject, identity.name, identity.auth_time) == ("a-1", "Robin Ashdown", int(NOW) - 60)
    assert identity.groups == {"one", "two"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iss": "https://provider.example/"}, "issuer"),
        ({"aud": ["triage", "desk"]}, "audience"),
        ({"aud": []}, "audience"),
        ({"azp": "desk"}, "audience"),
        ({"nonce": "m"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "a\n1"}, "subject"),
        ({"exp": int(NOW) - LEEWAY_SECONDS - 1}, "expired"),
        ({"exp": "soon"}, "time"),
        ({"exp": True}, "time"),
        ({"iat": int(NOW) + 3600}, "issued_at"),
        ({"iat": int(NOW) - 2 * 24 * 3600}, "issued_at"),
        ({"iat": 1e300}, "time"),
        ({"auth_time": int(NOW) + 3600}, "auth_time"),
        ({"auth_time": "now"}, "time"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_code(change: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedTokenError, match=f"^{code}$"):
        read({**CLAIMS, **change})


def test_without_the_time_of_the_authentication_nothing_is_fresh() -> None:
    assert read({name: value for name, value in CLAIMS.items() if name != "auth_time"}).auth_time == 0


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", {"a"}),
        ({"https://force.example/roles": ["a"]}, "https://force.example/roles", {"a"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"groups": ["a", 1, True, None, ["b"]]}, "groups", {"a"}),
        ({"groups": {"a": "b"}}, "groups", set()),
        ({"groups": None}, "groups.more", set()),
        ({}, "groups", set()),
    ],
)
def test_groups_are_texts_wherever_the_provider_puts_them(claims: dict[str, Any], path: str, groups: set[str]) -> None:
    assert read({**CLAIMS, **claims}, path).groups == groups


def test_a_person_without_a_fit_name_is_shown_by_another_one() -> None:
    assert read({**CLAIMS, "name": "x\ny", "preferred_username": "rashdown"}).name == "rashdown"
    assert read({**CLAIMS, "name": "x" * 300}).name == "a-1"


@given(st.text(max_size=300) | st.binary(max_size=60).map(bytes.hex))
def test_any_other_text_is_refused(text: str) -> None:
    for reader in (key_id_of, lambda token: read_logout(token, KEYS, EXPECTED)):
        with pytest.raises(RefusedTokenError):
            reader(text)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "events", "azp", "sid"]), st.none() | st.booleans() | st.integers()))
def test_any_change_of_a_claims_type_is_refused_or_harmless(change: dict[str, Any]) -> None:
    claims = {**CLAIMS, **change}
    try:
        identity = read(claims)
    except RefusedTokenError:
        return
    assert (identity.issuer, identity.subject) == ("https://provider.example", "a-1")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"events": {}}, "not_a_logout"), ({"events": None}, "not_a_logout"), ({"sub": ""}, "subject")],
)
def test_a_logout_token_says_what_ends(change: dict[str, Any], code: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "nonce"} | {"events": {LOGOUT: {}}}
    assert read_logout(signed(claims), KEYS, EXPECTED).subject == "a-1"
    with pytest.raises(RefusedTokenError, match=code):
        read_logout(signed({**claims, **change}), KEYS, EXPECTED)
    with pytest.raises(RefusedTokenError, match="not_a_logout"):
        read_logout(signed({**claims, "nonce": "n"}), KEYS, EXPECTED)
