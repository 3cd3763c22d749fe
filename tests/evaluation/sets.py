"""Where the labelled sets stand."""

from pathlib import Path

FOLDER = Path(__file__).parent
