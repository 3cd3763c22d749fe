"""Other languages are reported as unread; slang, misspellings and names count as English."""

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake_service.screening.advice import AdviceCode, advise
from intake_service.screening.languages import MOST_PASSAGES, build_others
from intake_service.screening.screen import LANGUAGES
from intake_service.submissions.usecases import screen_submission
from pipeline_shared.language.vocabulary import SafetyLevel, SafetyReason
from pipeline_shared.text.lexicon import LexiconError
from tests.support.building import a_submission
from tests.unit.intake.builders import HEAD, screened

EVALUATION = Path(__file__).parents[2] / "evaluation"
RULE = "unread.other_language"
POLISH = "On mnie bije i grozi że mnie zabije"
SECONDS_FOR_100_KB = 2  # a quarter of a second on a quiet machine


def narratives(name: str, prefix: str = "") -> list[str]:
    rows = [json.loads(line) for line in (EVALUATION / name).read_text("utf-8").splitlines()]
    return [row["narrative"] for row in rows if row["id"].startswith(prefix)]


def unread(text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in screened(text).hits if hit.rule == RULE]


@pytest.mark.parametrize(
    "narrative",
    [
        POLISH,
        "Soțul meu mă bate în fiecare zi și mi-e frică",
        "woh mujhe roz maarta hai aur jaan se maarne ki dhamki deta hai",
        "oh mainu roz kutda hai te ghar ton bahar nahi jaan dinda",
        "Wuxuu i garaacayaa maalin kasta waana baqayaa",
        "زوجي يضربني كل يوم وأنا خائفة جدا",
        "Mae fy ngŵr yn bwrw fi bob nos ac mae ofn arna i",
        "ele tem uma arma e disse que vai me matar hoje",
        "tiene una pistola y dice que me va a matar",
        "il a un couteau et il veut me tuer ce soir",
        "jis turi peili ir grasina mane nuzudyti",
        "elinde bicak var beni oldurecek yardim edin",
        "他有刀，要杀我，快救我",
        "У нього є ніж і він хоче мене вбити",
        "সে আমাকে প্রতিদিন মারে, আমাকে বাঁচাও",
        "ሰብኣየይ መዓልታዊ ይወቅዓኒ እፈርህ ኣለኹ",
        "mêrê min her roj min dikuje û ez ditirsim",
        "ai ka nje thike dhe do te me vrase sonte",
        "Chồng tôi đánh tôi mỗi ngày, tôi rất sợ",
        "TIENE UNA PISTOLA Y ME VA A MATAR",
    ],
)
def test_what_is_not_in_english_is_high_because_nobody_has_read_it(narrative: str) -> None:
    screening = screened(narrative)
    assert screening.level is SafetyLevel.NOW
    assert SafetyReason.OTHER_LANGUAGE in screening.reasons
    assert unread(narrative)


@pytest.mark.parametrize(
    "narrative",
    [
        *(
            "ابنتي مفقودة",
            "ساعدوني",
            "дитина зникла",
            "Допоможіть",
            "има нож",
            "έχει μαχαίρι",
            "도와주세요",
            "救命",
            "ሓግዙኒ",
        ),
        *("النجدة", "меня держат силой", "она не дышит", "救救我", "도와줘", "મને બચાવો", "ជួយខ្ញុំ", "αυτός με χτυπάει"),
        *(
            "zabrali mi paszport i nie placa",
            "on ma bron w domu",
            "ne tin inchisi si ne iau banii",
            "uske paas chaku hai",
        ),
        *("ma bate in fiecare seara", "3ando sikkin w bedo yo2tolha", "Mae ganddo fe gyllell", "dw i eisiau marw"),
        *("waan is dilayaa caawa", "a menina desapareceu ontem", "oh mainu maarda hai", "oday kol bandook hai"),
        *(
            "tar kache chhuri ache",
            "kizimiz kayip dunden beri",
            "papa roz mummy ko belt se peette hain",
            "il a une arme",
        ),
        *("maz chce ja zadzgac", "moja corka nie wrocila", "au rapit un copil", "ea plange mereu", "cocuk kayboldu"),
        *("mera gharwala mainu marda", "rydw i'n ofnus iawn", "babam silah aldi", "mi novio me pega", "hij slaat mij"),
        *("sono in pericolo", "estou presa aqui", "er bedroht mich", "tolong saya", "naogopa sana", "nisaidie jamani"),
        *("mujhe bachao", "vreau sa mor", "je veux mourir", "evde silah var", "pomocy jestem zamknieta", "Pomóżcie"),
    ],
)
def test_however_short_a_text_is_that_is_wholly_in_another_language_it_is_found(narrative: str) -> None:
    (found,) = unread(narrative)
    assert len(found) > len(narrative) / 2


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("Text from him: ", "te voy a matar", ""),
        ("Note in bag: ", "ayudame por favor", ""),
        ("She wrote: ", "chce sie zabic", ""),
        ("Post-it: ", "pomozite nam molim", ""),
        ("Message reads: ", "mera baap mujhe maar dega", ". Nothing else."),
        ("WhatsApp: ", "هيقتلني", ""),
        ("Note: ", "我被打", ". Found today."),
        ("The girl told the nurse '", "beni zorla evlendirecekler", "' and cried."),
        ("He said (", "on mnie zabije", ") and left."),
        ("They shouted - ", "vamos a matar", ""),
    ],
)
def test_a_short_quotation_is_found_where_its_marks_part_it_from_english(before: str, words: str, after: str) -> None:
    assert unread(before + words + after) == [words]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Krzysztof Wojciechowski, Agnieszka Nowak, Przemyslaw Zielinski",
            "Nkechi Okonkwo-Adeyemi & Oluwaseun Ogunleye",
        ),
        *("Олена Шевченко", "Name: Олена.", "Skoda Fabia", "Café Rouge", "Jan de Vries", "Ali, Omar, Hana, Sami"),
        *("wah gwaan, dem man deh a smoke ganja inna di yard", "mi see di bwoy dem a sell weed pon di corner"),
        *("tha knaws, t'owd lad up snicket wi t'whippet", "sus van nr co op", "wor lass is canny", "haud yer wheesht"),
        *(
            "via roma pizzeria",
            "feliz navidad banner up",
            "big man ting innit",
            "moet n ciroc nicked",
            "pls del prev msg",
        ),
        *("dose 5 µg", "The α and β blocks are empty."),
    ],
)
def test_names_slang_and_a_foreign_letter_are_no_text_in_another_language(text: str) -> None:
    assert not unread(text)


def test_nine_in_ten_of_texts_that_nothing_was_tuned_on_are_recognised() -> None:
    kept = narratives("other_languages.jsonl", "kept")
    assert sum(bool(unread(text)) for text in kept) >= 0.9 * len(kept)


@pytest.mark.parametrize("words", [POLISH.lower(), "سوف يقتلني الليلة ساعدوني", "xin cuu toi ho nhot chung toi"])
def test_a_part_of_an_english_text_is_found_where_it_stands(words: str) -> None:
    before, after = "The caller left a message on the machine and only said: ", ". We do not know what it means."
    (found,) = unread(before + words + after)
    assert set(found.split()) <= set(words.split())
    assert len(found) > len(words) / 2


def test_two_parts_with_english_between_them_are_two_places() -> None:
    between = "The manager of the shop has put the boxes behind the counter and closed the door."
    found = unread(f"{POLISH}. {between} {POLISH}. {between}")
    assert len(found) == 2
    assert not any("manager" in part for part in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": POLISH},
        {"known_how_note": POLISH},
        {"occurrence": {"note": POLISH}},
        {"subjects": {"people": [{"name": "Lee", "description": POLISH}]}},
        {"subjects": {"vehicles": [{"description": POLISH}]}},
        {"subjects": {"phones": [{"number": "1", "note": POLISH}]}},
    ],
)
def test_every_text_about_what_happened_is_looked_at(changes: dict[str, Any]) -> None:
    screening = screen_submission(a_submission(narrative="Please see the rows.", **{"subjects": {}, **changes}))
    assert {hit.rule for hit in screening.hits} == {RULE}


def test_names_and_addresses_are_of_every_language() -> None:
    people = [
        {"name": "محمد علي حسن الأحمد", "also_known_as": "Олена Іванівна Шевченко"},
        {"name": "Nguyễn Thị Minh Khai", "address": "Tŷ Gwyn, Heol y Bryn, Pen-y-bont ar Ogwr"},
    ]
    submission = a_submission(narrative="Piotr Wiśniewski and Łukasz Żak sell cigarettes.", subjects={"people": people})
    assert screen_submission(submission).level is SafetyLevel.ORDINARY


@pytest.mark.parametrize(
    "name",
    ["safety.jsonl", "safety_others.jsonl", "safety_short_mixed.jsonl", "handwritten2.jsonl", "short.jsonl"],
)
def test_of_english_texts_at_most_one_in_five_hundred_is_called_another_language(name: str) -> None:
    texts = narratives(name)
    assert sum(bool(LANGUAGES.find(text)) for text in texts) <= len(texts) / 500


def test_slang_typos_abbreviations_and_names_are_english() -> None:
    assert [text for text in narratives("hard_english.jsonl") if LANGUAGES.find(text)] == []


def test_a_few_words_or_an_address_of_mail_are_no_text_in_another_language() -> None:
    for text in ("He said bonjour mon ami.", "It is a cul de sac.", "Write to pomocy.mnie.bije.zabije@mail.example."):
        assert not unread(text)


def test_the_submitter_is_told_that_it_was_not_read() -> None:
    codes = [advice.code for advice in advise(screened(POLISH))]
    assert codes[:2] == [AdviceCode.CALL_999, AdviceCode.NOT_READ_OTHER_LANGUAGE]
    assert AdviceCode.NOT_READ_OTHER_LANGUAGE not in [one.code for one in advise(screened("He has a gun in the car."))]


@settings(deadline=None, max_examples=200)
@given(
    text=st.text(max_size=200)
    | st.lists(st.sampled_from([*POLISH.split(), "the", "He", ".", "刀", "\n"])).map(" ".join)
)
def test_whatever_is_found_lies_in_the_text_in_order_and_is_not_much(text: str) -> None:
    found = LANGUAGES.find(text)
    assert len(found) <= MOST_PASSAGES
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize("part", ["zabije ", "刀", "a", "a.", "mnie the ", "é", "x@", "a-", "Ж "])
def test_a_hostile_text_of_100_kb_is_looked_at_in_good_time(part: str) -> None:
    began = time.process_time()
    LANGUAGES.find(part * (100_000 // len(part)))
    assert time.process_time() - began < SECONDS_FOR_100_KB


@pytest.mark.parametrize("text", ["", HEAD, HEAD + "languages: {}", HEAD + "languages: {polish: [nie]}"])
def test_lists_that_cannot_be_trusted_are_refused(text: str) -> None:
    with pytest.raises(LexiconError):
        build_others(text)
