"""Values and texts that a form, a mail or a database spoilt are read as they were meant, by matcher and leak check."""

import html
import html.entities
import quopri
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sanitiser_service.decoding import decoded
from sanitiser_service.profile import Protected, Token
from sanitiser_service.residual import left_over
from sanitiser_service.sanitising import sanitise
from tests.support.building import a_submission, an_agency, sanitised_content
from tests.unit.sanitiser.forms import goes_onward, onward_text


def as_code_page(page: str) -> Callable[[str], str]:
    """Return what spoils a text by reading its UTF-8 as a code page; what that lacks is read as in Latin-1."""

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
        assert left_over(content, (Protected(value, Token.SOURCE, "source.name"),))


SCRIPTS = [*"٠۰०০੦૦୦௦౦೦൦๐໐༠၀០᠐０", *"𝟎𝟘𝟢𝟬𝟶"]


@pytest.mark.parametrize("zero", SCRIPTS)
def test_a_phone_number_in_any_scripts_digits_is_replaced(zero: str) -> None:
    other = "07700 900118".translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})
    assert onward_text(f"Phone {other} for boxes.", phone="07700 900118") == "Phone [SOURCE CONTACT] for boxes."
    assert onward_text("Phone 07700 900118 for boxes.", phone=other) == "Phone [SOURCE CONTACT] for boxes."
    content = sanitised_content(narrative=f"Phone {other} for boxes.")
    assert left_over(content, (Protected("07700 900118", Token.SOURCE_CONTACT, "source.phone"),))


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("skyblue72@mail.example", "skyblue72"),
        ("skyblue72@mail.example", "SkyBlue_72"),
        ("skyblue72@mail.example", "@sky.blue.72"),
        ("skyblue72@mail.example", "skyblue"),
        ("SkyBlue72@mail.example", "sky blue 72"),
        ("zorbing.mancub@mail.example", "mancub"),
        ("zorbing.mancub@mail.example", "zorbingmancub"),
        ("zorb_1qaz@mail.example", "zorb1qaz"),
        ("kwolst+news@mail.example", "kwolst"),
        ("rosebud1952@mail.example", "rosebud1952"),
        ("rosebud1952@mail.example", "rosebud-1952"),
        ("tigger.9@mail.example", "tigger"),
        ("bl4ckb3rry@mail.example", "bl4ckb3rry"),
        ("sky&#98;lue72@mail.example", "skyblue72"),
    ],
)
def test_an_e_mails_user_alone_never_goes_onward_unseen(email: str, said: str) -> None:
    assert not goes_onward(f"A van has {said} on the back.", email=email)
    assert not goes_onward(f"A van has {said.upper()} on the back.", email=email)


@pytest.mark.parametrize("email", ["office@mail.example", "info@mail.example", "blue.van@mail.example", "z@x.example"])
def test_ordinary_words_of_an_e_mail_address_are_nobodys(email: str) -> None:
    assert goes_onward("A blue van with sky blue boxes stands in the yard.", email=email)


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
