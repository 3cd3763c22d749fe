"""What evaluations call: the product's own functions and nothing else."""

from intake_service.screening.screen import is_high


def screen(narrative: str) -> bool:
    """Tell whether the safety screen calls a narrative HIGH."""
    return is_high(narrative)
