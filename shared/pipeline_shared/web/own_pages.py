"""The pages about the person who is signed in: their roles with what each allows, and their kept forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from pipeline_shared.access.people import Role
from pipeline_shared.access.permissions import PERMISSIONS, Action, Permission, allowed_actions
from pipeline_shared.web.identity.kept_forms import KeptForms
from pipeline_shared.web.visit import Visit, see_other

CONDITIONS: tuple[tuple[Callable[[Permission], bool], str], ...] = (
    (lambda permission: permission.needs_reason, "you give a reason"),
    (lambda permission: permission.needs_another_person, "you are not the person who acted last"),
    (lambda permission: permission.needs_step_up, "you sign in again"),
)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One thing that a role allows."""

    action: str
    states: str
    conditions: str


@dataclass(frozen=True, slots=True)
class RoleLines:
    """A role, and what it allows."""

    name: str
    lines: list[ActionLine]


class OwnPages:
    """The pages of one site about the person at it."""

    def __init__(self, kept: KeptForms) -> None:
        self._kept = kept

    async def about_me(self, visit: Visit) -> Response:
        """Show the person's roles, and what each allows."""
        return visit.render("about-me.html", roles=[role_lines(role) for role in sorted(visit.person.roles)])

    async def list_kept(self, visit: Visit) -> Response:
        """List the person's kept forms."""
        return visit.render("kept.html", forms=await self._kept.list_of(visit.person.id))

    async def delete(self, visit: Visit) -> Response:
        """Delete a kept form of the person."""
        kept_id: UUID = visit.request.path_params["kept_id"]
        await self._kept.delete(kept_id, visit.person.id)
        return see_other("/kept")


def role_lines(role: Role) -> RoleLines:
    """Return a role as the page shows it."""
    return RoleLines(role.value, [_line(action, PERMISSIONS[action]) for action in allowed_actions([role])])


def _line(action: Action, permission: Permission) -> ActionLine:
    states = _listed(sorted(state.replace("_", " ") for state in permission.states), "or")
    conditions = _listed([text for holds, text in CONDITIONS if holds(permission)], "and")
    return ActionLine(action.value, states.capitalize(), conditions.capitalize())


def _listed(words: Sequence[str], conjunction: str) -> str:
    """Return words as a sentence lists them: `a`, `a or b`, `a, b or c`; empty without words."""
    return f" {conjunction} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
