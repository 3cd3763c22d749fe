"""Faults of keys and sessions: they stay valid after their end."""

from tests.mutants.model import Mutant

SESSIONS = "shared/pipeline_shared/web/identity/sessions.py"
COOKIES = (
    "tests/unit/shared/web/test_cookies.py::test_a_cookie_is_set_with_every_protection_and_for_this_site_alone",
    "tests/unit/shared/web/test_cookies.py::test_a_cookie_is_removed_as_it_was_set",
)
IDLE = "tests/integration/doors/test_sessions.py"
BY_ITSELF = (f"{IDLE}::test_a_page_that_asks_by_itself_keeps_no_session_alive_and_a_person_does",)
IN_FORCE = "tests/integration/test_keys_in_force.py"
REFUSED = (f"{IN_FORCE}::test_a_key_that_is_no_longer_in_force_is_refused_within_seconds",)
STORE = "services/intake/intake_service/agencies/store.py"
SET = 'value, path="/", httponly=True, secure=self._secure, samesite="lax")'

MUTANTS = (
    Mutant(
        "a-screen-that-refreshes-keeps-its-session-alive",
        SESSIONS,
        "by_person = BACKGROUND_HEADER not in request.headers",
        "by_person = True",
        BY_ITSELF,
    ),
    Mutant(
        "a-session-without-use-never-ends",
        SESSIONS,
        "              AND seen_at > now() - interval '15 minutes' AND created_at",
        "              AND created_at",
        BY_ITSELF,
    ),
    Mutant("scripts-read-the-cookie", SESSIONS, SET, SET.replace("httponly=True, ", ""), COOKIES),
    Mutant("other-sites-send-the-cookie", SESSIONS, SET, SET.replace('"lax"', '"none"'), COOKIES),
    Mutant("the-cookie-goes-over-http", SESSIONS, SET, SET.replace("secure=self._secure, ", ""), COOKIES),
    Mutant("the-cookie-has-no-host-prefix", SESSIONS, "{'__Host-' if secure else ''}{service}-", "{service}-", COOKIES),
    Mutant(
        "a-revoked-key-goes-on-working",
        STORE,
        "WHERE prefix = $1 AND revoked_at IS NULL AND enabled",
        "WHERE prefix = $1 AND enabled",
        REFUSED,
    ),
    Mutant(
        "a-disabled-agency-goes-on-submitting",
        STORE,
        "WHERE prefix = $1 AND revoked_at IS NULL AND enabled",
        "WHERE prefix = $1 AND revoked_at IS NULL",
        REFUSED,
    ),
    Mutant(
        "a-key-is-remembered-for-minutes",
        "services/intake/intake_service/agencies/api_key_auth.py",
        "REMEMBERED_SECONDS = 5.0",
        "REMEMBERED_SECONDS = 300.0",
        REFUSED,
    ),
    Mutant(
        "a-status-moves-back-after-its-end",
        "services/intake/intake_service/submissions/store.py",
        " AND submission.status IN ('received', 'in_assessment')",
        "",
        (f"{IN_FORCE}::test_a_status_never_moves_once_it_is_an_end",),
    ),
    Mutant(
        "submissions-are-sealed-to-keys-that-nobody-confirmed",
        "services/intake/intake_service/submissions/web.py",
        "return self.keys.bundle.is_confirmed and self.screeners.have_started",
        "return self.screeners.have_started",
        (f"{IN_FORCE}::test_before_the_bundle_of_keys_is_confirmed_nothing_is_taken_in",),
    ),
)
