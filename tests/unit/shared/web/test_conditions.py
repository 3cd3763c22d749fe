"""The conditions of a route: a program that forgets one does not start."""

from itertools import product
from pathlib import Path
from typing import cast

import asyncpg
import pytest
from starlette.responses import Response

from pipeline_shared.access.permissions import PERMISSIONS, Action
from pipeline_shared.web.conditions import ConditionError, Reason
from pipeline_shared.web.site import Site
from pipeline_shared.web.visit import Visit
from tests.unit.shared.web.builders import SETTINGS


async def _view(_visit: Visit) -> Response:
    return Response()


async def _nobody(_visit: Visit) -> None:
    return None


@pytest.mark.parametrize("action", [None, *Action])
@pytest.mark.parametrize("given", list(product([True, False], repeat=2)))
def test_a_route_names_exactly_the_conditions_of_its_action(action: Action | None, given: tuple[bool, bool]) -> None:
    site = Site("Triage", Path("/nonexistent"), pool=cast("asyncpg.Pool", None), settings=SETTINGS, links=())
    reason = Reason("reason", "Enter why", _view) if given[0] else None
    person = _nobody if given[1] else None
    row = PERMISSIONS[action] if action else None
    needed = (row.needs_reason, row.needs_another_person) if row else (False, False)
    if needed == given:
        site.action(_view, action, page="/", reason=reason, person_before=person)
    else:
        with pytest.raises(ConditionError):
            site.action(_view, action, page="/", reason=reason, person_before=person)
