"""Long lists are shown page by page: which page, how many, where each begins. Pages are numbered from 1."""

PAGE_SIZE = 25


def last_page(total: int) -> int:
    """Return the number of the last page; an empty list has one page."""
    return max(1, -(-total // PAGE_SIZE))


def nearest_page(asked: int, *, total: int) -> int:
    """Return the number of the page that was asked for, or of the nearest one that there is."""
    return min(max(1, asked), last_page(total))


def entries_before(number: int) -> int:
    """Return how many entries stand on the pages before one."""
    return (number - 1) * PAGE_SIZE
