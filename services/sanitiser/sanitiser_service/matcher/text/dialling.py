"""How a phone number is dialled at home: one spelling for the form's number and for the text's."""

SHORTEST_AFTER_CODE = 9
_HOME_CODES = ("0044", "44")


def dialled_at_home(digits: str) -> str:
    """Return a number's digits without the United Kingdom's code before them; other digits as they are."""
    for prefix in _HOME_CODES:
        if digits.startswith(prefix) and len(digits) >= len(prefix) + SHORTEST_AFTER_CODE:
            return "0" + digits.removeprefix(prefix).removeprefix("0")
    return digits
