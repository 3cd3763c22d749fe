"""The pages of one service: who sees them, what every page shows, and how a form comes back.

`page` and `action` wrap a service's own functions: not signed in → the sign-in page; without one of the roles → the same
404 as for an address that does not exist (D-S7); a form from elsewhere → 403. The functions themselves get a `Visit`.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline_shared.errors import is_infrastructure
from pipeline_shared.ui.forms import check_origin, check_token, local_path, read_form
from pipeline_shared.ui.headers import HEADERS, STATIC_PATH, SecurityHeaders, page_policy
from pipeline_shared.ui.people import Person, Role, SignIn
from pipeline_shared.ui.rendering import HERE, create_environment
from pipeline_shared.ui.sessions import Session, Sessions

log = structlog.get_logger()

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in person who has the role; `form` holds the posted fields of an action."""

    request: Request
    site: "Site"
    session: Session
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        """Return who is asking."""
        return self.session.person

    def render(self, template: str, *, status_code: int = 200, **values: object) -> Response:
        """Return a page made from one of the service's templates."""
        return self.site.render(self.request, template, session=self.session, status_code=status_code, **values)


Endpoint = Callable[[Request], Awaitable[Response]]
View = Callable[[Visit], Awaitable[Response]]


class Site:
    """Everything the pages of one service share."""

    def __init__(self, name: str, templates: Path, *, sessions: Sessions, sign_in: SignIn, secure: bool = True) -> None:
        self.name = name
        self.navigation: Sequence[Link] = ()
        self._sessions = sessions
        self._sign_in = sign_in
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self._session_cookie = f"{prefix}{name.lower().replace(' ', '-')}-session"
        self._sign_in_cookie = f"{prefix}{name.lower().replace(' ', '-')}-sign-in"
        self._environment = create_environment([templates])

    # What a service calls

    def page(self, view: View, roles: Iterable[Role]) -> Endpoint:
        """Return an endpoint that shows a page to people with one of the roles."""
        allowed = frozenset(roles)

        async def endpoint(request: Request) -> Response:
            session = await self._find_session(request)
            if session is None:
                return see_other(f"/sign-in?next={quote(_path_of(request), safe='')}")
            _require(session, allowed)
            return await view(Visit(request, self, session))

        return endpoint

    def action(self, view: View, roles: Iterable[Role]) -> Endpoint:
        """Return an endpoint that takes a form from people with one of the roles, checked to be theirs."""
        allowed = frozenset(roles)

        async def endpoint(request: Request) -> Response:
            check_origin(request)
            session = await self._find_session(request)
            if session is None:
                return see_other("/sign-in")
            _require(session, allowed)
            form = await read_form(request)
            check_token(form, session.csrf)
            return await view(Visit(request, self, session, form))

        return endpoint

    def routes(self) -> list[BaseRoute]:
        """Return the routes every service with pages has: signing in and out, and the static files."""
        return [
            Route("/sign-in", self._show_sign_in, methods=["GET"]),
            Route("/sign-in", self._sign_person_in, methods=["POST"]),
            Route("/sign-out", self._sign_out, methods=["POST"]),
            Mount(STATIC_PATH, StaticFiles(directory=HERE / "static")),
        ]

    def middleware(self) -> list[Middleware]:
        """Return the middleware a service with pages needs."""
        return [Middleware(SecurityHeaders, secure=self._secure)]

    def exception_handlers(self) -> dict[object, Callable[[Request, Exception], Awaitable[Response]]]:
        """Return the handlers that turn errors into pages that say nothing of what went wrong inside."""
        return {HTTPException: self._show_http_error, Exception: self._show_failure}

    def name_of(self, person_id: str) -> str:
        """Return the name to show for a person in a history; the id itself when nobody has it any more."""
        person = self._sign_in.find(person_id)
        return person.name if person else person_id

    # Pages

    def render(
        self, request: Request, template: str, *, session: Session | None = None, status_code: int = 200, **values: object
    ) -> HTMLResponse:
        """Return a page; every page gets a policy with a nonce of its own."""
        nonce = secrets.token_urlsafe(16)
        text = self._environment.get_template(template).render(
            site=self, path=request.url.path, session=session, cspNonce=nonce, **values
        )
        headers = {**HEADERS, "Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(text, status_code=status_code, headers=headers)

    async def _show_http_error(self, request: Request, error: Exception) -> Response:
        status_code = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        response = self.render(request, "error.html", status_code=status_code, error=_error_text(status_code))
        response.headers.update(headers or {})
        return response

    async def _show_failure(self, request: Request, error: Exception) -> Response:
        status_code = 503 if is_infrastructure(error) else 500
        log.error("page_failed", error=type(error).__name__, status=status_code)
        return self.render(request, "error.html", status_code=status_code, error=_error_text(status_code))

    # Signing in and out

    async def _find_session(self, request: Request) -> Session | None:
        token = request.cookies.get(self._session_cookie)
        return await self._sessions.find(token) if token else None

    async def _show_sign_in(self, request: Request) -> Response:
        return self._sign_in_page(request, local_path(request.query_params.get("next", "/")))

    def _sign_in_page(self, request: Request, target: str, *, missing: bool = False) -> Response:
        # There is no session to bind the token to yet: a cookie that only this site can set holds its twin.
        token = request.cookies.get(self._sign_in_cookie) or secrets.token_urlsafe(32)
        page = self.render(
            request, "sign-in.html", status_code=422 if missing else 200,
            people=self._sign_in.people, csrf=token, next=target, missing=missing,
        )  # fmt: skip
        self._set_cookie(page, self._sign_in_cookie, token)
        return page

    async def _sign_person_in(self, request: Request) -> Response:
        check_origin(request)
        form = await read_form(request)
        check_token(form, request.cookies.get(self._sign_in_cookie, ""))
        target = local_path(form.get("next", "/"))
        person = self._sign_in.find(form.get("person", ""))
        if person is None:
            return self._sign_in_page(request, target, missing=True)
        await self._close_session(request)
        response = see_other(target)
        self._set_cookie(response, self._session_cookie, await self._sessions.open(person))
        self._drop_cookie(response, self._sign_in_cookie)
        return response

    async def _sign_out(self, request: Request) -> Response:
        check_origin(request)
        session = await self._find_session(request)
        if session is not None:
            check_token(await read_form(request), session.csrf)
        await self._close_session(request)
        response = see_other("/sign-in")
        self._drop_cookie(response, self._session_cookie)
        return response

    async def _close_session(self, request: Request) -> None:
        token = request.cookies.get(self._session_cookie)
        if token:
            await self._sessions.close(token)

    def _set_cookie(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", httponly=True, secure=self._secure, samesite="lax")

    def _drop_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, secure=self._secure, samesite="lax")
