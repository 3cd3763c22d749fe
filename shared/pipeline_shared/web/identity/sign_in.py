"""Signing in and out: to the provider and back, with the end of sessions that the provider has ended.

Everything that a browser brings back is refused unless it belongs to a sign-in that this browser started here.
"""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_shared.access.people import person_id
from pipeline_shared.web.forms import check_origin, local_path, read_form
from pipeline_shared.web.identity.attempts import Attempts, Started
from pipeline_shared.web.identity.claims import LEEWAY_SECONDS, Identity, RefusedTokenError
from pipeline_shared.web.identity.provider import CALLBACK, SIGNED_OUT, Grant, Provider
from pipeline_shared.web.identity.provider_calls import INVALID_GRANT, ProviderAwayError
from pipeline_shared.web.identity.sessions import Sessions
from pipeline_shared.web.identity.settings import PagesSettings

Render = Callable[..., Response]

log = structlog.get_logger()

AWAY = (
    "Nobody can sign in at the moment",
    (
        "The service that proves who you are does not answer. People who are signed in can go on working. "
        "Try again in a minute."
    ),
)
NOT_STARTED = (
    "This sign-in cannot be completed",
    "It was started in another browser, took longer than ten minutes, or was completed before.",
)
NOT_PROVEN = (
    "You could not be signed in",
    (
        "The answer of the service that proves who you are was not accepted. "
        "Try again; if it happens again, tell operations."
    ),
)
NOT_FRESH = (
    "You have to prove who you are again",
    "What you want to do needs a fresh sign-in, and you did not sign in afresh. Nothing was changed.",
)


class SignInPages:
    """The pages for signing in and out of one site."""

    def __init__(
        self,
        render: Render,
        settings: PagesSettings,
        *,
        provider: Provider,
        sessions: Sessions,
        attempts: Attempts,
    ) -> None:
        self._render = render
        self._settings = settings
        self._provider = provider
        self._sessions = sessions
        self._attempts = attempts

    def routes(self) -> list[BaseRoute]:
        """Return the routes for signing in and out."""
        return [
            Route("/sign-in", self._start, methods=["GET"]),
            Route(CALLBACK, self._finish, methods=["GET"]),
            Route("/sign-in/back-channel-logout", self._end_sessions, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Route(SIGNED_OUT, self._signed_out, methods=["GET"]),
        ]

    async def _start(self, request: Request) -> Response:
        """Send the person to the provider; `step-up` asks for a fresh sign-in, `choose` for another account."""
        asked = request.query_params
        step_up = "step-up" in asked
        started = self._attempts.start(local_path(asked.get("next", "/")), step_up=step_up)
        try:
            address = await self._provider.authorization_url(started.attempt, step_up=step_up, choose="choose" in asked)
        except ProviderAwayError:
            return self._problem(request, HTTPStatus.SERVICE_UNAVAILABLE, AWAY)
        response = RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)
        self._attempts.keep(started, request, response)
        return response

    async def _finish(self, request: Request) -> Response:
        """Open a session for the person whom the provider proves."""
        asked = request.query_params
        started = self._attempts.take(request, asked.get("state", ""))
        if started is None:
            log.warning("sign_in_refused", error="state")
            return self._problem(request, HTTPStatus.BAD_REQUEST, NOT_STARTED)
        response = await self._answer(request, started, asked)
        self._attempts.finish(started.attempt.state, response)
        return response

    async def _answer(self, request: Request, started: Started, asked: QueryParams) -> Response:
        if not asked.get("code"):  # the person gave up, or the provider refused them
            log.warning("sign_in_refused", error="no_code")
            return self._problem(request, HTTPStatus.UNAUTHORIZED, NOT_PROVEN)
        try:
            grant = await self._provider.exchange(asked.get("code", ""), started.attempt, asked.get("iss", ""))
        except ProviderAwayError:
            return self._problem(request, HTTPStatus.SERVICE_UNAVAILABLE, AWAY)
        except RefusedTokenError as refused:
            log.warning("sign_in_refused", error=refused.code)
            status = HTTPStatus.BAD_REQUEST if refused.code == INVALID_GRANT else HTTPStatus.UNAUTHORIZED
            return self._problem(request, status, NOT_PROVEN)
        if started.step_up and not self._is_fresh(grant.identity, started.at):
            return self._problem(request, HTTPStatus.UNAUTHORIZED, NOT_FRESH)
        if not self._sessions.roles_of(grant.identity):
            return await self._refuse(request, grant)
        return await self._open(request, grant, started.target)

    async def _open(self, request: Request, grant: Grant, target: str) -> Response:
        response = RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)
        await self._sessions.open(grant, request, response)
        return response

    def _is_fresh(self, identity: Identity, started: float) -> bool:
        acr = self._settings.oidc_step_up_acr
        return identity.auth_time >= started - LEEWAY_SECONDS and acr in ("", identity.acr)

    async def _refuse(self, request: Request, grant: Grant) -> Response:
        """Tell a person without a role whom to ask; end the session of whoever used this browser before."""
        await self._sessions.note_refusal(person_id(grant.identity.issuer, grant.identity.subject))
        values = {"name": grant.identity.name, "contact": self._settings.role_contact}
        page = self._render(request, "no-role.html", status_code=HTTPStatus.FORBIDDEN, **values)
        await self._sessions.close(request, page)
        return page

    async def _end_sessions(self, request: Request) -> Response:
        """End the sessions that a logout token of the provider names (OpenID Connect Back-Channel Logout)."""
        token = (await read_form(request)).get("logout_token", "")
        try:
            await self._sessions.end(await self._provider.read_logout(token))
        except RefusedTokenError as refused:
            log.warning("logout_refused", error=refused.code)
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except ProviderAwayError:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return Response(status_code=HTTPStatus.OK)

    async def _sign_out(self, request: Request) -> Response:
        """End the session here and at the provider.

        The form needs no token, only its origin: a form in an older tab must sign its person out, too.
        """
        check_origin(request)
        response = RedirectResponse(SIGNED_OUT, status_code=HTTPStatus.SEE_OTHER)
        id_token = await self._sessions.close(request, response)
        response.headers["location"] = await self._provider.sign_out_url(id_token)
        return response

    async def _signed_out(self, request: Request) -> Response:
        return self._render(request, "signed-out.html")

    def _problem(self, request: Request, status: HTTPStatus, texts: tuple[str, str]) -> Response:
        title, text = texts
        return self._render(request, "sign-in-problem.html", status_code=status, title=title, text=text)
