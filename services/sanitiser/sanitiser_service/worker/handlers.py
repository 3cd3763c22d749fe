"""The worker's subscriptions: the topics it reads, and the use case of each."""

from functools import partial

from pipeline_shared.language.events import Received
from pipeline_shared.messaging.subscriptions import Gate, Prepared, Subscription
from pipeline_shared.messaging.topics import (
    HIGH_SUBMISSION_RECEIVED,
    SANITISER,
    SANITISER_FLAG,
    SANITISER_PREVIEW,
    SUBMISSION_RECEIVED,
)
from pipeline_shared.runtime.work import DeriveId
from sanitiser_service.preview.usecases import Turns, list_for_preview, read_lanes
from sanitiser_service.worker.keys import Keys
from sanitiser_service.worker.usecases import MatchAll, flag_high, open_and_match, read_choices, separate_sources

# Opening and sealing take about a millisecond each. Matching takes up to half a second, in a child process: one text
# that hangs it makes the rest of its batch wait.
MAX_RECORDS = 20
# A flag waits for the whole batch it was read with, and the longest submission takes two milliseconds to open.
MAX_FLAGS = 20


def separating(keys: Keys, match_all: MatchAll, derive_id: DeriveId) -> Prepared[Received]:
    """Return the use case that separates sources: first the matcher answers, then one short transaction stores all."""
    return Prepared(partial(open_and_match, keys=keys, match_all=match_all, derive_id=derive_id), separate_sources)


def subscriptions(
    keys: Keys, derive_id: DeriveId, *, match_all: MatchAll, match_all_high: MatchAll, until_keys: Gate
) -> tuple[Subscription, ...]:
    """Return the worker's table of topic, reader and use case.

    No source is sealed before `until_keys` returns. Flags and previews wait neither for it nor for the matcher.
    """
    flag = Prepared(partial(read_choices, keys=keys), flag_high)
    preview = Prepared(partial(read_lanes, try_to_open=keys.try_to_open, lane_of=Turns().lane_of), list_for_preview)
    separate, separate_high = separating(keys, match_all, derive_id), separating(keys, match_all_high, derive_id)
    return (
        Subscription(HIGH_SUBMISSION_RECEIVED, SANITISER_FLAG, flag, max_records=MAX_FLAGS),
        Subscription(HIGH_SUBMISSION_RECEIVED, SANITISER_PREVIEW, preview, max_records=MAX_FLAGS),
        Subscription(
            HIGH_SUBMISSION_RECEIVED, SANITISER, separate_high, max_records=MAX_RECORDS, until_ready=until_keys
        ),
        Subscription(SUBMISSION_RECEIVED, SANITISER, separate, max_records=MAX_RECORDS, until_ready=until_keys),
    )
