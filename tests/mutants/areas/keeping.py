"""Faults of sealed storage: sealed to the wrong keys or bound to the wrong place."""

from tests.mutants.model import Mutant

DESK = "services/sanitiser/sanitiser_service/worker/usecases.py"
OPENING = "tests/integration/test_opening.py"
EACH = (f"{OPENING}::test_each_recipient_opens_what_is_kept_under_its_own_reference_and_nobody_else_does",)
PARKS = (f"{OPENING}::test_what_a_service_parks_it_alone_opens_and_only_at_its_place",)
SEALING = "shared/pipeline_shared/crypto/sealing.py"
SEAL_TESTS = ("tests/unit/shared/test_sealing.py",)

MUTANTS = (
    Mutant(
        "a-source-is-sealed-under-another-reference",
        DESK,
        "keys.seal_source(source_ref, opened)",
        "keys.seal_source(event.submission_ref, opened)",
        EACH,
    ),
    Mutant(
        "a-source-is-sealed-without-the-escrow-key",
        "services/sanitiser/sanitiser_service/main.py",
        'bundle.recipients("source_desk", "escrow")',
        'bundle.recipients("source_desk")',
        EACH,
    ),
    Mutant(
        "a-source-is-sealed-to-the-sanitiser-itself-too",
        "services/sanitiser/sanitiser_service/main.py",
        'bundle.recipients("source_desk", "escrow")',
        'bundle.recipients("source_desk", "escrow", "sanitiser")',
        EACH,
    ),
    Mutant(
        "a-submission-is-sealed-to-the-source-desk-too",
        "services/intake/intake_service/submissions/sealing_keys.py",
        'recipients("sanitiser")',
        'recipients("sanitiser", "source_desk")',
        EACH,
    ),
    Mutant(
        "a-parked-value-is-bound-to-no-place",
        "shared/pipeline_shared/messaging/parking.py",
        "nonce + self._cipher.encrypt(nonce, value, place.encode())",
        "nonce + self._cipher.encrypt(nonce, value, b'')",
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
