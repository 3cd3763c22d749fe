"""One permitted request of a signed-in person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline_shared.access.people import Person
from pipeline_shared.access.permissions import Action, may
from pipeline_shared.access.states import State
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.work import Database, Proof, Work, begin
from pipeline_shared.web.errors import FormError
from pipeline_shared.web.forms import whole_number
from pipeline_shared.web.identity import directory
from pipeline_shared.web.identity.sessions import BACKGROUND_HEADER, Session
from pipeline_shared.web.renderer import Renderer

NameOf = Callable[[str], str]
SOMEBODY = "Somebody whose name is not known"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request; `form` holds the fields of an action, or of a kept form that a page shows again.

    `reason` is the checked reason of an action that needs one; `errors` are those of a form without a valid one.
    """

    request: Request
    renderer: Renderer
    session: Session
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    reason: str = ""
    errors: Sequence[FormError] = ()

    @property
    def person(self) -> Person:
        """Return the person who made the request."""
        return self.session.person

    @property
    def is_background(self) -> bool:
        """Tell whether the page made this request by itself, without the person."""
        return BACKGROUND_HEADER in self.request.headers

    def may(self, action: Action, state: State | None = None) -> bool:
        """Tell whether the person may do this to a thing in this state."""
        return may(self.person.roles, action, state)

    def begin(self, database: Database, metrics: Metrics | None = None) -> AbstractAsyncContextManager[Work]:
        """Open a transaction whose audit names the sign-in of the person."""
        return begin(database, metrics, by=Proof(self.session.sign_in, self.session.prove))

    async def names_of(self, database: Database, people: Iterable[str | None]) -> NameOf:
        """Return a function from the ids of these people to their names."""
        known = await directory.names(database.pool, filter(None, people))
        return lambda person: known.get(person, SOMEBODY)

    def page_number(self, *, otherwise: int = 1) -> int:
        """Return the requested page of a list."""
        return whole_number(self.request.query_params.get("page", ""), otherwise=otherwise)

    def render(
        self, template: str, *, status_code: int = 200, errors: Sequence[FormError] = (), **values: object
    ) -> Response:
        """Return a page made from one of the service's templates, as `Renderer.render` does."""
        return self.renderer.render(
            self.request, template, session=self.session, status_code=status_code, errors=errors, **values
        )


def see_other(address: str) -> RedirectResponse:
    """Return the answer to an accepted form: a redirect to another page."""
    return RedirectResponse(address, status_code=303)
