"""The pages of a long list: their number and the entries before each. Pages are numbered from 1."""

PAGE_SIZE = 25


def last_page(total: int) -> int:
    """Return the number of the last page; an empty list has one page."""
    return max(1, -(-total // PAGE_SIZE))


def nearest_page(asked: int, *, total: int) -> int:
    """Return the requested page number, or the nearest one that exists."""
    return min(max(1, asked), last_page(total))


def entries_before(number: int) -> int:
    """Return the number of entries on the pages before one."""
    return (number - 1) * PAGE_SIZE
