"""CloudEvents 1.0 attributes in the headers of a Kafka record (binary content mode).

The headers repeat facts of the topic and the event: ids, type, producing service, and the event's own time at the
event's own precision (D-S6). They add no other information. Our consumers do not read headers.
"""

import re
from functools import lru_cache

from pipeline_shared.messaging.outbox import WaitingRow

SPECVERSION, CONTENT_TYPE = "1.0", "application/json"
Headers = list[tuple[str, bytes]]

# Every event begins with these two fields (`language.events.Event`), so its time can be read without parsing the rest.
_TIME = re.compile(rb'\{"event_id":"[0-9a-f-]{36}","occurred_at":"([0-9TZ:.+-]{10,40})"')


def source_of(service: str) -> str:
    """Return the CloudEvents source of a producing service."""
    return f"/{service}"


def headers_of(row: WaitingRow, service: str) -> Headers:
    """Return all headers of a record. A row that does not hold one of our events has no time header."""
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
