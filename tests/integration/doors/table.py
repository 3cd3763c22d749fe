"""The table of doors: every way into the two sites, with the roles that may use it and the audit rows that it leaves.

A route that is neither here nor in OPEN fails `test_roles.py`, so the author of a new route must say here who may use
it. One route may have several rows, for its behaviour when something is missing or another person was first.
"""

from dataclasses import dataclass
from uuid import UUID

from pipeline_shared.access.people import Role
from tests.integration.doors.errands import (
    REASON,
    a_case,
    a_flag,
    a_held,
    at,
    decided_before,
    leaving_a_word,
    over_nobody,
    taken_before,
    to_acknowledge,
    to_decide,
    to_reopen,
    to_reopen_unasked,
    to_take_over,
    with_form,
    without_a_reason,
)
from tests.integration.doors.world import DECIDERS, SOURCE_DESK, Prepare

# Before the sign-in: they show nothing of a submission.
OPEN = frozenset(
    {"/", "/sign-in", "/sign-in/callback", "/sign-in/back-channel-logout", "/sign-out", "/signed-out", "/static"}
)
EVERYBODY = frozenset(Role)
SUPERVISORS = frozenset({Role.TRIAGE_SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Door:
    """One row of the table; `shows` lists the content of the answer that must leave an audit row.

    `known_to` may see the thing: they are told that they may not do this to it. For all others it is not there.
    """

    site: str
    method: str
    path: str
    roles: frozenset[Role]
    prepare: Prepare
    audit: tuple[str, ...] = ()
    status: int = 200
    shows: str = ""
    what: str = ""
    known_to: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        """Return the name of the row among the tests."""
        return " ".join(filter(None, (self.site, self.method, self.path, self.what)))


OWN_PAGES = tuple(
    door
    for site in ("triage", "desk")
    for door in (
        Door(site, "GET", "/about-me", EVERYBODY, at("/about-me")),
        Door(site, "GET", "/kept", EVERYBODY, at("/kept")),
        Door(site, "POST", "/kept/{kept_id:uuid}/discard", EVERYBODY, at(f"/kept/{UUID(int=1)}/discard"), (), 303),
    )
)
FLAG, CASE, HELD = "/flags/{flag_id:uuid}", "/cases/{case_id:uuid}", "/held/{submission_ref:uuid}"
LISTED = ("queue_listed", "flags_listed")
READ_FLAG, READ_CASE, OPENED = ("safety_flag_read",), ("case_read",), ("held_submission_opened",)

DOORS = (
    *OWN_PAGES,
    Door("triage", "GET", "/queue", DECIDERS, at("/queue"), LISTED),
    Door("triage", "GET", "/queue", DECIDERS, at("/queue?state=decided"), LISTED, what="decided"),
    Door("triage", "GET", "/flags", DECIDERS, at("/flags"), ("flags_listed",)),
    Door("triage", "GET", "/flags/fresh", DECIDERS, at("/flags/fresh"), ("flags_listed",)),
    Door("triage", "GET", FLAG, DECIDERS, a_flag, READ_FLAG, shows="knife"),
    Door("triage", "POST", f"{FLAG}/acknowledge", DECIDERS, to_acknowledge, ("safety_flag_acknowledged",), 303),
    Door("triage", "POST", f"{FLAG}/acknowledge", DECIDERS, taken_before, READ_FLAG, 409, "knife", "taken before"),
    Door("triage", "POST", f"{FLAG}/takeover", DECIDERS, to_take_over, ("safety_flag_taken_over",), 303),
    Door("triage", "POST", f"{FLAG}/takeover", DECIDERS, over_nobody, READ_FLAG, 409, "knife", "over nobody"),
    Door("triage", "GET", CASE, DECIDERS, a_case, READ_CASE, shows="Garnet Street"),
    Door("triage", "POST", f"{CASE}/decision", DECIDERS, to_decide, ("case_decided",), 303),
    Door(
        "triage", "POST", f"{CASE}/decision", DECIDERS, without_a_reason, READ_CASE, 422, "Garnet Street", "no reason"
    ),
    Door("triage", "POST", f"{CASE}/decision", DECIDERS, decided_before, READ_CASE, 409, "", "decided before"),
    Door("triage", "POST", f"{CASE}/reopening", SUPERVISORS, to_reopen, ("case_reopened",), 303, known_to=DECIDERS),
    Door(
        "triage",
        "POST",
        f"{CASE}/reopening",
        SUPERVISORS,
        to_reopen_unasked,
        READ_CASE,
        422,
        "Garnet Street",
        "no reason",
        known_to=DECIDERS,
    ),
    Door("desk", "GET", "/held", SOURCE_DESK, at("/held"), ("held_listed",)),
    Door("desk", "GET", HELD, SOURCE_DESK, a_held, OPENED, shows="white van"),
    Door("desk", "POST", f"{HELD}/preview", SOURCE_DESK, with_form("preview"), OPENED, shows="white van"),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        with_form("release", **REASON),
        (*OPENED, "held_submission_released"),
        303,
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        with_form("release"),
        OPENED,
        422,
        "white van",
        "no reason",
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/release",
        SOURCE_DESK,
        leaving_a_word,
        (*OPENED, "held_submission_released", "left_over_accepted"),
        303,
        what="a word left",
    ),
    Door(
        "desk",
        "POST",
        f"{HELD}/hold",
        SOURCE_DESK,
        with_form("hold", **REASON),
        (*OPENED, "held_submission_kept"),
        303,
    ),
    Door("desk", "POST", f"{HELD}/hold", SOURCE_DESK, with_form("hold"), OPENED, 422, "white van", "no reason"),
)
