"""The conditions of an action, enforced before its view runs: another person, and a reason.

A route that carries out an action with a condition says how to check it. Without that, the process does not start.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from starlette.responses import Response

from pipeline_shared.access.permissions import PERMISSIONS, Action, SamePersonError
from pipeline_shared.web.reasons import read_reason
from pipeline_shared.web.visit import Visit

View = Callable[[Visit], Awaitable[Response]]
PersonBefore = Callable[[Visit], Awaitable[str | None]]

SOMEBODY_ELSE = (
    "Another person must do this",
    "You acted on this before, so you cannot do this yourself. Nothing was changed.",
)


class ConditionError(Exception):
    """A route and the table of permissions name different conditions: a fault of the program."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The field of a form that holds the reason, and the text of the error without one.

    `show_again` shows the form with the errors of its visit.
    """

    field: str
    missing: str
    show_again: View


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one route. `person_before` returns the id of the person who acted before, if there is one."""

    reason: Reason | None = None
    person_before: PersonBefore | None = None

    def require_same(self, action: Action | None) -> None:
        """Raise ConditionError unless the table has the same conditions for the action."""
        row = PERMISSIONS[action] if action else None
        needed = (row.needs_reason, row.needs_another_person) if row else (False, False)
        if needed != (self.reason is not None, self.person_before is not None):
            raise ConditionError(action)

    async def refuse_same_person(self, visit: Visit) -> Response | None:
        """Return the refusal of the person who acted before, or None for another person."""
        if self.person_before and await self.person_before(visit) == visit.person.id:
            return _somebody_else(visit)
        return None

    async def answer(self, view: View, visit: Visit) -> Response:
        """Return the answer of a view; a form without its reason comes back with the error.

        The view may find in its transaction that it is the same person after all.
        """
        if self.reason:
            reason, errors = read_reason(visit.form, self.reason.field, self.reason.missing)
            if errors:
                return await self.reason.show_again(replace(visit, errors=errors))
            visit = replace(visit, reason=reason)
        try:
            return await view(visit)
        except SamePersonError:
            return _somebody_else(visit)


def _somebody_else(visit: Visit) -> Response:
    title, text = SOMEBODY_ELSE
    return visit.render("error.html", status_code=HTTPStatus.FORBIDDEN, title=title, text=text)
