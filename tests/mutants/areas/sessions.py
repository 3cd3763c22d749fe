"""Faults of keys and sessions: they stay valid after their end."""

from tests.mutants.model import Mutant

SESSIONS = "shared/pipeline_shared/web/identity/sessions.py"
PROVEN = "shared/pipeline_shared/web/identity/proven_sessions.py"
COOKIES = (
    "tests/unit/shared/web/test_cookies.py::test_a_cookie_is_set_with_every_protection_and_for_this_site_alone",
    "tests/unit/shared/web/test_cookies.py::test_a_cookie_is_removed_as_it_was_set",
)
IDLE = "tests/integration/doors/test_sessions.py"
BY_ITSELF = (f"{IDLE}::test_a_page_that_asks_by_itself_keeps_no_session_alive_and_a_person_does",)
IN_FORCE = "tests/integration/test_keys_in_force.py"
REFUSED = (f"{IN_FORCE}::test_a_key_that_is_no_longer_in_force_is_refused_by_every_instance_at_the_next_request",)
STORE = "services/intake/intake_service/agencies/store.py"
COOKIE = "shared/pipeline_shared/web/identity/cookies.py"
SET = """            path="/",
            httponly=True,
            secure=self._secure,
            samesite="lax",
"""
PROVIDER = "tests/integration/triage/test_identity_provider.py"
ENDING = "tests/integration/triage/test_ending_sessions.py"
SIGNING_IN = "tests/integration/triage/test_signing_in.py"

MUTANTS = (
    Mutant(
        "a-screen-that-refreshes-keeps-its-session-alive",
        SESSIONS,
        "by_person=BACKGROUND_HEADER not in request.headers",
        "by_person=True",
        BY_ITSELF,
    ),
    Mutant(
        "a-session-without-use-never-ends",
        "shared/pipeline_shared/web/identity/session_store.py",
        "AND seen_at > now() - $3::interval AND opened_at",
        "AND $3::interval IS NOT NULL AND opened_at",
        BY_ITSELF,
    ),
    Mutant("scripts-read-the-cookie", COOKIE, SET, SET.replace("            httponly=True,\n", ""), COOKIES),
    Mutant("other-sites-send-the-cookie", COOKIE, SET, SET.replace('"lax"', '"none"'), COOKIES),
    Mutant("the-cookie-goes-over-http", COOKIE, SET, SET.replace("            secure=self._secure,\n", ""), COOKIES),
    Mutant("the-cookie-has-no-host-prefix", COOKIE, "{'__Host-' if secure else ''}{service}-", "{service}-", COOKIES),
    Mutant(
        "a-session-row-needs-no-proof",
        PROVEN,
        "        if not self._key.is_proven(SESSION, stored.proof, hash_of(token), stored.facts, stored.tokens):\n",
        "        if not stored.proof:\n",
        (f"{SIGNING_IN}::test_attack_75_a_changed_session_row_is_no_session",),
    ),
    Mutant(
        "a-session-row-fits-every-browser",
        PROVEN,
        "self._key.is_proven(SESSION, stored.proof, hash_of(token), ",
        "self._key.is_proven(SESSION, stored.proof, ",
        (f"{SIGNING_IN}::test_attack_75_a_session_row_of_another_person_opens_nothing",),
    ),
    Mutant(
        "a-lost-role-never-counts",
        SESSIONS,
        "            if self.roles_of(identity) != frozenset(facts.roles):\n",
        "            if not identity:\n",
        (f"{ENDING}::test_attack_48_a_role_or_an_account_taken_away_counts_at_the_next_check",),
    ),
    Mutant(
        "two-requests-use-one-refresh-token",
        SESSIONS,
        "            if await session_store.lease_check(self._pool, found.hash):\n",
        "            if found:\n",
        (f"{ENDING}::test_requests_at_once_share_one_check_because_a_refresh_token_counts_once",),
    ),
    Mutant(
        "any-nonce-will-do",
        "shared/pipeline_shared/web/identity/claims.py",
        '    if nonce is not None and claims.get("nonce") != nonce:\n',
        '    if nonce is not None and not claims.get("nonce"):\n',
        (f"{PROVIDER}::test_attack_40_an_answer_that_is_not_for_this_sign_in_opens_no_session",),
    ),
    Mutant(
        "a-token-for-another-client-will-do",
        "shared/pipeline_shared/web/identity/claims.py",
        "    if audience not in (expected.client_id, [expected.client_id])",
        "    if not audience",
        (f"{PROVIDER}::test_attack_40_an_answer_that_is_not_for_this_sign_in_opens_no_session",),
    ),
    Mutant(
        "a-form-of-another-person-is-offered-again",
        "shared/pipeline_shared/web/site.py",
        '        if self._sessions.forms.owner(form.get("csrf", "")) != session.person.id:\n',
        '        if not self._sessions.forms.owner(form.get("csrf", "")):\n',
        ("tests/integration/doors/test_roles.py::test_a_form_counts_only_with_its_own_token_and_from_its_own_site",),
    ),
    Mutant(
        "a-revoked-key-goes-on-working",
        STORE,
        "enabled AND revoked_at IS NULL AND (",
        "enabled AND (",
        REFUSED,
    ),
    Mutant(
        "a-disabled-agency-goes-on-submitting",
        STORE,
        'IN_FORCE = "enabled AND revoked_at',
        'IN_FORCE = "revoked_at',
        REFUSED,
    ),
    Mutant(
        "a-key-goes-on-working-while-it-is-remembered",
        "services/intake/intake_service/agencies/limiter.py",
        "        if not taken.is_in_force:\n            raise UnknownAgencyError\n",
        "",
        REFUSED,
    ),
    Mutant(
        "a-status-moves-back-after-its-end",
        "services/intake/intake_service/submissions/store.py",
        " AND submission.status IN ('received', 'in_assessment'))",
        ")",
        (f"{IN_FORCE}::test_an_end_stays_until_its_case_is_reopened_and_then_the_next_end_stays",),
    ),
    Mutant(
        "submissions-are-sealed-to-keys-that-nobody-confirmed",
        "services/intake/intake_service/submissions/web.py",
        "return self.keys.bundle.is_confirmed and self.screeners.have_started",
        "return self.screeners.have_started",
        (f"{IN_FORCE}::test_before_the_bundle_of_keys_is_confirmed_nothing_is_taken_in",),
    ),
)
