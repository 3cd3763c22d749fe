"""A listed name may be a misspelling of the source's name, so it is at least flagged."""

import pytest

from sanitiser_service.matcher.names.phonetic_keys import may_be_slip, sounds_like
from sanitiser_service.matcher.names.sounds import may_be_heard_as
from sanitiser_service.worker.domain import Hold
from tests.unit.sanitiser.forms import goes_onward, outcome_of

# The rules were developed on other pairs. These were written afterwards, and no list of the product contains them.
PAIRS = """
Margret Margaret, Jenifer Jennifer, Micheal Michael, Gurprit Gurpreet, Stephen Steven, Catherine Kathryn,
Mohammed Muhammad, Mohamed Muhammad, Aaliyah Aliyah, Sian Siân, Brian Bryan, Karen Caron, Eileen Aileen, Elaine Elain,
Hilary Hillary, Maureen Moreen, Pauline Paulene, Rosemary Rosemarie, Sandra Saundra, Shirley Shirlee, Valerie Valery,
Wayne Wain, Darren Daren, Russell Russel, Barry Barrie, Carl Karl, Curtis Kurtis, Craig Kraig, Derek Derrick,
Frederick Fredrick, Gerard Gerrard, Harold Harald, Jeremy Jeremie, Laurence Lawrence, Leonard Lennard, Malcolm Malcom,
Maurice Morris, Neville Nevil, Raymond Raymund, Roderick Rodrick, Ronald Ronold, Stewart Stuart, Tobias Tobyas,
Trevor Trever, Vincent Vinsent, Amanda Amander, Angela Anjela, Beverley Beverly, Bridget Bridgit, Caroline Carolyn,
Cecilia Cecelia, Clara Klara, Danielle Daniele, Diane Dianne, Emilia Amelia, Felicity Felicety, Georgina Georgena,
Harriet Harriett, Imogen Imogene, Jacqueline Jaqueline, Josephine Josefine, Kathleen Cathleen, Kimberley Kimberly,
Laura Lora, Lorraine Loraine, Madeleine Madeline, Marjorie Margery, Melanie Melony, Michelle Michele, Miriam Myriam,
Monica Monika, Olivia Alivia, Patricia Patrisha, Philippa Phillipa, Rhiannon Rhianon, Roisin Rosheen, Saoirse Sairse,
Sheila Shelagh, Stephanie Stefanie, Sylvia Silvia, Tamara Tamarah, Veronica Veronika, Victoria Viktoria,
Aneesa Anisa, Farooq Faruk, Imran Emran, Khalid Khaled, Nasreen Nasrin, Parveen Parvin, Rashid Rasheed, Saleem Salim,
Shabana Shabanah, Shahid Shaheed, Yasmin Yasmeen, Zahra Zara, Amarjit Amarjeet, Balvinder Balwinder, Kuldip Kuldeep,
Manjit Manjeet, Ranjit Ranjeet, Surinder Surender, Krzysztof Kristof, Piotr Pyotr, Tomasz Tomash, Malgorzata Malgozata,
Reynolds Renolds, Matthews Mathews, Robertson Robertsen, Nicholson Nicolson, Lawson Lawsen, Gallagher Gallacher,
O'Connor O'Conner, Fitzgerald Fitzgerrald, Chowdhury Choudhry, Siddiqui Siddique, Rahman Rehman, Kowalski Kowalsky
"""
HEARD = """
Eoin Owen, Niall Neil, Yulia Julia, Oleksandr Alexander, Mohammed Mehmet, Xavier Javier, Grzegorz Gregor, Cem Jem,
Leigh Lee, Youssef Yusuf, Hugh Huw, Hughes Huws, Hughes Hewes, Griffith Gruffydd, Ieuan Iwan, Qasim Cassim, Olha Olga,
Halyna Galina, Mykola Nikola, Aisling Ashlin, Oisin Osheen, Ciara Keira, Orla Orlaith, McGuinness McGinnis, Gough Goff,
Hawa Xaawo, Keogh Kehoe, Jerzy Yerzy, Hui Hue, Wojciech Voytek, Jasna Yasna, Jovan Yovan, Jelena Yelena, Ioan Yoan,
Weronika Veronica, Wiktor Viktor, Wanda Vanda, Cengiz Jengiz, Cemal Jemal, Ceyda Jeyda, Brough Bruff, Clough Cluff,
Gruffudd Griffid, Meredydd Meredith, Maredudd Meredith, Clodagh Cloda, Murtagh Murta, Quinn Kwin, Qadir Cadir,
Xhosa Josa, Hanna Ganna, Bohdan Bogdan, Knightley Nightley, Wrighton Righton, McGowan Magowan,
Siobhra Shovra, Sheamus Seamus, Yolanda Jolanda, Yosef Josef, Yakub Jakub, Zygmunt Sigmunt, Rzepka Repka, Pugh Pew
"""
SLIPS = """
Jennifer Kennifer, Patel Aptel, Sarah Arah, Khan Khab, Lucy Luxy, Shah Shaj, Kaur Ksur, Thompson Yhompson,
Davies Advies, Begum Vegum, Singh Ingh, Murphy Umrphy, Okafor Pkafor, Lucy Luyc, Rhys Rjys, Chen Xhen, Zhao Zgao,
Rhys Rhyd, Kaur Kau,
Hannah Gannah, Bilal Nilal, Imran Omran, Wozniak Qozniak, Dariusz Adriusz, Adeyemi Sdeyemi, Entwistle Netwistle
"""
ALIKE = [tuple(pair.split()) for pair in PAIRS.replace("\n", " ").split(",")]
HEARD_ALIKE = [tuple(pair.split()) for pair in HEARD.replace("\n", " ").split(",")]
SLIPPED = [tuple(pair.split()) for pair in SLIPS.replace("\n", " ").split(",")]


@pytest.mark.parametrize(
    ("name", "other"), [*ALIKE, *HEARD_ALIKE, *[(two, one) for one, two in [*ALIKE, *HEARD_ALIKE]], *SLIPPED]
)
def test_a_name_that_may_be_the_sources_in_another_spelling_is_never_passed(name: str, other: str) -> None:
    assert not goes_onward(f"A box stands in the shop of {other} all day.", name=name)


def test_such_a_name_is_pointed_at_also_as_an_owners_and_in_small_letters() -> None:
    for said in ("Margaret's shop", "MARGARET has a shop", "shop of margaret"):
        assert not goes_onward(f"A box stands there, {said}.", name="Margret Quillfeather"), said


def test_a_subject_of_that_name_is_never_replaced() -> None:
    subjects = {"people": [{"name": "Margaret Hargreaves"}]}
    outcome = outcome_of("Margaret keeps boxes in the yard.", subjects=subjects, name="Margret Quillfeather")
    assert isinstance(outcome, Hold)
    assert {reason.split(":")[0] for reason in outcome.reasons} == {"flag"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Margaret", "A box stands in the market all day."),
        ("Marc", "There is a mark on the box."),
        ("Greene", "A green van stands there."),
        ("Clair", "The clear box stands there."),
        ("Stephen", "A box stands in the shop of Susan all day."),
        ("Jane", "A box stands in the shop of Jade all day."),
        ("Tim", "A box stands in the shop of Tom all day."),
        ("Kate", "A box stands in the shop of Nate all day."),
        ("Mary", "A box stands in the shop of Mark all day."),
        ("Thomas", "A box stands in the shop of Theresa all day."),
        ("Harry", "A box stands in the shop of Gary all day."),
        ("Mick", "A box stands in the shop of Nick all day."),
        ("Sarah", "A box stands in the shop of Lara all day."),
        ("Kelly", "A box stands in the shop of Holly all day."),
        ("Jean", "A box stands in the shop of Jade all day."),
        ("Ian", "A box stands in the shop of Ben all day."),
        ("Harris", "A box stands in the shop of Norris all day."),
        ("Mia", "A box stands in the shop of Nia all day."),
        ("Bill", "A box stands in the shop of Jill all day."),
        ("Khan", "A box stands in the shop of Chang all day."),
    ],
)
def test_other_names_and_ordinary_words_pass(name: str, text: str) -> None:
    assert goes_onward(text, name=f"{name} Quillfeather")


COMMON = (
    "oliver george harry jack noah leo arthur oscar charlie jacob thomas henry william alfie joshua freddie",
    "ethan isaac edward samuel max logan lucas daniel theo mason adam dylan riley david toby jake reuben hugo",
    "matthew michael jude albert luke stanley gabriel nathan lewis rory ryan tyler alex olivia amelia isla ava",
    "mia isabella sophia lily grace emily evie poppy ruby charlotte freya daisy alice phoebe florence sienna",
    "matilda chloe evelyn jessica elsie willow elizabeth maisie emma erin molly lucy imogen penelope harriet",
    "maya scarlett thea zara hannah eleanor maria violet jasmine margaret susan linda patricia june paul mark",
    "ian kevin keith karen sharon donna kim lisa helen",
)


def test_few_of_the_commonest_names_are_taken_for_each_other() -> None:
    names = " ".join(COMMON).split()
    alike = [
        (one, two)
        for one in names
        for two in names
        if one < two and (may_be_heard_as(one, two) or sounds_like(one, two))
    ]
    assert len(alike) < len(names) ** 2 // 2 / 200, alike


def test_a_slip_is_one_of_a_hand_and_not_any_other_letter() -> None:
    assert may_be_slip("khab", "khan")
    assert not may_be_slip("khaz", "khan")
    assert not may_be_slip("zennifer", "jennifer")
    assert not may_be_slip("jenniger", "jennifer")
