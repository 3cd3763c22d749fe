"""Faults of signed events: a forged row or record would have an effect, or would stop other records."""

from tests.mutants.model import Mutant

MESSAGING = "shared/pipeline_shared/messaging"
SIGNATURES, REFUSED = f"{MESSAGING}/signatures.py", f"{MESSAGING}/refused_records.py"
UNIT = "tests/unit/shared/test_signatures.py"
PARKED, FORGED = (
    "tests/integration/delivery/test_refused_records.py",
    "tests/integration/test_attack_76_forged_events.py",
)
ANY_BYTE = f"{UNIT}::test_attack_76_a_record_with_one_bit_of_any_byte_changed_is_refused"
AS_IT_IS = f"{UNIT}::test_attack_76_a_record_that_was_not_signed_as_it_is_is_refused_with_its_reason"
DAMAGED = "tests/integration/test_damaged_batch.py"

MUTANTS = (
    Mutant(
        "a-record-without-a-signature-is-read",
        f"{MESSAGING}/delivery.py",
        "        genuine, refused = await self._refused.part(records)\n",
        "        genuine, refused = records, []\n",
        (f"{FORGED}::test_attack_76_a_row_inserted_as_triages_own_role_has_no_effect_and_gets_no_signature",),
    ),
    Mutant(
        "an-event-is-written-without-its-signature",
        "shared/pipeline_shared/runtime/work.py",
        "return await asyncio.to_thread(self._signer.sign_all, self._events)",
        "return self._events",
        (
            "tests/integration/test_cloud_events.py::test_each_record_of_a_submissions_way_has_the_documented_headers_and_no_others",
        ),
    ),
    Mutant(
        "a-signature-does-not-cover-the-topic",
        SIGNATURES,
        "parts = [SCHEME, topic.encode(), key, value]",
        "parts = [SCHEME, key, value]",
        (ANY_BYTE,),
    ),
    Mutant(
        "a-signature-does-not-cover-the-kafka-key",
        SIGNATURES,
        "parts = [SCHEME, topic.encode(), key, value]",
        "parts = [SCHEME, topic.encode(), value]",
        (ANY_BYTE,),
    ),
    Mutant(
        "a-signature-does-not-cover-the-headers",
        SIGNATURES,
        "        parts += [name.encode(), content]\n",
        "        parts += []\n",
        (ANY_BYTE, AS_IT_IS),
    ),
    Mutant(
        "two-records-give-the-same-bytes-to-sign",
        SIGNATURES,
        'return b"".join(len(part).to_bytes(4, "big") + part for part in parts)\n\n\ndef generate',
        'return b"".join(parts)\n\n\ndef generate',
        (f"{UNIT}::test_bytes_that_move_from_one_part_to_the_next_are_noticed",),
    ),
    Mutant(
        "any-process-signs-any-topic",
        SIGNATURES,
        "        if trusted.process not in topic.signed_by:\n",
        "        if not topic.signed_by:\n",
        (f"{UNIT}::test_attack_76_a_topic_takes_the_signature_of_its_own_processes_and_of_no_other",),
    ),
    Mutant(
        "a-second-spelling-of-a-signature-passes",
        SIGNATURES,
        "    if encode_base64(signature).encode() != text:\n",
        "    if not text:\n",
        (ANY_BYTE,),
    ),
    Mutant(
        "a-key-of-another-role-signs-events",
        SIGNATURES,
        "            if key.role.startswith(EVENTS)\n",
        "            if len(decode_base64(key.public_key)) == 32\n",
        (f"{UNIT}::test_a_key_with_another_role_signs_nothing",),
    ),
    Mutant(
        "a-process-starts-with-a-key-that-nobody-knows",
        SIGNATURES,
        "        if trusted != _Trusted(process, signer.key.public_key()):\n",
        "        if trusted and trusted.process != process:\n",
        (f"{UNIT}::test_a_process_whose_signatures_readers_would_refuse_does_not_start",),
    ),
    Mutant(
        "a-decision-without-a-signature-passes-during-the-change",
        SIGNATURES,
        "        if over or topic.always_signed:\n",
        "        if over:\n",
        (f"{UNIT}::test_attack_76_a_decision_without_a_signature_is_refused_whatever_time_is_set",),
    ),
    Mutant(
        "unsigned-events-pass-after-the-change",
        SIGNATURES,
        "over = self._unsigned_until is None or datetime.now(UTC) >= self._unsigned_until",
        "over = self._unsigned_until is None",
        (f"{UNIT}::test_events_without_a_signature_are_accepted_until_the_time_that_is_set",),
    ),
    Mutant(
        "a-replay-does-not-check-the-signature-again",
        f"{MESSAGING}/delivery.py",
        "            self._refused.check(record)\n",
        "",
        (
            f"{FORGED}::test_attack_76_a_forged_record_that_an_operator_replays_stays_parked",
            f"{PARKED}::test_a_record_that_was_parked_for_another_reason_is_checked_again_when_it_is_replayed",
        ),
    ),
    Mutant(
        "a-refused-record-that-was-sent-again-has-a-second-effect-by-its-replay",
        f"{MESSAGING}/delivery.py",
        "WITHOUT_INBOX_ROW = (UNREADABLE, *CODES)",
        "WITHOUT_INBOX_ROW = (UNREADABLE,)",
        (f"{PARKED}::test_a_genuine_record_that_was_refused_and_sent_again_has_no_second_effect_by_its_replay",),
    ),
    Mutant(
        "forged-records-fill-the-table",
        REFUSED,
        "refused[: MOST_REFUSED - waiting], refused[MOST_REFUSED - waiting :]",
        "refused[:], refused[len(refused) :]",
        (
            f"{PARKED}::test_attack_76_no_more_refused_records_are_kept_than_may_wait_and_the_audit_says_where_the_rest_is",
        ),
    ),
    Mutant(
        "a-genuine-record-that-somebody-kept-has-a-second-effect",
        REFUSED,
        "OLDEST = inbox.KEEP - timedelta(days=1)",
        "OLDEST = inbox.KEEP + timedelta(days=1)",
        (f"{PARKED}::test_attack_76_a_genuine_record_that_no_inbox_may_know_any_more_has_no_effect",),
    ),
    Mutant(
        "a-refused-record-raises-no-alarm",
        f"{MESSAGING}/delivery.py",
        '            self._metrics.outcomes.labels(self._stage, "refused").inc(len(refused))\n',
        "",
        (f"{PARKED}::test_attack_76_refused_records_do_not_count_for_the_parking_limit",),
    ),
    Mutant(
        "a-decision-by-a-service-is-transferred",
        "shared/pipeline_shared/language/events.py",
        'PERSON_REF = "^person:',
        'PERSON_REF = "^service:[a-z]+$|^person:',
        (
            "tests/contract/test_events.py::test_attack_76_a_decision_names_a_person_by_an_opaque_reference_or_is_refused",
        ),
    ),
    Mutant(
        "the-envelope-names-nobody",
        "services/transfer/transfer_service/envelope.py",
        "            decided_by=decided.decided_by,\n",
        '            decided_by="person:00000000-0000-0000-0000-000000000001",\n',
        ("tests/unit/transfer/test_envelope.py",),
    ),
    Mutant(
        "a-damaged-batch-costs-the-records-of-other-partitions",
        f"{MESSAGING}/batch_reading.py",
        "fetcher.MemoryRecords, fetcher.FetchResult = SafeRecords, SafeResult",
        "fetcher.MemoryRecords = SafeRecords",
        (f"{DAMAGED}::test_a_damaged_batch_costs_no_record_and_its_partition_goes_on_once_it_is_mended",),
    ),
    Mutant(
        "a-damaged-batch-is-skipped",
        f"{MESSAGING}/batch_reading.py",
        "            self._stop_before(fetched.next_fetch_offset, error)\n",
        "            fetched.next_fetch_offset += 1\n            _ = error\n",
        (f"{DAMAGED}::test_a_damaged_batch_costs_no_record_and_its_partition_goes_on_once_it_is_mended",),
    ),
    Mutant(
        "a-damaged-partition-counts-as-well",
        f"{MESSAGING}/progress.py",
        "return self.poll_age < STALLED_SECONDS and not self.damaged",
        "return self.poll_age < STALLED_SECONDS",
        (f"{DAMAGED}::test_a_damaged_batch_costs_no_record_and_its_partition_goes_on_once_it_is_mended",),
    ),
    Mutant(
        "the-desks-role-takes-the-relays-lock",
        "deploy/admin/pipeline_admin/provision_postgres.py",
        "        await _keep_advisory_locks(connection, service)\n",
        "",
        ("tests/integration/test_relay_lock.py",),
    ),
    Mutant(
        "no-commit-wakes-the-relay-of-a-running-service",
        "shared/pipeline_shared/runtime/service.py",
        "self._relay = Relay(settings, self.database.new_events)",
        "self._relay = Relay(settings)",
        ("tests/integration/test_relay.py::test_a_commit_of_a_running_service_wakes_its_relay",),
    ),
)
