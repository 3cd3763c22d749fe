"""Phone numbers as dialled inside the United Kingdom: one form for the numbers of the form and of the texts."""

from sanitiser_service.matcher.text.normalising import fold

SHORTEST_AFTER_CODE = 9
_HOME_CODES = ("0044", "44")


def dialled_at_home(digits: str) -> str:
    """Return the digits of a number without the code of the United Kingdom; other digits unchanged."""
    for prefix in _HOME_CODES:
        if digits.startswith(prefix) and len(digits) >= len(prefix) + SHORTEST_AFTER_CODE:
            return "0" + digits.removeprefix(prefix).removeprefix("0")
    return digits


def national_number(value: str) -> str:
    """Return a phone number's digits as dialled at home."""
    return dialled_at_home("".join(filter(str.isdecimal, fold(value).text.replace("(0)", ""))))
