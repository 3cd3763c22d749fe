"""The session cookie is hidden from scripts and other sites, and is sent over https only, except on a local site."""

from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from pipeline_shared.web.identity.sessions import Cookies


def cookie_in(response: Response) -> tuple[str, dict[str, str]]:
    ((name, morsel),) = SimpleCookie(response.headers["set-cookie"]).items()
    return name, {key.lower(): str(value) for key, value in morsel.items() if value}


@pytest.mark.parametrize(("secure", "name"), [(False, "triage-session"), (True, "__Host-triage-session")])
def test_a_cookie_is_set_with_every_protection_and_for_this_site_alone(*, secure: bool, name: str) -> None:
    response = Response()
    Cookies("triage", secure=secure).set(response, "session", value="x")
    expected = {"path": "/", "httponly": "True", "samesite": "lax"} | ({"secure": "True"} if secure else {})
    assert cookie_in(response) == (name, expected)


@pytest.mark.parametrize("secure", [False, True])
def test_a_cookie_is_removed_as_it_was_set(*, secure: bool) -> None:
    kept, removed = Response(), Response()
    cookies = Cookies("triage", secure=secure)
    cookies.set(kept, "session", value="x")
    cookies.drop(removed, "session")
    name, attributes = cookie_in(removed)
    assert name == cookie_in(kept)[0]
    assert attributes.pop("max-age", "0") == "0"
    attributes.pop("expires")
    assert attributes == cookie_in(kept)[1]
