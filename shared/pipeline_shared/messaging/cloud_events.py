"""CloudEvents 1.0 attributes in the headers of a Kafka record (binary content mode).

The headers repeat facts of the topic and the event: ids, type, producing service, and the event's own time at the
event's own precision (D-S6). Two extension attributes hold the signature and the id of its key; `signatures` makes
them. Our consumers read headers only to check the signature, which covers all of them.
"""

import re
from functools import lru_cache

from pipeline_shared.language.encoding import encode_base64
from pipeline_shared.messaging.outbox import OutboxRow, WaitingRow

SPECVERSION, CONTENT_TYPE = "1.0", "application/json"
SIGNER, SIGNATURE = "ce_signer", "ce_signature"
Headers = list[tuple[str, bytes]]

# Every event begins with these two fields (`language.events.Event`), so its time can be read without parsing the rest.
_TIME = re.compile(rb'\{"event_id":"[0-9a-f-]{36}","occurred_at":"([0-9TZ:.+-]{10,40})"')


def source_of(service: str) -> str:
    """Return the CloudEvents source of a producing service."""
    return f"/{service}"


def headers_of(row: OutboxRow | WaitingRow, service: str) -> Headers:
    """Return all headers of a record. A row that does not hold one of our events has no time header.

    A signature covers the other headers in this order, so an event signed before a change here is refused after it:
    change `signatures.SCHEME` too, and keep the old headers for the old scheme.
    """
    headers = [*_headers_of_topic(row.topic, service), ("ce_id", str(row.event_id).encode())]
    if time := _TIME.match(row.value or b""):
        headers.append(("ce_time", time[1]))
    if row.signer is not None:
        headers.append((SIGNER, row.signer.encode()))
    if row.signature is not None:
        headers.append((SIGNATURE, encode_base64(row.signature).encode()))
    return headers


@lru_cache(maxsize=64)
def _headers_of_topic(topic: str, service: str) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_specversion", SPECVERSION.encode()),
        ("ce_source", source_of(service).encode()),
        ("ce_type", topic.encode()),
        ("content-type", CONTENT_TYPE.encode()),
    )
