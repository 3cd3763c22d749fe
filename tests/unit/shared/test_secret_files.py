"""A secret may be given as the path of a file; what cannot be read is named and nothing of it is shown."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from pipeline_shared.runtime.secret_files import FileSettings, SecretFileError, SecretPath, openly_given, secret_files
from pipeline_shared.runtime.settings import Files
from pipeline_shared.runtime.start_checks import read_settings


class Settings(FileSettings):
    model_config = SettingsConfigDict(env_prefix="ANY_", hide_input_in_errors=True)

    password: SecretStr
    passwords: dict[str, SecretStr] | None = None
    optional: SecretStr | None = None
    name: str = ""
    keys: Files | None = None
    own_key_file: SecretPath | None = None
    certificate_file: Path | None = None
    certificate_key_file: SecretPath | None = None


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "password"
    file.write_text("zq-secret\n")
    file.chmod(0o600)
    monkeypatch.setenv("ANY_PASSWORD_FILE", str(file))
    return file


@pytest.mark.usefixtures("password")
def test_a_secret_is_read_from_the_file_without_the_end_of_its_line() -> None:
    assert Settings().password.get_secret_value() == "zq-secret"  # pyright: ignore[reportCallIssue]


@pytest.mark.usefixtures("password")
def test_the_file_takes_precedence_over_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANY_PASSWORD", "other")
    assert Settings().password.get_secret_value() == "zq-secret"  # pyright: ignore[reportCallIssue]


@pytest.mark.usefixtures("password")
def test_a_json_object_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "passwords").write_text(json.dumps({"intake": "one"}))
    monkeypatch.setenv("ANY_PASSWORDS_FILE", str(tmp_path / "passwords"))
    assert (Settings().passwords or {})["intake"].get_secret_value() == "one"  # pyright: ignore[reportCallIssue]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_a_file_that_cannot_be_read_is_named_by_its_setting_only(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "zq-file"
    if content:
        file.write_bytes(content)
    monkeypatch.setenv("ANY_PASSWORD_FILE", str(file))
    with pytest.raises(SecretFileError):
        Settings()  # pyright: ignore[reportCallIssue]
    with pytest.raises(SystemExit) as ended:
        read_settings(Settings)
    assert ended.value.code == 78
    assert capsys.readouterr().err == "refused to start:\n  ANY_PASSWORD_FILE: the file cannot be read\n"


def test_missing_and_wrong_settings_are_listed_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANY_PASSWORDS", '{"intake": ["zq-secret"]}')
    with pytest.raises(SystemExit):
        read_settings(Settings)
    assert capsys.readouterr().err == "refused to start:\n  ANY_PASSWORD: missing\n  ANY_PASSWORDS: wrong\n"


def test_a_file_that_others_can_read_ends_the_process_with_its_name(
    password: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password.chmod(0o640)
    with pytest.raises(SystemExit):
        read_settings(Settings)
    assert "ANY_PASSWORD_FILE: others can reach the file: chmod 600" in capsys.readouterr().err


@pytest.mark.usefixtures("password")
def test_every_kind_of_secret_file_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / name for name in ("one", "two", "own", "certificate")]
    for path in paths:
        path.touch(mode=0o644)
    monkeypatch.setenv("ANY_KEYS", f"{paths[0]}:{paths[1]}")
    monkeypatch.setenv("ANY_OWN_KEY_FILE", str(paths[2]))
    monkeypatch.setenv("ANY_CERTIFICATE_FILE", str(paths[3]))
    found = secret_files(Settings())  # pyright: ignore[reportCallIssue]
    open_files = {name for name, file in found.items() if (file.mode or 0) & 0o077}
    assert open_files == {"ANY_KEYS", "ANY_OWN_KEY_FILE", "ANY_CERTIFICATE_FILE"}
    monkeypatch.setenv("ANY_CERTIFICATE_KEY_FILE", str(paths[2]))  # then the certificate's own file is no secret
    assert "ANY_CERTIFICATE_FILE" not in secret_files(Settings())  # pyright: ignore[reportCallIssue]


def test_only_secret_values_in_the_environment_are_openly_given() -> None:
    given = {"ANY_PASSWORD": "", "any_optional": "", "ANY_NAME": "", "ANY_PASSWORD_FILE": "", "OTHER_PASSWORD": ""}
    assert openly_given(Settings, given) == ["ANY_PASSWORD", "ANY_OPTIONAL"]
