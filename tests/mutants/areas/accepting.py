"""Faults at the edge of intake: a missing limit, identity that travels further, a text that is not screened."""

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
        f"{INTAKE}/agencies/limits.py",
        "return max(0.0, max(full_in, 0.0) + self.seconds(tokens) - self.depth)",
        "return max(0.0, full_in - self.depth)",
        LIMITS,
    ),
    Mutant(
        "a-large-body-costs-no-more-than-a-small-one",
        f"{INTAKE}/agencies/limits.py",
        "return 1 + len(body) // BYTES_A_TOKEN",
        "return 1",
        LIMITS,
    ),
    Mutant(
        "whoever-sends-much-is-served-first",
        f"{INTAKE}/screening/turns.py",
        "        queue = self._queues.pop(sender)\n",
        "        queue = self._queues.pop(sender) if len(self._queues[sender].items) == 1 else self._queues[sender]\n",
        TURNS,
    ),
    Mutant(
        "of-one-sender-all-may-wait",
        f"{INTAKE}/screening/turns.py",
        "        if queue.items and queue.size + size > self._most:\n            return False\n",
        "",
        TURNS,
    ),
    Mutant(
        "every-hit-of-a-text-is-kept",
        f"{INTAKE}/screening/hit_limit.py",
        "        if alike[hit.rule, hit.path] <= MOST_ALIKE:\n",
        "        if alike:\n",
        BOUNDS,
    ),
    Mutant(
        "of-many-hits-the-first-are-kept-whatever-they-say",
        f"{INTAKE}/screening/hit_limit.py",
        "dict.fromkeys([*sorted(reasons.values()), *sorted(rules.values()), *range(len(found))])",
        "dict.fromkeys(range(len(found)))",
        BOUNDS,
    ),
    Mutant(
        "a-text-that-was-not-screened-in-time-is-ordinary",
        f"{INTAKE}/screening/screen.py",
        '            not_read = (*not_read, _unscreened("out_of_time", path))\n',
        "            pass\n",
        BOUNDS,
    ),
    Mutant(
        "a-text-on-which-the-screen-fails-is-ordinary",
        f"{INTAKE}/screening/screen.py",
        '            not_read = (*not_read, _unscreened("failed", path))\n',
        "            pass\n",
        BOUNDS,
    ),
    Mutant(
        "of-two-fields-of-one-name-the-last-counts",
        f"{INTAKE}/submissions/reading.py",
        '        if len(unique) != len(pairs):\n            raise RefusedError("duplicate_field")\n',
        "",
        READING,
    ),
    Mutant(
        "a-refusal-repeats-the-name-of-an-unknown-field",
        f"{INTAKE}/submissions/reading.py",
        '"field": _path(location[:-1]), "code": "unknown_field"',
        '"field": _path(location), "code": "unknown_field"',
        READING,
    ),
    Mutant(
        "a-status-token-is-the-reference-itself",
        f"{INTAKE}/submissions/status_tokens.py",
        "return UUID(bytes=self._cipher.encryptor().update(status_ref.bytes))",
        "return status_ref",
        TOKENS,
    ),
    Mutant(
        "ids-of-events-are-made-without-a-secret",
        "shared/pipeline_shared/runtime/work.py",
        "digest = hmac.digest(id_key, cause.bytes",
        'digest = hmac.digest(b"", cause.bytes',
        IDS,
    ),
    Mutant(
        "a-record-larger-than-its-topic-takes-is-accepted",
        f"{INTAKE}/submissions/usecases.py",
        "    if len(sealed) > LARGEST_SEALED:\n        raise TooLargeError\n",
        "",
        ("tests/unit/intake/test_sealed_size.py::test_what_would_be_too_large_is_refused_before_it_is_stored",),
    ),
    Mutant(
        "what-nobody-can-see-is-a-name",
        "shared/pipeline_shared/language/visible.py",
        "in VISIBLE and character not in BLANK for",
        "in VISIBLE for",
        READING,
    ),
    Mutant(
        "a-name-needs-no-letter",
        "shared/pipeline_shared/language/texts.py",
        "    if not has_letter(text):\n",
        "    if not text:\n",
        READING,
    ),
    Mutant(
        "a-line-end-of-windows-counts-twice",
        "shared/pipeline_shared/language/texts.py",
        'value.replace("\\r\\n", "\\n").replace("\\r", "\\n")',
        'value.replace("\\r", "\\n")',
        READING,
    ),
    Mutant(
        "a-body-in-utf-16-is-not-json",
        f"{INTAKE}/submissions/reading.py",
        '    if b"\\0" in body[:4]:\n        raise RefusedError("not_utf8")\n',
        "",
        READING,
    ),
    Mutant(
        "a-text-that-gets-no-answer-is-ordinary",
        f"{INTAKE}/screening/screen_process.py",
        'screening or unread("no_answer", submission.risk)',
        "screening or Screening(())",
        ("tests/integration/test_screeners.py::test_what_waits_too_long_is_high",),
    ),
    Mutant(
        "a-bucket-is-full-again-for-each-request",
        f"{INTAKE}/agencies/store.py",
        "    WHERE greatest(b.full_at, now()) + $5::interval <= now() + $6::interval\n",
        "",
        ("tests/integration/test_limits.py::test_two_instances_share_a_bucket_and_both_buckets_count",),
    ),
    Mutant(
        "a-third-key-of-an-agency-comes-into-force",
        f"{INTAKE}/agencies/operators.py",
        "MOST_KEYS = 2 ",
        "MOST_KEYS = 3 ",
        ("tests/integration/test_agency_commands.py::test_a_key_is_added_rotated_and_revoked_and_each_is_audited",),
    ),
    Mutant(
        "a-key-is-revoked-without-a-trace",
        f"{INTAKE}/agencies/operators.py",
        '    work.audit("agency_key_revoked", actor=operator.actor, subject=prefix, reason=str(agency_id))\n',
        "",
        ("tests/integration/test_agency_commands.py::test_a_key_is_added_rotated_and_revoked_and_each_is_audited",),
    ),
    Mutant(
        "two-agencies-have-names-that-look-the-same",
        "shared/pipeline_shared/language/restricted.py",
        "    if has_unseen(name):\n",
        "    if name != name:\n",
        ("tests/integration/test_agency_commands.py",),
    ),
    Mutant(
        "an-offset-of-sixty-minutes-is-an-hour",
        "shared/pipeline_shared/language/dates.py",
        "(?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00",
        "[0-9]{2}:[0-9]{2}",
        ("tests/unit/shared/test_dates.py::test_what_is_not_written_in_full_is_refused",),
    ),
)
