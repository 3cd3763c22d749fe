"""A process that reads texts with the encoder does not start without the right files of it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake_service.main import create_app as create_intake
from intake_service.screening.encoder_head import GRAPH as SCREEN
from pipeline_shared.encoder import files
from pipeline_shared.encoder.files import TOKENIZER, EncoderError
from pipeline_shared.runtime import start_checks
from pipeline_shared.runtime.start_checks import REFUSED, require_encoder
from sanitiser_service.desk.main import create_app as create_desk
from sanitiser_service.matcher.disclosure.telling import GRAPH as MATCHER
from sanitiser_service.worker.main import create_worker

NO_SETTINGS: Any = None  # the encoder is checked before anything is set up
GRAPHS: dict[Callable[[Any], object], str] = {create_intake: SCREEN, create_worker: MATCHER, create_desk: MATCHER}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the encoder's files."""
    shutil.copytree(files.FOLDER, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("graph", [SCREEN, MATCHER])
def test_the_files_of_the_manifest_are_accepted(folder: Path, graph: str) -> None:
    require_encoder(graph, folder)


@pytest.mark.parametrize("graph", [SCREEN, MATCHER])
@pytest.mark.parametrize("is_missing", [True, False])
def test_a_missing_or_changed_file_is_named_and_ends_the_process(
    folder: Path, capsys: pytest.CaptureFixture[str], graph: str, *, is_missing: bool
) -> None:
    for name in (TOKENIZER, graph):  # the graph is looked at first
        content = (folder / name).read_bytes()
        if is_missing:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(SystemExit) as ended:
            require_encoder(graph, folder)
        assert ended.value.code == REFUSED
        assert f"the encoder's file {name} is missing" in capsys.readouterr().err


@pytest.mark.parametrize("create", GRAPHS)
def test_a_service_that_reads_texts_does_not_start_with_another_encoder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], create: Callable[[Any], object]
) -> None:
    def refuse(name: str, _folder: Path) -> bytes:
        raise EncoderError(name)

    monkeypatch.setattr(start_checks, "read_file", refuse)
    with pytest.raises(SystemExit) as ended:
        create(NO_SETTINGS)
    assert ended.value.code == REFUSED
    assert GRAPHS[create] in capsys.readouterr().err
