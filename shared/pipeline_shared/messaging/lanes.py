"""The lanes of an outbox: events of different lanes take turns."""

from uuid import UUID, uuid5

from pipeline_shared.language.vocabulary import SafetyLevel

NO_SENDER = UUID(int=0)


def lane_of(level: SafetyLevel, sender: UUID | None = None) -> UUID | None:
    """Return the lane of a submission's events: SOON has lanes of its own, so NOW waits behind no backlog of it."""
    return uuid5(sender or NO_SENDER, level) if level is SafetyLevel.SOON else sender
