"""Faults at the edge of intake: no bounds, something that identifies goes further, a text is not screened."""

from tests.mutants.model import Mutant

INTAKE = "services/intake/intake_service"
LIMITS = ("tests/unit/intake/test_limits.py",)
TURNS = ("tests/unit/intake/test_turns.py",)
BOUNDS = ("tests/unit/intake/test_screening_bounds.py",)
READING = ("tests/unit/intake/test_reading.py",)
TOKENS = ("tests/unit/intake/test_status_tokens.py",)
IDS = ("tests/unit/shared/test_derived_ids.py",)

MUTANTS = (
    Mutant(
        "a-bucket-holds-more-than-its-burst",
        f"{INTAKE}/limits.py",
        "return max(0.0, max(full_in, 0.0) + self.seconds(tokens) - self.depth)",
        "return max(0.0, full_in - self.depth)",
        LIMITS,
    ),
    Mutant(
        "a-large-body-costs-no-more-than-a-small-one",
        f"{INTAKE}/limits.py",
        "return 1 + len(body) // BYTES_A_TOKEN",
        "return 1",
        LIMITS,
    ),
    Mutant(
        "whoever-sends-much-is-served-first",
        f"{INTAKE}/turns.py",
        "        queue = self._queues.pop(sender)\n",
        "        queue = self._queues.pop(sender) if len(self._queues[sender].items) == 1 else self._queues[sender]\n",
        TURNS,
    ),
    Mutant(
        "of-one-sender-all-may-wait",
        f"{INTAKE}/turns.py",
        "        if queue.items and queue.size + size > self._most:\n            return False\n",
        "",
        TURNS,
    ),
    Mutant(
        "every-hit-of-a-text-is-kept",
        f"{INTAKE}/screening/keeping.py",
        "        if alike[hit.rule, hit.path] <= MOST_ALIKE:\n",
        "        if alike:\n",
        BOUNDS,
    ),
    Mutant(
        "of-many-hits-the-first-are-kept-whatever-they-say",
        f"{INTAKE}/screening/keeping.py",
        "dict.fromkeys([*sorted(reasons.values()), *sorted(rules.values()), *range(len(found))])",
        "dict.fromkeys(range(len(found)))",
        BOUNDS,
    ),
    Mutant(
        "a-text-that-was-not-screened-in-time-is-ordinary",
        f"{INTAKE}/screening/screen.py",
        '            unread = (*unread, unscreened("out_of_time", path))\n',
        "            unread = ()\n",
        BOUNDS,
    ),
    Mutant(
        "a-text-on-which-the-screen-fails-is-ordinary",
        f"{INTAKE}/screening/screen.py",
        '            unread = (*unread, unscreened("failed", path))\n',
        "            unread = ()\n",
        BOUNDS,
    ),
    Mutant(
        "of-two-fields-of-one-name-the-last-counts",
        f"{INTAKE}/reading.py",
        '    if len(unique) != len(pairs):\n        raise RefusedError("duplicate_field")\n',
        "",
        READING,
    ),
    Mutant(
        "a-refusal-repeats-the-name-of-an-unknown-field",
        f"{INTAKE}/reading.py",
        '"field": _path(location[:-1]), "code": "unknown_field"',
        '"field": _path(location), "code": "unknown_field"',
        READING,
    ),
    Mutant(
        "a-status-token-is-the-reference-itself",
        f"{INTAKE}/status_tokens.py",
        "return UUID(bytes=self._cipher.encryptor().update(status_ref.bytes))",
        "return status_ref",
        TOKENS,
    ),
    Mutant(
        "ids-of-events-are-made-without-a-secret",
        "shared/pipeline_shared/work.py",
        "digest = hmac.digest(self._id_key, cause.bytes",
        'digest = hmac.digest(b"", cause.bytes',
        IDS,
    ),
)
