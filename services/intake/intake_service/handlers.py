"""The topics that intake reads, each with its use case."""

from functools import partial

from intake_service.submissions.status_tokens import StatusTokens
from intake_service.submissions.usecases import follow_cases
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import CASE_STATUS_CHANGED, INTAKE


def subscriptions(tokens: StatusTokens) -> tuple[Subscription, ...]:
    """Return intake's table of topic, reader and use case."""
    return (Subscription(CASE_STATUS_CHANGED, INTAKE, partial(follow_cases, tokens=tokens)),)
