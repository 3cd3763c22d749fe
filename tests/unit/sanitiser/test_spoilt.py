"""Values and texts that a form, a mail or a database damaged are decoded by matcher and leak check."""

import html
import html.entities
import quopri
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sanitiser_service.form.decoding import decoded
from sanitiser_service.form.profile import Protected, Token
from sanitiser_service.leak_check import find_leaks
from sanitiser_service.matcher.sanitising import sanitise
from tests.support.building import a_submission, an_agency, sanitised_content
from tests.unit.sanitiser.forms import goes_onward, onward_text


def as_code_page(page: str) -> Callable[[str], str]:
    """Return a text damaged by reading its UTF-8 as a code page; bytes missing from the page are read as Latin-1."""

    def spoil(text: str) -> str:
        return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in text.encode())

    return spoil


def entities(text: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else f"&#{ord(char)};" for char in text)


def named_entities(text: str) -> str:
    names = html.entities.codepoint2name
    return "".join(html.escape(c) if c.isascii() else f"&{names.get(ord(c), f'#{ord(c)}')};" for c in text)


WAYS: dict[str, Callable[[str], str]] = {
    "numbered entities": entities,
    "hexadecimal entities": lambda text: "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in text),
    "named entities": named_entities,
    "entities twice": lambda text: html.escape(entities(text)),
    "Windows": as_code_page("cp1252"),
    "Latin-1": lambda text: text.encode().decode("latin-1"),
    "Windows twice": lambda text: as_code_page("cp1252")(as_code_page("cp1252")(text)),
    "Mac": as_code_page("mac_roman"),
    "DOS": as_code_page("cp850"),
    "percent": lambda text: quote(text, safe=" "),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode("ascii"),
    "backslash": lambda text: "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text),
    "soft hyphens": "\u00ad".join,
    "zero-width": "\u200b".join,
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
}
NAMES = (
    "O\u2019Sullivan", "O'Sullivan", "Siân", "Zoë", "Brontë", "D\u2019Souza", "Óscar", "Łukasz", "Müller", "François",
    "Šárka", "Noémie", "Ní\u2010Dhómhnaill", "Ağaoğlu", "Søren", "Ångström",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_spoilt_in_any_way_never_goes_onward_unseen(name: str, way: str) -> None:
    spoilt = WAYS[way](name)
    assert not goes_onward(f"A box stands in the shop of {spoilt} all day.", name=name)
    assert not goes_onward(f"A box stands in the shop of {name} all day.", name=spoilt)
    assert not goes_onward(f"A box stands in the shop of {spoilt} all day.", name=spoilt)


LONG_ESCAPES: dict[str, Callable[[str], str]] = {
    "eight": lambda text: "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in text),
    "braces": lambda text: "".join(c if c.isascii() else f"\\u{{{ord(c):x}}}" for c in text),
    "page of Eastern Europe": as_code_page("iso8859_2"),
}


@pytest.mark.parametrize("way", LONG_ESCAPES)
@pytest.mark.parametrize("name", ["Siân", "Łukasz", "Müller", "O\u2019Sullivan", "Dvořák", "François", "Győző"])
def test_longer_escapes_and_another_page_are_read_by_the_matcher(name: str, way: str) -> None:
    assert not goes_onward(f"A box stands in the shop of {LONG_ESCAPES[way](name)} all day.", name=name)
    assert not goes_onward(f"A box stands in the shop of {name} all day.", name=LONG_ESCAPES[way](name))


LOST = (
    "Siân", "Zoë", "Müller", "Łukasz", "Żaneta", "Björn", "Ağaoğlu", "Şükrü", "Đorđe", "Ødegård", "Mihăilă", "Ștefan",
    "Nguyễn", "Dvořák", "Gonçalves", "Strauß", "O\u2019Sullivan", "Renée", "Hélène", "Inês", "Ñuñez", "Győző",
)  # fmt: skip


@pytest.mark.parametrize("sign", ["?", "\ufffd", "\ufffd\ufffd"])
@pytest.mark.parametrize("name", LOST)
def test_a_name_that_lost_letters_never_goes_onward_unseen(name: str, sign: str) -> None:
    lost = "".join(char if char.isascii() else sign for char in name)
    assert not goes_onward(f"A box stands in the shop of {lost} all day.", name=name)
    assert not goes_onward(f"A box stands in the shop of {name} all day.", name=f"{lost} Quillfeather")
    assert not goes_onward(f"A box stands in the shop of {lost} all day.", name=f"{lost} Quillfeather")


@pytest.mark.parametrize("page", ["cp1254", "cp1250", "cp1252"])
@pytest.mark.parametrize("name", ["Łukasz", "Şahin", "Đorđe", "Řehoř", "Ñuñez", "Ľuboš", "Ísak", "Ýr\u00edsdottir"])
def test_a_name_whose_bytes_were_lost_never_goes_onward_unseen(name: str, page: str) -> None:
    spoilt = name.encode().decode(page, "replace")
    assert not goes_onward(f"A box stands in the shop of {spoilt} all day.", name=name)
    assert not goes_onward(f"A box stands in the shop of {name} all day.", name=f"{spoilt} Quillfeather")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Zoë Quillfeather", "Boxes go to the zoo? Vans do."),
        ("Si?n Pritchett", "A sign stands there."),
        ("Jan M?ller", "A box stands with Smiler all day."),
        ("Siân Pritchett", "Is a box there? Or a van?"),
        ("Siân Pritchett", "Boxes are sold at noon???"),
        ("Marc Quillfeather", "Is it far? A box of j?m stands there."),
    ],
)
def test_other_words_with_a_question_mark_pass(name: str, text: str) -> None:
    assert goes_onward(text, name=name)


DOUBLED = ["Mihăilă", "Ștefan", "Țurcan", "Ğöksu", "Łőrinc", "Olená", "Şükrü", "Ŷnyr", "Ƿulf", "Ǧamila", "Șerban", "Ơn"]


@pytest.mark.parametrize("name", DOUBLED)
def test_a_first_byte_of_any_latin_letter_is_read_twice_spoilt(name: str) -> None:
    spoilt = WAYS["Windows twice"](name)
    assert decoded(spoilt).text == name
    assert not goes_onward(f"Boxes are with {name} by the van.", name=f"{spoilt} Quillfeather")


@pytest.mark.parametrize(
    "text", ["RENÉ\u2019s", "CAFFÈ\u2019s", "GONÇ\u2019s", "Ñ\u00adu", "ANDRÉ\u2013", "FÊ\u201d", "\u00abÉtat"]
)
def test_a_capital_with_a_mark_before_a_quote_is_no_spoilt_letter(text: str) -> None:
    assert decoded(text).text == text


@pytest.mark.parametrize("way", ["entities twice", "Windows twice"])
@pytest.mark.parametrize("name", NAMES)
def test_what_was_spoilt_twice_is_read_as_it_was_meant(name: str, way: str) -> None:
    assert decoded(WAYS[way](name)).text == name


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_the_leak_check_reads_what_is_spoilt_by_code_of_its_own(name: str, way: str) -> None:
    spoilt = WAYS[way](name)
    for value, said in ((name, spoilt), (spoilt, name)):
        content = sanitised_content(narrative=f"A box stands in the shop of {said} all day.")
        assert find_leaks(content, (Protected(value, Token.SOURCE, "source.name"),))


SCRIPTS = [*"٠۰०০੦૦୦௦౦೦൦๐໐༠၀០᠐０", *"𝟎𝟘𝟢𝟬𝟶"]


@pytest.mark.parametrize("zero", SCRIPTS)
def test_a_phone_number_in_any_scripts_digits_is_replaced(zero: str) -> None:
    other = "07700 900118".translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})
    assert onward_text(f"Phone {other} for boxes.", phone="07700 900118") == "Phone [SOURCE CONTACT] for boxes."
    assert onward_text("Phone 07700 900118 for boxes.", phone=other) == "Phone [SOURCE CONTACT] for boxes."
    content = sanitised_content(narrative=f"Phone {other} for boxes.")
    assert find_leaks(content, (Protected("07700 900118", Token.SOURCE_CONTACT, "source.phone"),))


def test_what_is_found_is_replaced_in_the_text_as_submitted() -> None:
    text = "Ring Si&acirc;n &amp; co, then SiÃ¢n at O&#39;Sullivan\u200bs."
    submission = a_submission(narrative=text, source={"kind": "person", "name": "Siân O'Sullivan"})
    sanitised = sanitise(submission, an_agency())
    places = [text[one.start : one.end] for one in sanitised.findings if one.rule.startswith("source.name")]
    assert places[:2] == ["Si&acirc;n", "SiÃ¢n"]
    assert sanitised.content.narrative.startswith("Ring [SOURCE] &amp; co, then [SOURCE] at ")


@settings(deadline=None, max_examples=300)
@given(text=st.text(st.sampled_from("a é&#39;%=C3A9\\u00e9Ãâ€™\u2122©¢S\n"), max_size=80))
@example("&amp;amp;#39;")
@example("%%3C3%")
def test_decoding_leads_back_into_the_text_and_never_makes_it_longer(text: str) -> None:
    meant, offsets = decoded(text)
    assert len(meant) <= len(text)
    if offsets is not None:
        assert len(offsets) == len(meant) + 1
        assert offsets == sorted(offsets)
        assert offsets[-1] == len(text)


@pytest.mark.parametrize(
    "text", ["RENÉ\u2019s café", "50% off & 3=3", "phone=447700900118", "C:\\users\\x", "AT&T, R&D"]
)
def test_plain_text_is_left_as_it_is(text: str) -> None:
    assert decoded(text).text == text
