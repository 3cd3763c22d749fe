"""The titles and texts of error pages: they say nothing of the fault inside."""

from collections.abc import Mapping
from http import HTTPStatus

NOT_ALLOWED = ("You may not do this", "Your role does not allow it. Nothing was changed.")
OTHER_ERROR = ("There is a problem", "This page cannot be shown.")
ERROR_TEXTS: Mapping[HTTPStatus, tuple[str, str]] = {
    HTTPStatus.FORBIDDEN: (
        "This form cannot be accepted",
        "Nothing was changed. Go back, load the page again, and send the form once more.",
    ),
    HTTPStatus.NOT_FOUND: (
        "Page not found",
        "Check the address. If it is right, your role does not open this page or it is no longer there.",
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        "What you sent did not arrive in time",
        "Nothing was changed. Go back and send the form once more.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("Sorry, there is a problem", "Nothing was changed. Try again in a few minutes."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Sorry, the service is unavailable for a moment",
        "Nothing was changed. Try again in a minute.",
    ),
}
