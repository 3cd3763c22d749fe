"""Texts built to take long, and a form with values that make the matcher search long. None may exceed the time limit.

A kind with two pieces repeats the first in the first half of the text and the second in the second half: a quadratic
search often looks from each place of one kind through all places of another.
"""

from typing import Any

FORM: dict[str, Any] = {
    "source": {
        "name": "Mags Kilbride-Entwistle",
        "role": "school dinner supervisor",
        "organisation": "Brambleford Junior School",
        "phone": "07700 900461",
        "email": "at@dot.at",
        "address": "Priory House, Garnet Street, Hexley, LS27 8QE",
        "vehicle_registration": "KW51 SOZ",
        "relationship_to_subject": "sister",
    },
    "submitter": {
        "name": "Ann Ann-Ann",
        "role": "head teacher",
        "organisation": "Brambleford Junior School",
        "phone": "",
        "email": "ann.ann.ann@ann.example",
    },
}
KINDS: tuple[tuple[str, ...], ...] = (
    *(
        (kind,)
        for kind in (
            "a", "a ", "A ", "1", "1 ", "o7 ", "@", "a.", "\u200b", "e\u0301", "\ufdfa", "\u202eab ", "Mags ", "(",
            "\n", '"I told him" ', "my my ", "her sister ", "Mags Entwistle ", "Mags Kilbride ", "Garnet Street ",
            "double ", "M.E.", "Brambleford ", "at dot ", "at ", "ann.", "BJS/", "BJS/1/", "Priory ", "priory house ",
            "@mags_", "AB12 CDE ",
            "MK her ex lad ", "Mags her car AB12 CDE ", "07700 and ", "and then ", "07700 900461 ", "x1 ", "Ann-",
            "car SOZ ", "KW51 ", "K51 ", "ls27 ", "LS27 8QE ", "number twelve ", "school dinner ", "supervisor ",
            "snap mags ", "snap is ", "mags at gmail ", "M4g5 ", "bymags ", "Zed (the wife) ", "(ME) ", "our Kev ",
            "Kilbrid Entwisle ", "Mags Zed-", "teacher of the school of the ", "Ann Zed uses Amy ", "m a g s ",
        )
    ),
    ("MK is ", "her ex lad "),
    ("Mags ", "his girlfriend Zed "),
    ("her car ", "AB12 CDE "),
    ("Mags ", "Zed-"),
    ("snap ", "mags1 "),
    ("07700 ", "and "),
    ("head ", "teacher "),
)  # fmt: skip


def hostile_text(kind: tuple[str, ...], size: int) -> str:
    """Return a text of a kind; it ends with a name, so that every matcher has work."""
    share = size // len(kind)
    return "".join((piece * share)[:share] for piece in kind)[: size - 10] + " Mags"
