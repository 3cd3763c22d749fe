"""Faults of the safety screen: terse notes, other languages, places in a folded text."""

from tests.mutants.model import Mutant

SCREENING = "services/intake/intake_service/screening"
LANGUAGES, TERSE = "tests/unit/intake/test_languages.py", "tests/unit/intake/test_terse.py"

MUTANTS = (
    Mutant(
        "a-terse-rule-decides-alone-in-a-long-report",
        f"{SCREENING}/windows.py",
        "(rule.terse and self.size is not Size.SENTENCE and self.after - self.first < TERSE)",
        "rule.terse",
        (f"{TERSE}::test_a_rule_for_terse_notes_decides_alone_only_in_a_text_of_few_words",),
    ),
    Mutant(
        "a-terse-rule-decides-nothing",
        f"{SCREENING}/windows.py",
        "return rule.certain or (rule.terse",
        "return rule.certain and (rule.terse",
        (f"{TERSE}::test_a_few_hurried_words_of_danger_are_high",),
    ),
    Mutant(
        "names-are-words-of-another-language",
        f"{SCREENING}/screen.py",
        "    if not _is_identity(path):\n",
        "    if text:\n",
        (f"{LANGUAGES}::test_names_and_addresses_are_of_every_language",),
    ),
    Mutant(
        "a-part-in-another-language-never-ends",
        f"{SCREENING}/languages.py",
        "return self.weight <= 0 or self.best - self.weight > FALL",
        "return False",
        (f"{LANGUAGES}::test_two_parts_with_english_between_them_are_two_places",),
    ),
    Mutant(
        "what-nobody-could-read-goes-onward",
        "services/sanitiser/sanitiser_service/worker/domain.py",
        "        *unread,\n        *(item.code",
        "        *(item.code",
        ("tests/unit/sanitiser/test_sanitising.py::test_what_is_not_in_english_is_held_whatever_else_is_found_in_it",),
    ),
    Mutant(
        "the-submitter-is-not-told-that-it-was-not-read",
        f"{SCREENING}/advice.py",
        "return (CALL_999, *unread, *referrals,",
        "return (CALL_999, *referrals,",
        (f"{LANGUAGES}::test_the_submitter_is_told_that_it_was_not_read",),
    ),
    Mutant(
        "words-of-an-unread-text-are-shown-as-plain-ones",
        "services/sanitiser/sanitiser_service/preview/domain.py",
        "if hit.reason is not SafetyReason.OTHER_LANGUAGE)",
        "if hit.reason)",
        ("tests/unit/sanitiser/test_preview.py::test_of_a_text_in_another_language_no_word_is_shown_as_a_plain_one",),
    ),
    Mutant(
        "a-word-in-another-script-is-an-ordinary-text",
        f"{SCREENING}/short_passages.py",
        "if _is_mostly_script(text, spoken, is_whole=is_whole) or ",
        "if ",
        (LANGUAGES,),
    ),
    Mutant(
        "words-lead-to-places-of-the-folded-text",
        "shared/pipeline_shared/text/fold.py",
        "return places if offsets is None else [offsets[place] for place in places]",
        "return places",
        ("tests/unit/shared/text/test_fold.py",),
    ),
    Mutant(
        "a-clause-ends-with-its-sentence-alone",
        "shared/pipeline_shared/text/tokens.py",
        "[ends >= least for ends in breaks[:-1]]",
        "[ends > least for ends in breaks[:-1]]",
        ("tests/unit/shared/text/test_tokens.py",),
    ),
    Mutant(
        "notes-about-deeds-are-not-read",
        f"{SCREENING}/windows.py",
        "(lexicon.of_longer if len(reading.tokens) >= TERSE else None) or lexicon",
        "lexicon.of_longer or lexicon",
        ("tests/unit/intake/test_terse_deeds.py",),
    ),
)
