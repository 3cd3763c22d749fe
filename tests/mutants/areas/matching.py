"""Faults of the matcher and the leak check: addresses, names that sound alike, damaged text, titles."""

from tests.mutants.model import Mutant

SANITISER = "services/sanitiser/sanitiser_service"
UNIT = "tests/unit/sanitiser"

MUTANTS = (
    Mutant(
        name="a-number-with-its-street-cut-short-is-nobodys",
        file=f"{SANITISER}/matcher/places/addresses.py",
        old="if number.whose in (Whose.OWN, Whose.NEARLY):",
        new="if number.whose in (Whose.OWN, Whose.NEARLY) and place.is_whole:",
        tests=(
            f"{UNIT}/test_addresses.py::test_the_matcher_points_at_a_number_with_its_street_without_the_leak_check",
        ),
    ),
    Mutant(
        name="a-street-run-together-or-apart-is-anothers",
        file=f"{SANITISER}/matcher/places/addresses.py",
        old="places = [*_places(reading, street), *together_in(reading, street)]",
        new="places = [*_places(reading, street)]",
        tests=(f"{UNIT}/test_address_wordings.py::test_the_matcher_points_at_it_without_the_leak_check",),
    ),
    Mutant(
        name="the-leak-check-knows-no-number-with-its-street",
        file=f"{SANITISER}/leak_check.py",
        old="if any(stands_at(self.together.words, *house) for house in wanted.houses):",
        new="if any(stands_at(self.together.words, *house) for house in wanted.houses[:0]):",
        tests=(
            f"{UNIT}/test_address_leaks.py::test_the_leak_check_knows_a_number_with_its_street_and_a_house_by_name",
        ),
    ),
    Mutant(
        name="a-name-in-another-listed-spelling-passes",
        file=f"{SANITISER}/matcher/matching.py",
        old="        *alike_in(reading, protection),\n",
        new="",
        tests=(f"{UNIT}/test_similar_names.py::test_such_a_name_is_pointed_at_also_as_an_owners_and_in_small_letters",),
    ),
    Mutant(
        name="what-was-spoilt-twice-is-read-once",
        file=f"{SANITISER}/form/decoding.py",
        old="for _ in range(ROUNDS):",
        new="for _ in range(1):",
        tests=(f"{UNIT}/test_spoilt.py::test_what_was_spoilt_twice_is_read_as_it_was_meant",),
    ),
    Mutant(
        name="the-leak-check-reads-spoilt-text-as-it-stands",
        file=f"{SANITISER}/leak_check_reading.py",
        old="return (text,) if meant == text else (text, meant)",
        new="return (text,)",
        tests=(f"{UNIT}/test_spoilt.py::test_the_leak_check_reads_what_is_spoilt_by_code_of_its_own",),
    ),
    Mutant(
        name="digits-of-other-scripts-are-no-digits",
        file=f"{SANITISER}/matcher/text/normalising.py",
        old="if part.isdigit() and not part.isascii():",
        new="if part.isdigit() and part.isascii():",
        tests=(f"{UNIT}/test_spoilt.py::test_a_phone_number_in_any_scripts_digits_is_replaced",),
    ),
    Mutant(
        name="a-title-that-ends-a-name-is-dropped",
        file=f"{SANITISER}/form/titles.py",
        old="if spelled(word) not in BARE_TITLES] or named",
        new="if spelled(word) not in TITLES] or named",
        tests=(f"{UNIT}/test_titles.py::test_a_name_keeps_a_title_that_ends_it",),
    ),
    Mutant(
        name="a-given-name-that-is-the-forms-title-is-anothers",
        file=f"{SANITISER}/matcher/names/names.py",
        old="return key in TITLES or key in name.titles",
        new="return key in TITLES",
        tests=(f"{UNIT}/test_titles.py::test_a_given_name_that_is_a_title_on_the_form_is_one_in_the_text",),
    ),
    Mutant(
        name="a-title-with-a-full-stop-ends-a-sentence",
        file=f"{SANITISER}/matcher/text/reading.py",
        old='word_set("reading_not_after") | SHORTENED_TITLES',
        new='word_set("reading_not_after")',
        tests=(f"{UNIT}/test_titles.py::test_a_title_goes_with_the_name_behind_it",),
    ),
    Mutant(
        name="an-ordinary-word-blocks-by-itself",
        file=f"{SANITISER}/leak_check.py",
        old="        if wanted.ordinary:\n",
        new="        if wanted.ordinary and not self.words:\n",
        tests=(f"{UNIT}/test_titles.py::test_an_ordinary_word_never_blocks_by_itself",),
    ),
    Mutant(
        name="an-e-mails-user-is-nobodys",
        file=f"{SANITISER}/form/profile.py",
        old="        if len(user) >= LONG and letters and _is_rare(user, names):\n",
        new="        if len(user) > 64 and letters and _is_rare(user, names):\n",
        tests=(f"{UNIT}/test_email_users.py::test_an_e_mails_user_alone_never_goes_onward_unseen",),
    ),
    Mutant(
        name="letters-of-a-company-in-other-signs-pass",
        file=f"{SANITISER}/matcher/roles/organisations.py",
        old="        yield from _joined(reading, organisation)\n",
        new="",
        tests=(f"{UNIT}/test_organisation_forms.py",),
    ),
    Mutant(
        name="a-time-to-the-minute-goes-onward-unread",
        file=f"{SANITISER}/matcher/disclosure/disclosure.py",
        old="    CLOCK: tells_the_time,\n",
        new="",
        tests=(f"{UNIT}/test_disclosure.py::test_a_time_to_the_minute_is_read_by_a_person_first",),
    ),
    Mutant(
        name="a-word-in-small-letters-is-never-a-name",
        file=f"{SANITISER}/matcher/names/words.py",
        old="return not (_is_careless(reading) or _stands_as_name(reading, at, is_family=form.is_family))",
        new="return True",
        tests=(f"{UNIT}/test_word_names.py",),
    ),
    Mutant(
        name="lost-letters-are-no-letters",
        file=f"{SANITISER}/matcher/names/similar_names.py",
        old="    yield from lost_in(reading, protection)\n",
        new="",
        tests=(f"{UNIT}/test_spoilt.py",),
    ),
)
