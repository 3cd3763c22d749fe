"""Faults of what every page shares: roles, forms, sessions."""

from tests.mutants.model import Mutant

SITE = "shared/pipeline_shared/ui/site.py"
FORMS = "tests/unit/ui/test_forms.py"

MUTANTS = (
    Mutant(
        "a-form-from-another-site-is-believed",
        "shared/pipeline_shared/ui/forms.py",
        'if site is not None and site != "same-origin":',
        'if site is not None and site == "cross-site":',
        (f"{FORMS}::test_no_other_page_may_send_a_form",),
    ),
)
