"""The sign-in page: choose a demonstration person, get a session, continue to the requested page."""

import secrets
from collections.abc import Callable, Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pipeline_shared.web.errors import FormError
from pipeline_shared.web.forms import check_origin, check_token, local_path, read_form
from pipeline_shared.web.identity.people import SignIn
from pipeline_shared.web.identity.sessions import Cookies, Sessions

Render = Callable[..., Response]

NOBODY_CHOSEN = FormError("person", "Choose who you are")


class SignInPages:
    """The pages for signing in and out."""

    COOKIE = "sign-in"

    def __init__(self, render: Render, sign_in: SignIn, *, sessions: Sessions, cookies: Cookies) -> None:
        self._render = render
        self._sign_in = sign_in
        self._sessions = sessions
        self._cookies = cookies

    def routes(self) -> list[Route]:
        """Return /sign-in and /sign-out."""
        return [
            Route("/sign-in", self._show, methods=["GET"]),
            Route("/sign-in", self._open_session, methods=["POST"]),
            Route("/sign-out", self._close_session, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(request, local_path(request.query_params.get("next", "/")))

    def _page(self, request: Request, target: str, errors: Sequence[FormError] = ()) -> Response:
        # Without a session the token is compared with a cookie that only this site can set.
        token = self._cookies.read(request, self.COOKIE) or secrets.token_urlsafe(32)
        values = {"people": self._sign_in.people, "csrf": token, "next": target}
        page = self._render(request, "sign-in.html", errors=errors, **values)
        self._cookies.set(page, self.COOKIE, value=token)
        return page

    async def _open_session(self, request: Request) -> Response:
        check_origin(request)
        form = await read_form(request)
        check_token(form, self._cookies.read(request, self.COOKIE))
        target = local_path(form.get("next", "/"))
        person = self._sign_in.find(form.get("person", ""))
        if person is None:
            return self._page(request, target, [NOBODY_CHOSEN])
        response = RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)
        await self._sessions.open(person, request, response)
        self._cookies.drop(response, self.COOKIE)
        return response

    async def _close_session(self, request: Request) -> Response:
        check_origin(request)
        session = await self._sessions.find(request)
        if session is not None:
            check_token(await read_form(request), session.csrf)
        response = RedirectResponse("/sign-in", status_code=HTTPStatus.SEE_OTHER)
        await self._sessions.close(request, response)
        return response
