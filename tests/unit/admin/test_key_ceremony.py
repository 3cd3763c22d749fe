"""The key ceremony as its people do it: the commands in order, and the orders that are refused."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from pipeline_admin.ceremony.domain import KeyRequest, Terms, fingerprint, next_bundle
from pipeline_admin.ceremony.key_folder import KeyFolder, rows_of
from pipeline_admin.ceremony.log import NAME, read_log
from pipeline_admin.ceremony.making import KeyMaker
from pipeline_admin.ceremony.refusal import REASONS, CeremonyError
from pipeline_admin.main import app
from pipeline_settings.key_table import HOLDERS, KEYS, OFFLINE, KeyKind, KeyRow
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, public_root, read_bundle, sign_bundle
from pipeline_shared.language.encoding import encode_base64

SIGNER = KeyRow("events:triage", "triage", KeyKind.SIGNING, keep_days=15)


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["keys", *map(str, arguments)])
    return done.exit_code, done.output


def ok(*arguments: object) -> str:
    code, output = run(*arguments)
    assert code == 0, output
    return output


def refusal(*arguments: object) -> str:
    """Return the code of a refused act."""
    code, output = run(*arguments)
    assert code == 1, output
    said = output.split("refused: ")[1].split(":")[0].split(" (")[0]
    assert said in REASONS
    return said


@pytest.fixture(autouse=True)
def no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADMIN_DATABASES", "ADMIN_FILE", "PROVISION_POSTGRES_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "sam")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Make the first keys of all holders, each in a folder of its own."""
    for holder in HOLDERS:
        ok("init", holder, "--folder", tmp_path / holder, "--request", tmp_path / f"{holder}.json")
    return tmp_path


def sign(place: Path, number: int, *requests: str, **options: object) -> list[object]:
    files = [place / f"{name}.json" for name in requests]
    previous = ["--previous", place / f"bundle-{number - 1}.json"] if number > 1 else []
    more = [part for name, value in options.items() for part in (f"--{name}", value)]
    out = ["--out", place / f"bundle-{number}.json"]
    return ["bundle", "sign", *files, "--folder", place / "offline", *previous, *out, *more, "--yes"]


@pytest.fixture
def signed(made: Path) -> Path:
    """Sign the first bundle."""
    ok(*sign(made, 1, *HOLDERS))
    return made


def bundle(place: Path, number: int) -> KeyBundle:
    return read_bundle((place / f"bundle-{number}.json").read_bytes(), root_of(place), datetime.now(UTC))


def root_of(place: Path) -> str:
    return public_root(KeyFolder(place / "offline").trust_root())


def test_the_first_keys_of_everybody_make_the_first_bundle(signed: Path) -> None:
    first = bundle(signed, 1)
    assert {(key.role, key.kid) for key in first.keys} == {(row.role, row.kid(1)) for row in KEYS}
    assert first.version == 1
    files = {file.name: file.stat().st_mode & 0o777 for file in (signed / "offline").iterdir()}
    assert files == dict.fromkeys(["trust-root.key", *(f"{row.kid(1)}.key" for row in rows_of(OFFLINE)), NAME], 0o600)
    output = ok("bundle", "verify", signed / "bundle-1.json", "--trust-root", root_of(signed))
    assert all(fingerprint(key.public_key) in output for key in first.keys)


def test_a_replaced_key_leaves_the_bundle_and_its_private_half_stays(signed: Path) -> None:
    ok("rotate", "desk", "--folder", signed / "desk", "--request", signed / "new.json")
    ok(*sign(signed, 2, "new"))
    second = bundle(signed, 2)
    assert second.version == 2
    assert [key.kid for key in second.keys if key.role == "desk"] == ["desk-2"]
    assert {file.name for file in (signed / "desk").glob("desk-*.key")} == {"desk-1.key", "desk-2.key"}


def test_every_act_is_in_the_log_with_its_operator(signed: Path) -> None:
    acts = read_log(signed / "offline" / NAME)
    assert [(act.operator, act.action) for act in acts] == [
        *[("account:sam", "keys_made")] * len(rows_of(OFFLINE)),
        ("account:sam", "key_bundle_signed"),
    ]


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_log_that_was_changed_stops_the_ceremony(signed: Path, change: str) -> None:
    log = signed / "offline" / NAME
    lines = log.read_text().splitlines()
    log.write_text("\n".join([line.replace("sam", "alex") for line in lines] if change == "edit" else lines[1:]))
    assert refusal(*sign(signed, 2)) == "ceremony_log_changed"


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_key_is_never_made_in_the_place_of_another(made: Path, holder: str) -> None:
    before = {file.name: file.read_bytes() for file in (made / holder).iterdir()}
    again = ("init", holder, "--folder", made / holder, "--request", made / "again.json")
    assert refusal(*again) == "made_before"
    assert {file.name: file.read_bytes() for file in (made / holder).iterdir()} == before
    assert not (made / "again.json").exists()


def test_an_existing_request_or_bundle_is_not_overwritten_and_nothing_is_made(signed: Path) -> None:
    (signed / "bundle-2.json").write_text("mine")
    assert refusal(*sign(signed, 2, days=1)) == "file_exists"
    rotate = ("rotate", "desk", "--folder", signed / "desk", "--request", signed / "bundle-2.json")
    assert refusal(*rotate) == "file_exists"
    assert not (signed / "desk" / "desk-2.key").exists()


def test_a_key_that_was_never_made_is_not_replaced(tmp_path: Path) -> None:
    assert refusal("rotate", "desk", "--folder", tmp_path / "d", "--request", tmp_path / "r") == "not_made_yet"
    assert refusal("rotate", "nobody", "--folder", tmp_path / "d", "--request", tmp_path / "r") == "holder_unknown"
    assert refusal("init", "nobody", "--folder", tmp_path / "d", "--request", tmp_path / "r") == "holder_unknown"


@pytest.mark.parametrize(
    "name", ["INTAKE_DATABASE_URL", "DESK_PRIVATE_KEYS", "TRANSFER_KAFKA_PASSWORD_FILE", "ADMIN_FILE"]
)
def test_offline_keys_are_neither_made_nor_used_where_a_service_has_settings(
    signed: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "x")
    assert refusal("init", "offline", "--folder", signed / "x", "--request", signed / "r") == "service_host"
    assert refusal(*sign(signed, 2)) == "service_host"
    (signed / "sealed").write_text("{}")
    opening = ("escrow", "open", signed / "sealed", "--folder", signed / "offline", "--reason", "an order")
    assert refusal(*opening) == "service_host"


def test_offline_keys_and_a_services_keys_are_never_in_one_folder(signed: Path) -> None:
    shutil.copy(signed / "desk" / "desk-1.key", signed / "offline")
    assert refusal(*sign(signed, 2)) == "service_host"
    shutil.copy(signed / "offline" / "escrow-1.key", signed / "desk")
    rotate = ("rotate", "desk", "--folder", signed / "desk", "--request", signed / "r")
    assert refusal(*rotate) == "offline_key_here"
    install = ("--install", signed / "desk" / "bundle.json")
    verify = ("bundle", "verify", signed / "bundle-1.json", "--trust-root", root_of(signed))
    assert refusal(*verify, *install) == "offline_key_here"


@pytest.mark.parametrize(
    ("what", "mode", "code"), [(".", 0o750, "folder_too_open"), ("escrow-1.key", 0o640, "key_too_open")]
)
def test_keys_that_others_can_reach_are_not_used(signed: Path, what: str, mode: int, code: str) -> None:
    (signed / "offline" / what).chmod(mode)
    assert refusal(*sign(signed, 2)) == code


def test_an_expired_bundle_is_not_used_and_is_followed_by_a_new_one(signed: Path) -> None:
    root = KeyFolder(signed / "offline").trust_root()
    old = bundle(signed, 1).model_copy(update={"valid_until": datetime.now(UTC) - timedelta(days=1)})
    (signed / "bundle-1.json").write_bytes(sign_bundle(old, root))
    verify = ("bundle", "verify", signed / "bundle-1.json", "--trust-root", root_of(signed))
    assert refusal(*verify) == "expired"
    ok(*sign(signed, 2))
    assert bundle(signed, 2).keys == old.keys


def test_an_older_bundle_is_neither_followed_nor_installed(signed: Path) -> None:
    for number in (2, 3):
        ok("rotate", "desk", "--folder", signed / "desk", "--request", signed / f"new-{number}.json")
        ok(*sign(signed, number, f"new-{number}"))
    shutil.copy(signed / "bundle-1.json", signed / "bundle-3.json.old")
    older = ["--previous", signed / "bundle-1.json"]
    again = [
        "bundle",
        "sign",
        signed / "new-2.json",
        "--folder",
        signed / "offline",
        *older,
        "--out",
        signed / "b",
        "--yes",
    ]
    assert refusal(*again) == "bundle_rolled_back"
    assert refusal(*sign(signed, 1, *HOLDERS)) == "file_exists"
    first = ["bundle", "sign", signed / "desk.json", "--folder", signed / "offline", "--out", signed / "b", "--yes"]
    assert refusal(*first) == "first_bundle_exists"
    shutil.copy(signed / "bundle-3.json", signed / "in-use.json")
    verify = ("bundle", "verify", signed / "bundle-2.json", "--trust-root", root_of(signed))
    assert refusal(*verify, "--install", signed / "in-use.json") == "bundle_rolled_back"
    assert (signed / "in-use.json").read_bytes() == (signed / "bundle-3.json").read_bytes()


def test_a_bundle_of_another_root_is_refused(signed: Path) -> None:
    other = Ed25519PrivateKey.generate()
    (signed / "bundle-1.json").write_bytes(sign_bundle(bundle(signed, 1), other))
    assert refusal(*sign(signed, 2)) == "bad_signature"
    verify = ("bundle", "verify", signed / "bundle-1.json", "--trust-root", root_of(signed))
    assert refusal(*verify) == "bad_signature"


def test_a_bundle_that_leaves_a_role_without_a_key_is_not_signed(made: Path) -> None:
    assert refusal(*sign(made, 1, "offline", "desk")) == "role_without_key"
    ok(*sign(made, 1, *HOLDERS))
    assert refusal(*sign(made, 2, compromised="desk-1")) == "role_without_key"


def test_a_bundle_with_nothing_new_is_not_signed_and_neither_is_one_for_ever(signed: Path) -> None:
    assert refusal(*sign(signed, 2)) == "nothing_new"
    assert refusal(*sign(signed, 2, days=0)) == "lasts_too_long"
    assert refusal(*sign(signed, 2, days=4000)) == "lasts_too_long"


@pytest.mark.parametrize(
    "change",
    [
        {"role": "nobody"},
        {"kid": "desk-x"},
        {"public_key": "AAAA"},
        {"public_key": "zq!"},
        {"made_on": None},
        {"kid": "desk-0"},
    ],
)
def test_a_request_that_is_not_whole_is_refused(made: Path, change: dict[str, object]) -> None:
    request = json.loads((made / "desk.json").read_text())
    request["keys"][0].update(change)
    (made / "desk.json").write_text(json.dumps(request))
    assert refusal(*sign(made, 1, *HOLDERS)) == "request_unreadable"


def test_a_name_in_the_bundle_never_gets_another_key(signed: Path) -> None:
    shutil.rmtree(signed / "desk")
    (signed / "desk.json").unlink()
    ok("init", "desk", "--folder", signed / "desk", "--request", signed / "desk.json")
    assert refusal(*sign(signed, 2, "desk")) == "key_in_bundle_differs"


def signer_request(number: int, made_on: date) -> KeyRequest:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    key = BundledKey(kid=SIGNER.kid(number), role=SIGNER.role, public_key=encode_base64(public), made_on=made_on)
    return KeyRequest(keys=(key,))


def test_a_replaced_signing_key_stays_while_what_it_signed_is_on_its_way() -> None:
    day = date(2026, 11, 1)
    first = next_bundle(None, [signer_request(1, day)], Terms(day, 400), [SIGNER])
    second = next_bundle(first, [signer_request(2, day)], Terms(day, 400), [SIGNER])
    assert [key.kid for key in second.keys] == ["events-triage-2", "events-triage-1"]
    renewed = second.model_copy(update={"valid_until": datetime(2026, 11, 2, tzinfo=UTC)})
    for days, kids in ((14, 2), (15, 1)):
        assert len(next_bundle(renewed, [], Terms(day + timedelta(days=days), 400), [SIGNER]).keys) == kids
    at_once = next_bundle(second, [], Terms(day, 400, ["events-triage-1"]), [SIGNER])
    assert [key.kid for key in at_once.keys] == ["events-triage-2"]


def test_an_older_key_does_not_come_back_as_new() -> None:
    day = date(2026, 11, 1)
    second = next_bundle(None, [signer_request(2, day)], Terms(day, 400), [SIGNER])
    with pytest.raises(CeremonyError, match="out_of_order"):
        next_bundle(second, [signer_request(1, day)], Terms(day, 400), [SIGNER])


@pytest.mark.parametrize("row", [*KEYS, SIGNER], ids=lambda row: row.role)
def test_a_row_knows_its_keys_by_number_and_no_others(row: KeyRow) -> None:
    assert [row.number(row.kid(n)) for n in (1, 12)] == [1, 12]
    assert [row.number(kid) for kid in (f"{row.kid(1)}x", row.kid(1)[:-1], "other-1", f"{row.kid(0)[:-1]}01")] == [
        None
    ] * 4


def test_a_signing_key_is_made_for_a_row_of_that_kind(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    folder.require_closed()
    key = KeyMaker(folder).make(SIGNER, SIGNER.kid(1))
    private = Ed25519PrivateKey.from_private_bytes(folder.lend("events-triage-1"))
    assert key.public_key == encode_base64(private.public_key().public_bytes_raw())
