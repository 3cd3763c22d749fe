"""Faults of sealed storage: sealed to the wrong keys or bound to the wrong place."""

from tests.mutants.model import Mutant

KEYS = "services/sanitiser/sanitiser_service/worker/keys.py"
HELD = "services/sanitiser/sanitiser_service/open_submission.py"
MIGRATION = "services/sanitiser/sanitiser_service/migrations/0005_desk.sql"
OPENING = "tests/integration/test_opening.py"
EACH = (f"{OPENING}::test_each_recipient_opens_what_is_kept_under_its_own_reference_and_nobody_else_does",)
EITHER = (f"{OPENING}::test_neither_of_the_sanitisers_processes_opens_what_is_for_the_other",)
PARKS = (f"{OPENING}::test_what_a_service_parks_it_alone_opens_and_only_at_its_place",)
PRIVILEGES = ("tests/integration/test_privileges.py",)
SEALING = "shared/pipeline_shared/crypto/sealing.py"
SEAL_TESTS = ("tests/unit/shared/test_sealing.py",)

MUTANTS = (
    Mutant(
        "a-source-is-sealed-under-another-reference",
        KEYS,
        "Context(SOURCE_PURPOSE, submission.source_ref)",
        "Context(SOURCE_PURPOSE, submission.flag_id)",
        EACH,
    ),
    Mutant(
        "a-source-is-sealed-without-the-escrow-key",
        KEYS,
        'bundle.recipients("source_desk", "escrow")',
        'bundle.recipients("source_desk")',
        EACH,
    ),
    Mutant(
        "a-source-is-sealed-to-the-sanitiser-itself-too",
        KEYS,
        'bundle.recipients("source_desk", "escrow")',
        'bundle.recipients("source_desk", "escrow", "sanitiser")',
        EACH,
    ),
    Mutant(
        "what-is-held-is-sealed-to-the-worker-too",
        KEYS,
        'bundle.recipients("desk")',
        'bundle.recipients("desk", "sanitiser")',
        (*EACH, *EITHER),
    ),
    Mutant(
        "what-is-held-has-no-purpose-of-its-own",
        HELD,
        'HELD_PURPOSE = "held.submission"',
        'HELD_PURPOSE = "submission.received"',
        EITHER,
    ),
    Mutant(
        "the-worker-may-read-what-is-held",
        MIGRATION,
        "REVOKE ALL ON source_record, held, session FROM :app;",
        "REVOKE ALL ON source_record, session FROM :app;",
        PRIVILEGES,
    ),
    Mutant(
        "the-desk-may-publish-any-event",
        MIGRATION,
        "(topic = 'submission.sanitised.v1' AND NOT urgent",
        "(NOT urgent",
        (f"{PRIVILEGES[0]}::test_the_desk_publishes_releases_and_nothing_else",),
    ),
    Mutant(
        "the-desk-may-take-a-release-back",
        MIGRATION,
        "USING (state <> 'released')",
        "USING (true)",
        (f"{PRIVILEGES[0]}::test_the_desk_cannot_take_a_release_back",),
    ),
    Mutant(
        "the-worker-may-write-in-a-persons-name",
        MIGRATION,
        "WITH CHECK (actor LIKE 'service:%')",
        "WITH CHECK (true)",
        (f"{PRIVILEGES[0]}::test_a_process_cannot_enter_anything_in_the_name_of_another",),
    ),
    Mutant(
        "a-submission-is-sealed-to-the-source-desk-too",
        "services/intake/intake_service/submissions/sealing_keys.py",
        'Sealing(self.bundle.keys.recipients("sanitiser")',
        'Sealing(self.bundle.keys.recipients("sanitiser", "source_desk")',
        EITHER,
    ),
    Mutant(
        "a-parked-value-is-bound-to-no-place",
        "shared/pipeline_shared/messaging/parking.py",
        "nonce + self._cipher.encrypt(nonce, _pack(record), (WHOLE + place).encode())",
        "nonce + self._cipher.encrypt(nonce, _pack(record), b'')",
        PARKS,
    ),
    Mutant(
        "a-parked-value-opens-anywhere-in-its-partition",
        "shared/pipeline_shared/messaging/parking.py",
        '    return f"{topic}:{partition}:{offset}"\n',
        '    return f"{topic}:{partition}"\n',
        PARKS,
    ),
    Mutant(
        "a-seal-is-not-bound-to-its-record",
        SEALING,
        "    parts = (context.purpose, context.record.bytes, *more)\n",
        "    parts = (context.purpose, *more)\n",
        SEAL_TESTS,
    ),
    Mutant(
        "a-seal-is-not-bound-to-its-purpose",
        SEALING,
        "    parts = (context.purpose, context.record.bytes, *more)\n",
        "    parts = (context.record.bytes, *more)\n",
        SEAL_TESTS,
    ),
    Mutant(
        "the-length-of-what-is-sealed-tells",
        SEALING,
        "    return framed + bytes(-len(framed) % STEP)\n",
        "    return framed\n",
        SEAL_TESTS,
    ),
)
