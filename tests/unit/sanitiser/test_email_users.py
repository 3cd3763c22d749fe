"""The user name of an e-mail address never goes onward alone, in any spelling; ordinary words in one are nobody's."""

import pytest

from tests.unit.sanitiser.forms import goes_onward


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
        ("skyblue72\uff20mail.example", "skyblue72"),
        ("skyblue72(at)mail.example", "skyblue72"),
        ("skyblue72 [AT] mail.example", "skyblue72"),
        ("skyblue72 at mail dot example", "skyblue72"),
        ("mailto:skyblue72@mail.example", "skyblue72"),
        ("Sky <skyblue72@mail.example>", "skyblue72"),
        ("tinker-bell-9@mail.example", "tinker bell"),
        ("tinker-bell-9@mail.example", "Tinker Bell 9"),
        ("ginger.nut@mail.example", "ginger nut"),
        ("ginger.nut@mail.example", "Ginger-Nut"),
        ("big_daz_71@mail.example", "big daz"),
        ("lufc4eva@mail.example", "lufc 4 eva"),
        ("hx99k@mail.example", "hx 99 k"),
        ("hx99k@mail.example", "hx-99-k"),
        ("pogo@mail.example", "pogo"),
        ("qz7@mail.example", "qz7"),
        ("tb99@mail.example", "tb99"),
        ("tb99@mail.example", "tb 99"),
        ("zzub@mail.example", "zzub"),
        ("moss.trooper.4@mail.example", "moss trooper"),
        ("night_owl@mail.example", "night owl"),
        ("r2d9@mail.example", "r2 d9"),
        ("kzed@mail.example", "kzed"),
        ("red-kite-88@mail.example", "red kite 88"),
    ],
)
def test_an_e_mails_user_alone_never_goes_onward_unseen(email: str, said: str) -> None:
    assert not goes_onward(f"A van has {said} on the back.", email=email)
    assert not goes_onward(f"A van has {said.upper()} on the back.", email=email)


@pytest.mark.parametrize(
    "email",
    [
        "office@mail.example",
        "info@mail.example",
        "blue.van@mail.example",
        "z@x.example",
        "van@x.example",
        "yard7@x.example",
    ],
)
def test_ordinary_words_of_an_e_mail_address_are_nobodys(email: str) -> None:
    assert goes_onward("A blue van with sky blue boxes stands in the yard.", email=email)
