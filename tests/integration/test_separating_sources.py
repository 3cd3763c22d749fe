"""Separating the source on a real database: no transaction is open while a submission waits for the matcher."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg

from pipeline_local.stack import LocalStack
from pipeline_shared.crypto.keys import generate_pair, load_private, load_public
from pipeline_shared.crypto.sealing import Context, Recipient, seal
from pipeline_shared.language.events import SubmissionReceived
from pipeline_shared.language.restricted import RECEIVED_PURPOSE, SealedContent
from pipeline_shared.messaging.delivery import Deliverer
from pipeline_shared.messaging.parking import Parking
from pipeline_shared.messaging.subscriptions import Subscription
from pipeline_shared.messaging.topics import SUBMISSION_RECEIVED, Reader
from pipeline_shared.runtime.metrics import create_metrics
from sanitiser_service.worker.domain import ClearOrHold, Hold
from sanitiser_service.worker.handlers import separating
from sanitiser_service.worker.keys import Keys
from tests.support.building import opened
from tests.support.database import database_of
from tests.support.signing import VERIFIER, record_of, signed


async def test_no_connection_is_held_while_submissions_are_matched(stack: LocalStack) -> None:
    pair, ref = generate_pair(), uuid4()
    anybody = Recipient("k", load_public(pair.public))
    sealed = seal(opened().model_dump_json().encode(), Context(RECEIVED_PURPOSE, ref), [anybody])
    event = SubmissionReceived(event_id=uuid4(), occurred_at=datetime.now(UTC), submission_ref=ref, sealed=sealed)
    record = record_of(signed(event), uuid4().int % 2**40)
    in_use: list[int] = []

    async with asyncpg.create_pool(stack.app_dsn("sanitiser"), min_size=0, max_size=2) as pool:

        async def match_all(batch: Sequence[SealedContent]) -> list[ClearOrHold]:
            in_use.append(pool.get_size() - pool.get_idle_size())
            return [Hold(("test",)) for _ in batch]

        keys = Keys({"k": load_private(pair.private)}, (anybody,), (anybody,))
        database, metrics = database_of(pool), create_metrics()
        parking = Parking(base64.b64encode(b"p" * 32).decode())
        use_case = separating(keys, match_all, database.derive_id)
        subscription = Subscription(SUBMISSION_RECEIVED, Reader("separating-test"), use_case)
        stop = asyncio.Event()
        deliverer = Deliverer(subscription, database, metrics, parking=parking, verifier=VERIFIER, stop=stop)
        for _ in range(2):  # the second delivery is a repetition
            await deliverer.deliver([record])
    admin = await asyncpg.connect(stack.admin_dsn("restricted"))  # the worker itself reads nothing of what it adds
    held = await admin.fetchval("SELECT count(*) FROM held WHERE submission_ref = $1", ref)
    sources = await admin.fetchval("SELECT count(*) FROM source_record WHERE submission_ref = $1", ref)
    await admin.close()
    assert in_use == [0, 0]
    assert (held, sources) == (1, 1)
