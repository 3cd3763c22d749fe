"""Pages of one site: each with its own content security policy; error pages say nothing about the cause."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pipeline_shared.access.permissions import Action, may
from pipeline_shared.access.states import State
from pipeline_shared.runtime.errors import is_infrastructure
from pipeline_shared.web.error_texts import ERROR_TEXTS, NOT_ALLOWED, OTHER_ERROR
from pipeline_shared.web.errors import FormError, errors_by_field
from pipeline_shared.web.headers import HEADERS, page_policy
from pipeline_shared.web.identity.sessions import Session
from pipeline_shared.web.rendering import create_environment

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation, for people who may do `action`."""

    text: str
    href: str
    action: Action


class NotAllowedError(HTTPException):
    """A person may see a thing, and their roles do not allow them to do this to it."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.FORBIDDEN)


class Renderer:
    """Renders the pages of a site."""

    def __init__(
        self, name: str, package: Path, links: Sequence[Link], *, form_targets: Callable[[], Collection[str]]
    ) -> None:
        """Prepare; `form_targets` gives the other origins that the answer to a form may lead to."""
        self.name = name
        self._links = links
        self._form_targets = form_targets
        self._templates = create_environment(package)

    def links_for(self, session: Session) -> list[Link]:
        """Return the navigation of a person."""
        return [link for link in self._links if may(session.person.roles, link.action)]

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

        A template finds `errors` for the summary, and `error_of` by the fields they belong to. `may(action, state)`
        tells whether the person may do something.
        """
        nonce = secrets.token_urlsafe(16)
        known: dict[str, Any] = {"site": self, "path": request.url.path, "session": session, "cspNonce": nonce}
        known |= {"may": _asks_for(session), "kept": getattr(request.state, "kept", None)}
        text = self._templates.get_template(template).render(
            **known, errors=errors, error_of=errors_by_field(errors), **values
        )
        policy = page_policy(nonce, self._form_targets())
        headers = {**HEADERS, "Content-Security-Policy": policy, "Cache-Control": "no-store"}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else status_code
        return HTMLResponse(text, status_code=status, headers=headers)

    async def show_http_error(self, request: Request, error: Exception) -> Response:
        """Return the page for a refused request."""
        status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
        response = self._error_page(request, status, not_allowed=isinstance(error, NotAllowedError))
        response.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return response

    async def show_failure(self, request: Request, error: Exception) -> Response:
        """Return the page for a failure of ours."""
        # A missing database is not a fault of the page: a proxy and the person may try again.
        waiting = is_infrastructure(error)
        status = HTTPStatus.SERVICE_UNAVAILABLE if waiting else HTTPStatus.INTERNAL_SERVER_ERROR
        log.error("page_failed", error=type(error).__name__, status=status.value)
        response = self._error_page(request, status)
        response.headers["Connection"] = "close"  # the server ends it after a failure, so no browser may use it again
        return response

    def _error_page(self, request: Request, status: HTTPStatus, *, not_allowed: bool = False) -> HTMLResponse:
        title, text = NOT_ALLOWED if not_allowed else ERROR_TEXTS.get(status, OTHER_ERROR)
        # The signed-in person stays on the page; otherwise a person without the role could not sign out.
        session = getattr(request.state, "session", None)
        values: dict[str, Any] = {"title": title, "text": text, "not_allowed": not_allowed}
        return self.render(request, "error.html", session=session, status_code=status.value, **values)


def _asks_for(session: Session | None) -> Callable[[str, State | None], bool]:
    """Return the question that a template asks about an action, by its name in the table."""

    def asked(action: str, state: State | None = None) -> bool:
        return session is not None and may(session.person.roles, Action[action], state)

    return asked
