"""Faults of all pages: roles, forms, sessions."""

from tests.mutants.model import Mutant

SITE = "shared/pipeline_shared/web/site.py"
TRIAGE, DESK = "services/triage/triage_service", "services/sanitiser/sanitiser_service/desk/review/web.py"
FLAGS, QUEUE = (f"{TRIAGE}/{capability}/web.py" for capability in ("flags", "queue"))
FORMS = "tests/unit/shared/web/test_forms.py"
ROLES = "tests/integration/doors/test_roles.py"
CONDITIONS = "tests/integration/doors/test_conditions.py"
OPENS = (f"{ROLES}::test_a_door_opens_to_its_roles_and_is_not_there_for_others",)
EVERY_ROUTE = (f"{ROLES}::test_every_route_of_a_site_says_who_may_use_it",)
FORM_COUNTS = (f"{ROLES}::test_a_form_counts_only_with_its_own_token_and_from_its_own_site",)
NO_OTHER = (f"{ROLES}::test_no_other_method_than_its_own_gets_anybody_further",)

MAY_ACT = """            if session:
                _require(request, session, action)
"""
MAY_SEE = """            _require(request, session, action)
            return await view("""
PERMISSIONS = "shared/pipeline_shared/access/permissions.py"
TABLE = ("tests/unit/shared/access/test_permissions.py",)

MUTANTS = (
    Mutant(
        "a-form-from-another-site-is-believed",
        "shared/pipeline_shared/web/forms.py",
        'if site is not None and site != "same-origin":',
        'if site is not None and site == "cross-site":',
        (f"{FORMS}::test_no_other_page_may_send_a_form",),
    ),
    Mutant("actions-check-no-role", SITE, MAY_ACT, "", OPENS),
    Mutant("pages-check-no-role", SITE, MAY_SEE, "            return await view(", OPENS),
    Mutant(
        "actions-check-no-token",
        SITE,
        """            if not self._sessions.forms.belongs_to(form.get("csrf", ""), self._sessions.token_of(request)):
                return await self._offer_again(form, back, session)
""",
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
        'self._step("preview", self._preview, Action.OPEN_HELD)',
        'self._step("preview", self._preview, None)',
        OPENS,
    ),
    Mutant(
        "operations-reads-the-desks-texts",
        PERMISSIONS,
        "Action.OPEN_HELD: Permission(SOURCE_DESK, ",
        "Action.OPEN_HELD: Permission(SOURCE_DESK | OPERATIONS, ",
        TABLE,
    ),
    Mutant(
        "a-triage-supervisor-releases-held-texts",
        PERMISSIONS,
        "Action.RELEASE_HELD: Permission(\n            SOURCE_DESK, ",
        "Action.RELEASE_HELD: Permission(\n            SOURCE_DESK | SUPERVISORS, ",
        TABLE,
    ),
    Mutant(
        "anybody-reads-a-flag",
        FLAGS,
        "page(self._show, Action.READ_FLAG)",
        "page(self._show, None)",
        OPENS,
    ),
    Mutant(
        "operations-decides-cases",
        PERMISSIONS,
        "Action.DECIDE_CASE: Permission(TRIAGE, ",
        "Action.DECIDE_CASE: Permission(TRIAGE | OPERATIONS, ",
        TABLE,
    ),
    Mutant(
        "the-source-desk-takes-on-flags",
        FLAGS,
        "action(self._acknowledge, Action.ACKNOWLEDGE_FLAG, page=FLAG)",
        "action(self._acknowledge, None, page=FLAG)",
        OPENS,
    ),
    Mutant(
        "reopening-needs-no-fresh-sign-in",
        SITE,
        "if action and PERMISSIONS[action].needs_step_up and not self._is_fresh(session):",
        "if action and not session:",
        (f"{CONDITIONS}::test_an_old_sign_in_leads_to_a_fresh_one_and_back_to_the_form_as_it_was",),
    ),
    Mutant(
        "an-action-needs-no-reason",
        "shared/pipeline_shared/web/conditions.py",
        """            if errors:
                return await self.reason.show_again(replace(visit, errors=errors))
""",
        "",
        (f"{CONDITIONS}::test_without_a_reason_the_form_comes_back",),
    ),
    Mutant(
        "who-acted-before-acts-again",
        SITE,
        """            if refused:
                return refused
""",
        "",
        (f"{CONDITIONS}::test_attack_44_the_person_who_acted_before_is_refused",),
    ),
    Mutant(
        "a-flag-is-taken-on-by-any-method",
        FLAGS,
        'acknowledge, methods=["POST"]',
        'acknowledge, methods=["POST", "PUT", "DELETE"]',
        NO_OTHER,
    ),
    Mutant(
        "a-page-for-everybody-is-added",
        QUEUE,
        'return [Route("/", _start), ',
        'return [Route("/", _start), Route("/export", self._site.page(self._show, None)), ',
        EVERY_ROUTE,
    ),
)
