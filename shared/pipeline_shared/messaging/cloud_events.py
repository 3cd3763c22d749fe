"""CloudEvents 1.0 attributes in a record's headers (binary content mode).

They say nothing that the topic and the event itself do not say: ids, a type, the producing service, and the time that
the event states, as coarse as the event states it (D-S6). Our own consumers read no headers.
"""

import re
from functools import lru_cache

from pipeline_shared.messaging.outbox import WaitingRow

SPECVERSION, CONTENT_TYPE = "1.0", "application/json"
Headers = list[tuple[str, bytes]]

# Every event begins with these two fields (`language.events.Event`): its time is read without parsing the rest.
_TIME = re.compile(rb'\{"event_id":"[0-9a-f-]{36}","occurred_at":"([0-9TZ:.+-]{10,40})"')


def source_of(service: str) -> str:
    """Return how a producing service is named as the source of an event."""
    return f"/{service}"


def headers_of(row: WaitingRow, service: str) -> Headers:
    """Return the headers of a record: these and no others; a row that holds no event of ours has no time."""
    headers = [*_headers_of_topic(row.topic, service), ("ce_id", str(row.event_id).encode())]
    time = _TIME.match(row.value or b"")
    return [*headers, ("ce_time", time[1])] if time else headers


@lru_cache(maxsize=64)
def _headers_of_topic(topic: str, service: str) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", SPECVERSION.encode()),
        ("ce_source", source_of(service).encode()),
        ("ce_type", topic.encode()),
        ("content-type", CONTENT_TYPE.encode()),
    )
