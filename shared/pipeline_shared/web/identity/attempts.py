"""Sign-ins under way: sealed in a short-lived cookie, so that any copy of the service can finish them."""

import secrets
import time
from dataclasses import dataclass

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from pipeline_shared.web.identity.cookies import Cookies
from pipeline_shared.web.identity.provider import Attempt
from pipeline_shared.web.identity.session_key import NotAuthenticError, SessionKey

PURPOSE = "sign-in"
COOKIE = "sign-in-"
SECONDS = 600
MOST = 3  # sign-ins of one browser at a time, in several tabs
STATE_BYTES = 32
MOST_TAKEN = 10_000
LONGEST_TARGET = 300  # of a path; browsers and proxies limit the size of cookies


@dataclass(frozen=True, slots=True)
class Started:
    """A started sign-in: its secrets, its start (seconds since 1970), and where the person wants to go."""

    attempt: Attempt
    at: float
    target: str
    step_up: bool


STARTED = TypeAdapter(Started)


class Attempts:
    """The sign-ins under way at one site."""

    def __init__(self, key: SessionKey, cookies: Cookies) -> None:
        self._key = key
        self._cookies = cookies
        self._taken: dict[str, float] = {}  # the last callbacks of this process: the provider takes a code once anyway

    @staticmethod
    def start(target: str, *, step_up: bool) -> Started:
        """Return a new sign-in, with secrets of its own."""
        attempt = Attempt(*(secrets.token_urlsafe(STATE_BYTES) for _ in range(3)))
        return Started(attempt, time.time(), target if len(target) <= LONGEST_TARGET else "/", step_up)

    def keep(self, started: Started, request: Request, response: Response) -> None:
        """Give the browser the cookie of a sign-in; end the others if there are too many."""
        others = self._cookies.names(request, COOKIE)
        for name in others if len(others) >= MOST else []:
            self._cookies.drop(response, name)
        sealed = self._key.seal(PURPOSE, STARTED.dump_json(started), started.attempt.state.encode()).hex()
        self._cookies.set(response, _name(started.attempt.state), value=sealed, seconds=SECONDS)

    def take(self, request: Request, state: str) -> Started | None:
        """Return the sign-in that this browser started with a state, once, unless it is too old."""
        started = self._find(request, state)
        if started is None or state in self._taken:
            return None
        self._taken[state] = started.at
        while len(self._taken) > MOST_TAKEN:
            del self._taken[next(iter(self._taken))]
        return started

    def _find(self, request: Request, state: str) -> Started | None:
        try:
            sealed = bytes.fromhex(self._cookies.read(request, _name(state)))
            started = STARTED.validate_json(self._key.open(PURPOSE, sealed, state.encode()))
        except (NotAuthenticError, ValueError):
            return None
        return started if time.time() < started.at + SECONDS else None

    def finish(self, state: str, response: Response) -> None:
        """Remove the cookie of a sign-in: its callback counts once."""
        self._cookies.drop(response, _name(state))


def _name(state: str) -> str:
    return COOKIE + state[:8]
