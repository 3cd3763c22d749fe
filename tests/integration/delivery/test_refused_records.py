"""Records without a valid signature: no effect, parked within a limit, and no other record or topic waits for them."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline_shared.messaging import refused_records
from pipeline_shared.messaging.parking import NONCE_BYTES, ParkedRecord, Parking, Record
from pipeline_shared.messaging.parking_limit import MOST
from pipeline_shared.messaging.signatures import Verifier
from pipeline_shared.runtime.errors import PermanentError
from tests.support.delivering import KEY, SERVICE, TOPIC, Delivering, a_record, an_event
from tests.support.metrics import figure, figures_of
from tests.support.signing import KEYS, a_bundle, a_signer, bundled, record_of, signed

COUNT = "SELECT count(*) FROM parked WHERE consumer = $1 AND error = 'unsigned_event' AND state = 'parked'"
NOT_KEPT = "SELECT reason FROM audit WHERE action = 'refused_records_not_kept'"
FORGET = "UPDATE parked SET state = 'replayed' WHERE error = 'unsigned_event'"


def without_signature(record: Record) -> Record:
    return replace(record, headers=record.headers[:-2])


async def test_attack_76_refused_records_do_not_count_for_the_parking_limit(delivering: Delivering) -> None:
    await delivering.pool.execute(FORGET)
    forged = [without_signature(a_record(an_event())) for _ in range(MOST * 3)]
    await delivering.deliver(*forged)
    event, unreadable = an_event(), a_record(b"{}")
    await delivering.deliver(a_record(event), unreadable, *forged)
    assert await delivering.times(event) == 1
    assert await delivering.parked(unreadable)
    assert await delivering.pool.fetchval(COUNT, SERVICE) == len(forged)
    assert [await delivering.times_parked(record) for record in forged] == [1] * len(forged)
    counted = figures_of(delivering.metrics)
    assert figure(counted, "pipeline_outcomes_total", topic=TOPIC, outcome="refused") == 2 * len(forged)


async def test_attack_76_no_more_refused_records_are_kept_than_may_wait_and_the_audit_says_where_the_rest_is(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delivering.pool.execute(FORGET)
    monkeypatch.setattr(refused_records, "MOST_REFUSED", 5)
    event = an_event()
    forged = [replace(without_signature(a_record(an_event(), offset)), partition=1) for offset in range(900, 908)]
    await delivering.deliver(*forged, a_record(event))
    assert await delivering.times(event) == 1
    assert await delivering.pool.fetchval(COUNT, SERVICE) == 5
    assert [row["reason"] for row in await delivering.pool.fetch(NOT_KEPT)][-1:] == ["3: 1:905-907"]
    await delivering.pool.execute(FORGET)


async def test_a_genuine_record_whose_key_came_too_late_has_its_effect_once_when_it_is_replayed(
    delivering: Delivering,
) -> None:
    event, new = an_event(), a_signer("triage", 2)
    record = record_of(signed(event, new), 4_711)
    await delivering.deliver(record)
    assert (await delivering.parked(record) or {})["error"] == "unknown_signer"
    await delivering.deliverer.replay(record, await delivering.ask_replay(record))
    assert (await delivering.parked(record) or {})["state"] == "parked"
    late = delivering.deliverer_of(delivering.effects, verifier=Verifier(a_bundle(*KEYS, bundled("triage", new))))
    await late.replay(record, await delivering.ask_replay(record))
    await late.deliver([record])
    assert await delivering.times(event) == 1


async def test_a_genuine_record_that_was_refused_and_sent_again_has_no_second_effect_by_its_replay(
    delivering: Delivering,
) -> None:
    event, new = an_event(), a_signer("triage", 2)
    record = record_of(signed(event, new), 4_712)
    await delivering.deliver(record)
    late = delivering.deliverer_of(delivering.effects, verifier=Verifier(a_bundle(*KEYS, bundled("triage", new))))
    await late.deliver([replace(record, offset=4_713)])  # what `pipeline resend` brings
    await late.replay(record, await delivering.ask_replay(record))
    assert await delivering.times(event) == 1
    assert (await delivering.parked(record) or {})["state"] == "replayed"


async def test_a_record_that_was_parked_for_another_reason_is_checked_again_when_it_is_replayed(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = a_record(event)
    delivering.effects.failures[event.event_id] = [PermanentError("not_yet")] * 2
    await delivering.deliver(record)
    delivering.effects.failures.clear()
    revoked = delivering.deliverer_of(delivering.effects, verifier=Verifier(a_bundle()))
    await revoked.replay(record, await delivering.ask_replay(record))
    assert (await delivering.parked(record) or {})["error"] == "unknown_signer"
    assert await delivering.times(event) == 0


async def test_while_a_release_that_signs_replaces_another_unsigned_events_have_their_effect(
    delivering: Delivering,
) -> None:
    event = an_event()
    record = without_signature(a_record(event))
    verifier = Verifier(a_bundle(*KEYS), datetime.now(UTC) + timedelta(hours=1))
    await delivering.deliverer_of(delivering.effects, verifier=verifier).deliver([record])
    assert await delivering.times(event) == 1


def test_what_was_parked_before_events_were_signed_opens_as_a_record_without_a_signature() -> None:
    parking, event = Parking(KEY), an_event()
    value, nonce = event.model_dump_json().encode(), os.urandom(NONCE_BYTES)
    cipher = parking._cipher  # pyright: ignore[reportPrivateUsage]
    old = ParkedRecord(1, SERVICE, TOPIC, 0, 7, nonce + cipher.encrypt(nonce, value, f"{TOPIC}:0:7".encode()))
    record = parking.open(old)
    assert (json.loads(record.value or b"")["event_id"], record.headers) == (str(event.event_id), ())
    with pytest.raises(PermanentError, match="parked_cannot_be_opened"):
        parking.open(replace(old, offset=8))


async def test_attack_76_a_genuine_record_that_no_inbox_may_know_any_more_has_no_effect(delivering: Delivering) -> None:
    ages = {days: an_event().model_copy(update={"occurred_at": days_ago(days)}) for days in (28, 29, 30)}
    records = {days: record_of(signed(event), 5_000 + days) for days, event in ages.items()}
    await delivering.deliver(*records.values())
    assert {days: await delivering.times(event) for days, event in ages.items()} == {28: 1, 29: 0, 30: 0}
    assert (await delivering.parked(records[29]) or {})["error"] == "stale_event"
    await delivering.deliverer.replay(records[29], await delivering.ask_replay(records[29]))
    assert await delivering.times(ages[29]) == 1


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days, minutes=1)
