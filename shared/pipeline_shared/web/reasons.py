"""The reason in a form: every decision and every change of an owner has one."""

from collections.abc import Mapping

from pipeline_shared.language.visible import has_visible
from pipeline_shared.web.errors import FormError

MAX_REASON = 2_000


def read_reason(form: Mapping[str, str], field: str, missing: str) -> tuple[str, list[FormError]]:
    """Return the reason in a field of a form, and its errors; `missing` is the text of the error without a reason."""
    reason = form.get(field, "")
    if not has_visible(reason):
        return reason, [FormError(field, missing)]
    if len(reason) > MAX_REASON:
        return reason, [FormError(field, f"The reason must be {MAX_REASON:,} characters or fewer")]
    return reason, []
