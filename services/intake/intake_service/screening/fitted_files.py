"""The files that a fit has written: a missing or changed one is refused, by the hashes written beside them."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from intake_service.screening.lexicon import DATA
from pipeline_shared.text.lexicon import LexiconError

FOLDER = DATA / "learned"
HASHES = "hashes.json"


def read_fitted(name: str, folder: Path = FOLDER) -> str:
    """Return the text of a fitted file; raise LexiconError when it is not the one that the fit has written."""
    try:
        content, hashes = (folder / name).read_bytes(), json.loads((folder / HASHES).read_bytes())
    except (OSError, ValueError) as error:
        raise LexiconError(name, "missing, or its hash is") from error
    if hashes.get(name) != sha256(content).hexdigest():
        raise LexiconError(name, "not the file that was fitted")
    return content.decode()


def hashes_of(contents: Mapping[str, str]) -> str:
    """Return the content of the file of hashes for the contents of fitted files."""
    found = {name: sha256(content.encode()).hexdigest() for name, content in sorted(contents.items())}
    return json.dumps(found, indent=2) + "\n"
