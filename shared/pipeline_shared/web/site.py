"""The pages of one service: their access rules, the parts common to every page, and the return of a form.

`page` and `action` wrap the functions of a service. Without a sign-in they redirect to the sign-in page. Without one of
the roles they answer 404, as for an address that does not exist (D-S7). A form from another site gets 403. The
functions get a `Visit`.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import asyncpg
import structlog
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from pipeline_shared.runtime.errors import is_infrastructure
from pipeline_shared.web.error_texts import ERROR_TEXTS, OTHER_ERROR
from pipeline_shared.web.errors import FormError, errors_by_field
from pipeline_shared.web.forms import check_origin, check_token, read_form, whole_number
from pipeline_shared.web.headers import HEADERS, STATIC_PATH, SecurityHeaders, page_policy
from pipeline_shared.web.identity.people import Person, Role, SignIn
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER, Cookies, Session, Sessions
from pipeline_shared.web.identity.sign_in import SignInPages
from pipeline_shared.web.rendering import HERE, create_environment

log = structlog.get_logger()

Endpoint = Callable[[Request], Awaitable[Response]]
View = Callable[["Visit"], Awaitable[Response]]
ExceptionHandler = Callable[[Request, Exception], Awaitable[Response]]


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
    form: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def person(self) -> Person:
        """Return the person who made the request."""
        return self.session.person

    @property
    def is_background(self) -> bool:
        """Tell whether the page made this request by itself, without the person."""
        return BACKGROUND_HEADER in self.request.headers

    def page_number(self, *, otherwise: int = 1) -> int:
        """Return the requested page of a list."""
        return whole_number(self.request.query_params.get("page", ""), otherwise=otherwise)

    def render(
        self, template: str, *, status_code: int = 200, errors: Sequence[FormError] = (), **values: object
    ) -> Response:
        """Return a page made from one of the service's templates, as `Site.render` does."""
        return self.site.render(
            self.request, template, session=self.session, status_code=status_code, errors=errors, **values
        )


class Site:
    """The parts common to all pages of a service; raises SignInRefusedError if sign-in could not prove an identity."""

    def __init__(
        self, name: str, package: Path, *, pool: asyncpg.Pool, environment: str, links: Sequence[Link]
    ) -> None:
        """Prepare; `package` is the folder whose capabilities hold the templates."""
        self.name = name
        self.links = links
        self._secure = environment != "local"
        self._sign_in = SignIn(environment)
        self._cookies = Cookies(name.lower().replace(" ", "-"), secure=self._secure)
        self._sessions = Sessions(pool, self._sign_in, cookies=self._cookies)
        self._templates = create_environment(package)

    def page(self, view: View, roles: Iterable[Role]) -> Endpoint:
        """Return an endpoint that shows a page to people with one of the roles."""
        allowed = frozenset(roles)

        async def endpoint(request: Request) -> Response:
            session = await self._sessions.find(request)
            if session is None:
                return see_other(f"/sign-in?next={quote(_address_of(request), safe='')}")
            request.state.session = session
            _require(session, allowed)
            return await view(Visit(request, self, session))

        return endpoint

    def action(self, view: View, roles: Iterable[Role]) -> Endpoint:
        """Return an endpoint that accepts a form from people with one of the roles, if it is their own."""
        allowed = frozenset(roles)

        async def endpoint(request: Request) -> Response:
            check_origin(request)
            session = await self._sessions.find(request)
            if session is None:
                return see_other("/sign-in")
            request.state.session = session
            _require(session, allowed)
            form = await read_form(request)
            check_token(form, session.csrf)
            return await view(Visit(request, self, session, form))

        return endpoint

    def routes(self) -> list[BaseRoute]:
        """Return the routes of every service with pages: signing in and out, and the static files."""
        static = Mount(STATIC_PATH, StaticFiles(directory=HERE / "static"))
        return [
            *SignInPages(self.render, self._sign_in, sessions=self._sessions, cookies=self._cookies).routes(),
            static,
        ]

    def middleware(self) -> list[Middleware]:
        """Return the middleware a service with pages needs."""
        return [Middleware(SecurityHeaders, secure=self._secure)]

    def exception_handlers(self) -> Mapping[type[Exception], ExceptionHandler]:
        """Return the handlers that turn errors into pages; the pages reveal nothing about the cause."""
        return {HTTPException: self._show_http_error, Exception: self._show_failure}

    def name_of(self, person_id: str) -> str:
        """Return the name of a person for a history, or the id if no person has it any more."""
        person = self._sign_in.find(person_id)
        return person.name if person else person_id

    def render(
        self,
        request: Request,
        template: str,
        *,
        session: Session | None = None,
        status_code: int = 200,
        errors: Sequence[FormError] = (),
        **values: object,
    ) -> HTMLResponse:
        """Return a page; each gets a content security policy with a nonce of its own. With errors of a form it is 422.

        A template finds `errors` for the summary, and `error_of` by the fields they belong to.
        """
        nonce = secrets.token_urlsafe(16)
        known = {"site": self, "path": request.url.path, "session": session, "cspNonce": nonce}
        text = self._templates.get_template(template).render(
            **known, errors=errors, error_of=errors_by_field(errors), **values
        )
        headers = {**HEADERS, "Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else status_code
        return HTMLResponse(text, status_code=status, headers=headers)

    async def _show_http_error(self, request: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        response = self._error_page(request, status)
        response.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return response

    async def _show_failure(self, request: Request, error: Exception) -> Response:
        # A missing database is not a fault of the page: a proxy and the person may try again.
        waiting = is_infrastructure(error)
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.INTERNAL_SERVER_ERROR
        log.error("page_failed", error=type(error).__name__, status=status.value)
        return self._error_page(request, status)

    def _error_page(self, request: Request, status: HTTPStatus) -> HTMLResponse:
        title, text = ERROR_TEXTS.get(status, OTHER_ERROR)
        # The signed-in person stays on the page; otherwise a person without the role could not sign out.
        session = getattr(request.state, "session", None)
        return self.render(request, "error.html", session=session, status_code=status.value, title=title, text=text)


def see_other(address: str) -> RedirectResponse:
    """Return the answer to an accepted form: a redirect to another page."""
    return RedirectResponse(address, status_code=HTTPStatus.SEE_OTHER)


def _address_of(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _require(session: Session, allowed: frozenset[Role]) -> None:
    if not session.person.roles & allowed:
        raise HTTPException(HTTPStatus.NOT_FOUND)
