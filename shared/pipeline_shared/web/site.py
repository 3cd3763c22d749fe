"""The access rules of a service's pages, and the routes that every such service has.

`page` and `action` wrap the functions of a service. Without a sign-in they redirect to the sign-in, and keep a form
that was sent. Without the permission they answer 404, as for an address that does not exist (D-S7), or 403 for a form
on a thing that the person may see. A form from another site gets 403. The conditions of the table are enforced here
and nowhere else: another person (403), a fresh sign-in, a reason (422). The functions get a `Visit`.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import asyncpg
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline_shared.access.permissions import PERMISSIONS, Action, Refusal, refusal
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.process import Worker
from pipeline_shared.web.conditions import Conditions, PersonBefore, Reason, View
from pipeline_shared.web.forms import check_origin, read_form
from pipeline_shared.web.headers import STATIC_PATH, SecurityHeaders
from pipeline_shared.web.identity.attempts import Attempts
from pipeline_shared.web.identity.claims import LEEWAY_SECONDS
from pipeline_shared.web.identity.cookies import Cookies
from pipeline_shared.web.identity.kept_forms import KeptForms
from pipeline_shared.web.identity.provider import Provider
from pipeline_shared.web.identity.session_key import SessionKey
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER, Session, Sessions
from pipeline_shared.web.identity.settings import PagesSettings
from pipeline_shared.web.identity.sign_in import SignInPages
from pipeline_shared.web.own_pages import OwnPages
from pipeline_shared.web.renderer import Link, NotAllowedError, Renderer
from pipeline_shared.web.rendering import HERE
from pipeline_shared.web.visit import Visit, see_other

Endpoint = Callable[[Request], Awaitable[Response]]
ExceptionHandler = Callable[[Request, Exception], Awaitable[Response]]


class Site:
    """The parts common to all pages of a service."""

    def __init__(
        self, name: str, package: Path, *, pool: asyncpg.Pool, settings: PagesSettings, links: Sequence[Link]
    ) -> None:
        """Prepare; `package` is the folder whose capabilities hold the templates."""
        key = SessionKey(decode_base64(settings.session_key.get_secret_value()))
        cookies = Cookies(name.lower().replace(" ", "-"), secure=settings.is_secure)
        provider = Provider(settings)
        self._provider = provider
        self._settings = settings
        self._renderer = Renderer(name, package, links, form_targets=lambda: provider.origins)
        self._sessions = Sessions(pool, provider, key, cookies=cookies, roles=settings.oidc_roles)
        self._kept = KeptForms(pool, key)
        self._sign_in = SignInPages(
            self._renderer.render,
            settings,
            provider=provider,
            sessions=self._sessions,
            attempts=Attempts(key, cookies),
        )

    def page(self, view: View, action: Action | None) -> Endpoint:
        """Return an endpoint that shows a page to people who may do an action (None: to everybody signed in)."""

        async def endpoint(request: Request) -> Response:
            session = await self._sessions.find(request)
            if session is None:
                return self._ask_to_sign_in(request, _address_of(request))
            _require(request, session, action)
            return await view(Visit(request, self._renderer, session, await self._kept_form(request, session)))

        return endpoint

    def action(
        self,
        view: View,
        action: Action | None,
        *,
        page: str,
        reason: Reason | None = None,
        person_before: PersonBefore | None = None,
    ) -> Endpoint:
        """Return an endpoint that accepts a form from people who may do an action, if it is their own.

        `page` is the address of the form's page, which shows a form again that cannot be accepted now; `{name}` stands
        for a parameter of the route. Raises ConditionError unless the table and the call name the same conditions.
        """
        conditions = Conditions(reason, person_before)
        conditions.require_same(action)

        async def endpoint(request: Request) -> Response:
            check_origin(request)
            session = await self._sessions.find(request)
            if session:
                _require(request, session, action)
            form, back = await read_form(request), page.format(**request.path_params)
            if session is None:
                return self._ask_to_sign_in(request, await self._keep(form, back))
            if not self._sessions.forms.belongs_to(form.get("csrf", ""), self._sessions.token_of(request)):
                return await self._offer_again(form, back, session)
            visit = Visit(request, self._renderer, session, form)
            refused = await conditions.refuse_same_person(visit)
            if refused:
                return refused
            if action and PERMISSIONS[action].needs_step_up and not self._is_fresh(session):
                return see_other(f"/sign-in?step-up=1&next={quote(await self._keep(form, back), safe='')}")
            response = await conditions.answer(view, visit)
            await self._forget(form, session, response)
            return response

        return endpoint

    def routes(self) -> list[BaseRoute]:
        """Return the routes of every service with pages: signing in and out, the person's own pages, static files."""
        own = OwnPages(self._kept)
        return [
            *self._sign_in.routes(),
            Route("/about-me", self.page(own.about_me, None)),
            Route("/kept", self.page(own.list_kept, None)),
            Route("/kept/{kept_id:uuid}/delete", self.action(own.delete, None, page="/kept"), methods=["POST"]),
            Mount(STATIC_PATH, StaticFiles(directory=HERE / "static")),
        ]

    def workers(self) -> dict[str, Worker]:
        """Return what the process must run for the pages: tasks that end when their `stop` is set."""
        return {"provider": self._provider.follow, "sessions": self._sessions.sweep}

    def report(self, metrics: Metrics) -> None:
        """Set the gauges of the pages."""
        self._provider.report(metrics)

    def middleware(self) -> list[Middleware]:
        """Return the middleware a service with pages needs."""
        return [Middleware(SecurityHeaders, secure=self._settings.is_secure)]

    def exception_handlers(self) -> Mapping[type[Exception], ExceptionHandler]:
        """Return the handlers that turn errors into pages; the pages reveal nothing about the cause."""
        return {HTTPException: self._renderer.show_http_error, Exception: self._renderer.show_failure}

    def _ask_to_sign_in(self, request: Request, target: str) -> Response:
        if BACKGROUND_HEADER in request.headers:  # a script cannot sign anybody in
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        return see_other(f"/sign-in?next={quote(target, safe='')}")

    def _is_fresh(self, session: Session) -> bool:
        """Tell whether the person has proven lately, and well enough, who they are."""
        acr, age = self._settings.oidc_step_up_acr, time.time() - session.facts.auth_time
        return -LEEWAY_SECONDS <= age < self._settings.step_up_seconds and acr in ("", session.facts.acr)

    async def _keep(self, form: Mapping[str, str], back: str) -> str:
        """Keep a form for the person on whose page it stood; return the address where it can be sent again."""
        owner = self._sessions.forms.owner(form.get("csrf", ""))
        kept_id = await self._kept.keep(owner, back, form) if owner else None
        return f"{back}?kept={kept_id}" if kept_id else back

    async def _offer_again(self, form: Mapping[str, str], back: str, session: Session) -> Response:
        """Show a person's form from a former session again; refuse any other form."""
        if self._sessions.forms.owner(form.get("csrf", "")) != session.person.id:
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return see_other(await self._keep(form, back))

    async def _kept_form(self, request: Request, session: Session) -> Mapping[str, str]:
        """Return the fields of the kept form that a page shall show again, if it is the person's own."""
        kept_id = _uuid(request.query_params.get("kept", ""))
        kept = await self._kept.find(kept_id, session.person.id) if kept_id else None
        if kept is None or kept.page != request.url.path:
            return {}
        request.state.kept = kept_id
        return kept.fields

    async def _forget(self, form: Mapping[str, str], session: Session, response: Response) -> None:
        """Delete a kept form once it has been accepted."""
        kept_id = _uuid(form.get("kept", ""))
        if kept_id and response.status_code == HTTPStatus.SEE_OTHER:
            await self._kept.delete(kept_id, session.person.id)


def _require(request: Request, session: Session, action: Action | None) -> None:
    """Raise HTTPException unless the person may do this to some thing."""
    request.state.session = session
    refused = refusal(session.person.roles, action) if action else None
    if refused is Refusal.FORBIDDEN:
        raise NotAllowedError
    if refused:
        raise HTTPException(refused.value)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _address_of(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
