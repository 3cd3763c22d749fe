"""The encoder's files. A missing file, or one with another hash than the manifest's, is never read."""

import json
import sys
from hashlib import sha256
from pathlib import Path

FOLDER = Path(sys.prefix) / "share" / "pipeline-encoder"  # `make .venv` and the image's build write it
_MANIFEST = json.loads(Path(__file__).with_name("manifest.json").read_text("utf-8"))
VERSION: str = _MANIFEST["version"]
HASHES: dict[str, str] = _MANIFEST["files"]
TOKENIZER = "tokenizer.json"


class EncoderError(Exception):
    """A file of the encoder is missing, or it is not the one that the manifest names; the argument names the file."""


def read_file(name: str, folder: Path = FOLDER) -> bytes:
    """Return the content of one of the encoder's files; raise EncoderError."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise EncoderError(name) from error
    if sha256(content).hexdigest() != HASHES.get(name):
        raise EncoderError(name)
    return content
