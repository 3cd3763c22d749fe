"""What the worker reads from Kafka, and the use case each event is for."""

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

# Opening and sealing take about a millisecond for each, matching a few in the matcher's own process.
MAX_RECORDS = 100
# Each waits for those that are read with it, and opening the longest takes two milliseconds.
MAX_FLAGS = 20


def separating(keys: Keys, match_all: MatchAll, derive_id: DeriveId) -> Prepared[Received]:
    """Return how sources are separated: the matcher's answer is waited for first, then comes one short transaction."""
    return Prepared(partial(open_and_match, keys=keys, match_all=match_all, derive_id=derive_id), separate_sources)


def subscriptions(
    keys: Keys, derive_id: DeriveId, *, match_all: MatchAll, match_all_high: MatchAll, until_keys: Gate
) -> tuple[Subscription, ...]:
    """Return the worker's table of topic, reader and use case; nothing is sealed before `until_keys` has returned.

    A flag and a preview wait neither for the matcher nor for the keys that sources are sealed to.
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
