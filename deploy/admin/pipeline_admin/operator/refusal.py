"""Why a person may not operate."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pipeline_admin.refusal import RefusedError


class OperatorError(RefusedError):
    """A command refuses the person, or cannot prove who it is."""

    REASONS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "no_provider": "the installation names no identity provider (ADMIN_IDENTITY)",
            "provider_away": "the identity provider does not answer",
            "no_device_sign_in": "the identity provider offers no sign-in of devices",
            "not_signed_in": "run `pipeline sign-in`",
            "sign_in_open": "others can read the file of the sign-in: delete it, and run `pipeline sign-in`",
            "sign_in_ended": "the sign-in counts no longer: run `pipeline sign-in`",
            "not_approved": "nobody approved the code in time, or it was refused",
            "not_permitted": "no role of yours allows it",
            "not_fresh": "this needs a fresh sign-in: sign out at the provider, and run `pipeline sign-in`",
            "no_reason": "a reason is needed (--reason)",
        }
    )
