"""The topics that triage reads, each with its use case."""

from functools import partial

from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import (
    SAFETY_FLAGGED,
    SAFETY_PREVIEWED,
    SUBMISSION_SANITISED,
    TRANSFER_CONFIRMED,
    TRIAGE,
)
from triage_service.cases.usecases import confirm_transfers, open_cases
from triage_service.flags.usecases import add_previews, open_flags
from triage_service.rules.domain import RuleTable


def subscriptions(rules: RuleTable) -> tuple[Subscription, ...]:
    """Return triage's table of topic, reader and use case."""
    return (
        Subscription(SAFETY_FLAGGED, TRIAGE, open_flags),
        Subscription(SAFETY_PREVIEWED, TRIAGE, add_previews),
        Subscription(SUBMISSION_SANITISED, TRIAGE, partial(open_cases, rules=rules)),
        Subscription(TRANSFER_CONFIRMED, TRIAGE, confirm_transfers),
    )
