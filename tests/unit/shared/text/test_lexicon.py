"""Word lists: comments and blank lines are no data; sections and entries are taken apart."""

from pipeline_shared.text.lexicon import LexiconError, entries_of, lines_of, sections_of, word_sets_of, words_of

TEXT = "# Owner: somebody. Version 1.\n\n[one]\nfirst, second word ,\n  third\n[two]\nfourth # no comment\n"


def test_comments_and_blank_lines_are_no_data() -> None:
    assert [*lines_of(TEXT)] == ["[one]", "first, second word ,", "third", "[two]", "fourth # no comment"]


def test_words_are_those_between_spaces() -> None:
    assert words_of("# a b\nc d\n\nd e\n") == {"c", "d", "e"}


def test_lines_stand_in_sections() -> None:
    assert [*sections_of(TEXT)] == [
        ("one", "first, second word ,"),
        ("one", "third"),
        ("two", "fourth # no comment"),
    ]


def test_a_section_is_a_set_of_words() -> None:
    assert word_sets_of("[one]\na b\nb c\n[two]\nd\n") == {"one": {"a", "b", "c"}, "two": {"d"}}


def test_entries_stand_between_commas() -> None:
    assert entries_of("first, second word ,") == ("first", "second word")
    assert entries_of("") == ()


def test_an_error_says_where_and_why() -> None:
    assert str(LexiconError("names.txt", "defined twice")) == "names.txt: defined twice"
