"""Faults of all pages: roles, forms, sessions."""

from tests.mutants.model import Mutant

SITE = "shared/pipeline_shared/web/site.py"
TRIAGE, DESK = "services/triage/triage_service", "services/sanitiser/sanitiser_service/desk/review/web.py"
FLAGS, CASES, QUEUE = (f"{TRIAGE}/{capability}/web.py" for capability in ("flags", "cases", "queue"))
ANY_ROLE = "type(DECIDERS[0])"  # the enum of all roles, by a name that the pages of triage import
FORMS = "tests/unit/shared/web/test_forms.py"
ROLES = "tests/integration/doors/test_roles.py"
OPENS = (f"{ROLES}::test_a_door_opens_to_its_roles_and_is_not_there_for_others",)
EVERY_ROUTE = (f"{ROLES}::test_every_route_of_a_site_says_who_may_use_it",)
FORM_COUNTS = (f"{ROLES}::test_a_form_counts_only_with_its_own_token_and_from_its_own_site",)
NO_OTHER = (f"{ROLES}::test_no_other_method_than_its_own_gets_anybody_further",)

ACTION = """            request.state.session = session
            _require(session, allowed)
            form = await read_form(request)
"""
PAGE = """            request.state.session = session
            _require(session, allowed)
            return await view(Visit(request, self, session))
"""

MUTANTS = (
    Mutant(
        "a-form-from-another-site-is-believed",
        "shared/pipeline_shared/web/forms.py",
        'if site is not None and site != "same-origin":',
        'if site is not None and site == "cross-site":',
        (f"{FORMS}::test_no_other_page_may_send_a_form",),
    ),
    Mutant(
        "actions-check-no-role",
        SITE,
        ACTION,
        ACTION.replace("            _require(session, allowed)\n", ""),
        OPENS,
    ),
    Mutant(
        "pages-check-no-role",
        SITE,
        PAGE,
        PAGE.replace("            _require(session, allowed)\n", ""),
        OPENS,
    ),
    Mutant(
        "actions-check-no-token",
        SITE,
        "            check_token(form, session.csrf)\n",
        "",
        FORM_COUNTS,
    ),
    Mutant(
        "actions-check-no-origin",
        SITE,
        """            check_origin(request)
            session = await self._sessions.find(request)
""",
        """            session = await self._sessions.find(request)
""",
        FORM_COUNTS,
    ),
    Mutant(
        "triage-reads-a-source-in-the-desks-preview",
        DESK,
        "action(explain_conflict(self._preview), ROLES)",
        "action(explain_conflict(self._preview), Role)",
        OPENS,
    ),
    Mutant(
        "operations-reads-the-desks-texts",
        DESK,
        "page(explain_conflict(self._show), ROLES)",
        "page(explain_conflict(self._show), (*ROLES, Role.OPERATIONS))",
        OPENS,
    ),
    Mutant(
        "a-triage-supervisor-releases-held-texts",
        DESK,
        "action(explain_conflict(self._release), ROLES)",
        "action(explain_conflict(self._release), (*ROLES, Role.TRIAGE_SUPERVISOR))",
        OPENS,
    ),
    Mutant(
        "anybody-reads-a-flag",
        FLAGS,
        "page(self._show, DECIDERS)",
        f"page(self._show, {ANY_ROLE})",
        OPENS,
    ),
    Mutant(
        "operations-decides-cases",
        CASES,
        "action(self._decide, DECIDERS)",
        f"action(self._decide, (*DECIDERS, {ANY_ROLE}.OPERATIONS))",
        OPENS,
    ),
    Mutant(
        "the-source-desk-takes-on-flags",
        FLAGS,
        "action(self._acknowledge, DECIDERS)",
        f"action(self._acknowledge, (*DECIDERS, {ANY_ROLE}.SOURCE_DESK_OFFICER))",
        OPENS,
    ),
    Mutant(
        "a-flag-is-taken-on-by-any-method",
        FLAGS,
        'action(self._acknowledge, DECIDERS), methods=["POST"]',
        'action(self._acknowledge, DECIDERS), methods=["POST", "PUT", "DELETE"]',
        NO_OTHER,
    ),
    Mutant(
        "a-page-for-everybody-is-added",
        QUEUE,
        'return [Route("/", _start), ',
        f'return [Route("/", _start), Route("/export", self._site.page(self._show, {ANY_ROLE})), ',
        EVERY_ROUTE,
    ),
)
