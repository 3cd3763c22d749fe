"""`pipeline production prepare` and `check`: one list says what is missing or wrong; no secret is handed out twice."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from pipeline_admin.installation import Installation, audit_key_file, audit_key_of
from pipeline_admin.main import app
from pipeline_admin.production.checking import faults
from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.layout import NAMES_OF, OWNER_OF
from pipeline_admin.production.preparing import prepare
from pipeline_settings.processes import AUDITOR_ROLE_OF, OPERATOR_ROLE_OF, PAGES, SERVICE_PROCESSES
from tests.support.production import FORCE, NAMES, Change, renamed, sign_again, write

SHARED = {"ca.pem", "provider-ca.pem", "police-ca.pem", "bundle.json", "trust_root", "police_token"}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_prepared_folder_is_ready(ready: InstallationFolder) -> None:
    assert faults(ready, NAMES) == []


def test_an_empty_folder_names_every_file_that_is_missing_and_makes_nothing(tmp_path: Path) -> None:
    found = faults(InstallationFolder(tmp_path / "etc"), NAMES)
    assert {"given/certificate.pem: missing", "given/bundle.json: missing", "keys/desk-1.key: missing"} <= set(found)
    assert not (tmp_path / "etc").exists()


def test_preparing_again_changes_nothing(ready: InstallationFolder) -> None:
    before = {path: path.stat().st_ino for path in ready.root.rglob("*")}
    assert prepare(InstallationFolder(ready.root, makes=True)) == []
    assert {path: path.stat().st_ino for path in ready.root.rglob("*")} == before


def test_no_secret_of_a_process_is_handed_to_another(ready: InstallationFolder) -> None:
    ours = [process.name for process in SERVICE_PROCESSES]
    own = {
        name: {text for file, text in content(ready.containers / name).items() if file not in SHARED} for name in ours
    }
    for name in ours:
        seen = b"".join(content(ready.containers / name).values())
        assert not [secret for other in ours if other != name for secret in own[other] if secret in seen]


def test_every_file_is_its_accounts_alone(ready: InstallationFolder) -> None:
    for name, owner in OWNER_OF.items():
        for path in (ready.containers / name).rglob("*"):
            facts = path.stat()
            assert facts.st_mode & 0o077 == 0
            assert os.getuid() or facts.st_uid == owner


ENDED = FORCE.issue(list(NAMES.values()), until=datetime.now(UTC) - timedelta(days=1))
SOON = FORCE.issue(list(NAMES.values()), until=datetime.now(UTC) + timedelta(days=3))
KEYLESS = ENDED[ENDED.index(b"-----BEGIN CERTIFICATE") :]
CASES: dict[str, tuple[Change, str]] = {
    "mode": (lambda f: (f.containers / "intake/hmac_key").chmod(0o644), "containers/intake/hmac_key: others can reach"),
    "folder": (lambda f: f.given.chmod(0o755), "given: others can reach the folder"),
    "missing": (lambda f: (f.containers / "desk/session_key").unlink(), "containers/desk/session_key: missing"),
    "empty": (write("given/police_token", ""), "containers/transfer/police_token: empty"),
    "newer": (write("given/police_token", "another"), "containers/transfer/police_token: not what was given last"),
    "expired": (write("given/certificate.pem", ENDED), "given/certificate.pem: the certificate expired on"),
    "soon": (write("given/certificate.pem", SOON), "given/certificate.pem: the certificate ends on"),
    "no key": (write("given/certificate.pem", KEYLESS), "given/certificate.pem: no private key in it"),
    "name": (
        write("given/certificate.pem", FORCE.issue(["submit.force.example"])),
        "given/certificate.pem: the certificate does not name triage.force.example",
    ),
    "no certificate": (write("given/certificate.pem", "x"), "given/certificate.pem: no certificate in it"),
    "authority": (write("given/provider-ca.pem", "x"), "given/provider-ca.pem: no certificate of an authority in it"),
    "bundle": (write("given/bundle.json", "{}"), "given/bundle.json: refused: "),
    "own wire": (
        write("made/tls/postgres.pem", FORCE.issue(["elsewhere"])),
        "made/tls/postgres.pem: the certificate does not name postgres",
    ),
    "nobody": (
        write("given/alertmanager.yml", "route: {receiver: us}\nreceivers: [{name: us}]\n"),
        "given/alertmanager.yml: its receiver tells nobody",
    ),
    "offline": (write("keys/escrow-1.key", "x"), "keys/escrow-1.key: an offline key has no place on this host"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_named(case: str, ready: InstallationFolder) -> None:
    change, expected = CASES[case]
    change(ready)
    assert [fault for fault in faults(ready, NAMES) if fault.startswith(expected)], faults(ready, NAMES)


@pytest.mark.parametrize("end", ["", "/"])
def test_the_demonstrations_identity_provider_is_refused(ready: InstallationFolder, end: str) -> None:
    (refused,) = faults(ready, {**NAMES, "OIDC_ISSUER": f"https://login.force.example/realms/pipeline{end}"})
    assert refused.startswith("settings: OIDC_ISSUER is the realm of the demonstration (/realms/pipeline)")
    assert faults(ready, {**NAMES, "OIDC_ISSUER": "https://login.force.example/realms/pipeline-force"}) == []


def test_a_missing_setting_is_named(ready: InstallationFolder) -> None:
    assert "settings: DESK_NAME is missing" in faults(ready, {**NAMES, "DESK_NAME": ""})


def test_a_wildcard_names_one_level_only(ready: InstallationFolder) -> None:
    (ready.given / "certificate.pem").write_bytes(FORCE.issue(["*.force.example"]))
    found = faults(ready, {**NAMES, "DESK_NAME": "desk.secret.force.example"})
    assert [fault for fault in found if "does not name" in fault] == [
        "given/certificate.pem: the certificate does not name desk.secret.force.example"
    ]


def test_a_replaced_private_key_is_handed_out_beside_the_old_one_and_taken_back_with_it(
    ready: InstallationFolder,
) -> None:
    handed = ready.containers / "desk"
    (ready.keys / "desk-2.key").write_bytes((ready.keys / "desk-1.key").read_bytes())
    prepare(InstallationFolder(ready.root, makes=True))
    assert {file.name for file in handed.glob("desk-*.key")} == {"desk-1.key", "desk-2.key"}
    (ready.keys / "desk-2.key").unlink()
    prepare(InstallationFolder(ready.root, makes=True))
    assert {file.name for file in handed.glob("desk-*.key")} == {"desk-1.key"}


def test_a_host_that_has_only_the_successor_of_a_key_is_ready(ready: InstallationFolder) -> None:
    (ready.keys / "desk-1.key").rename(ready.keys / "desk-2.key")
    sign_again(ready, renamed("desk-1", "desk-2"))
    assert prepare(InstallationFolder(ready.root, makes=True)) == []
    assert {file.name for file in (ready.containers / "desk").glob("desk-*.key")} == {"desk-2.key"}
    assert faults(ready, NAMES) == []


def test_a_certificate_made_here_is_made_again_when_it_lacks_a_name(ready: InstallationFolder) -> None:
    other = ready.made / "tls" / "intake.pem"
    before = other.read_bytes()
    (ready.made / "tls" / "desk.pem").write_bytes(FORCE.issue(NAMES_OF["desk"][:1]))
    assert prepare(InstallationFolder(ready.root, makes=True)) == []
    assert faults(ready, NAMES) == []
    assert other.read_bytes() == before


def test_a_certificate_of_the_operator_takes_the_place_of_the_one_made_here(ready: InstallationFolder) -> None:
    own = FORCE.issue(NAMES_OF["postgres"])
    (ready.given / "tls").mkdir()
    (ready.given / "tls" / "postgres.pem").write_bytes(own)
    (ready.given / "ca.pem").write_bytes(FORCE.trusted)
    prepare(InstallationFolder(ready.root, makes=True))
    assert (ready.containers / "postgres" / "tls.pem").read_bytes() == own
    assert FORCE.trusted in (ready.containers / "intake" / "ca.pem").read_bytes()
    assert faults(ready, NAMES) == []


def test_an_operator_reaches_every_database_by_the_authorities_in_their_own_container(
    ready: InstallationFolder,
) -> None:
    installation = json.loads((ready.containers / "operator" / "installation.json").read_text())
    trusted = {parse_qs(urlsplit(url).query)["sslrootcert"][0] for url in installation["databases"].values()}
    assert trusted == {installation["authorities"]} == {"/run/operator/ca.pem"}
    assert set(installation["databases"]) == set(OPERATOR_ROLE_OF)


def test_an_auditor_has_keys_that_prove_entries_and_nothing_that_makes_a_session(ready: InstallationFolder) -> None:
    handed = content(ready.containers / "auditor")
    seen = b"".join(handed.values())
    for site in PAGES:
        session_key = (ready.made / f"session-{site}").read_bytes()
        assert handed[audit_key_file(site)] == audit_key_of(session_key.decode())
        assert session_key not in seen
    assert not [role for role in OPERATOR_ROLE_OF.values() if (ready.made / f"postgres-{role}").read_bytes() in seen]


def test_only_who_administers_agencies_has_the_key_of_their_api_keys(ready: InstallationFolder) -> None:
    hmac_key = (ready.made / "intake_hmac").read_bytes()
    having = {name for name in OWNER_OF if hmac_key in b"".join(content(ready.containers / name).values())}
    assert having == {"intake", "agencies"}
    others = [role for role in (*OPERATOR_ROLE_OF.values(), *AUDITOR_ROLE_OF.values()) if role != "intake_operator"]
    seen = b"".join(content(ready.containers / "agencies").values())
    assert not [role for role in others if (ready.made / f"postgres-{role}").read_bytes() in seen]


@pytest.mark.parametrize("name", ["operator", "agencies", "auditor"])
def test_each_file_of_credentials_is_one_that_the_commands_accept(
    name: str, ready: InstallationFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_FILE", str(ready.containers / name / "installation.json"))
    installation = Installation()  # pyright: ignore[reportCallIssue] - from the file
    assert set(installation.databases) == {"operator": set(OPERATOR_ROLE_OF), "agencies": {"intake"}}.get(name, set())


def test_an_operator_has_nothing_of_an_auditor(ready: InstallationFolder) -> None:
    seen = b"".join(content(ready.containers / "operator").values())
    assert not [role for role in AUDITOR_ROLE_OF.values() if (ready.made / f"postgres-{role}").read_bytes() in seen]
    assert not [site for site in PAGES if content(ready.containers / "auditor")[audit_key_file(site)] in seen]


def test_the_commands_print_a_list_and_no_secret(ready: InstallationFolder) -> None:
    options = ["--folder", str(ready.root)]
    assert CliRunner().invoke(app, ["production", "check", *options], env=NAMES).output == "ready to start\n"
    (ready.given / "police_token").unlink()
    done = CliRunner().invoke(app, ["production", "prepare", *options], env=NAMES)
    assert done.exit_code == 1
    assert done.output.endswith("still missing:\n  given/police_token\n")
    done = CliRunner().invoke(app, ["production", "check", *options], env=NAMES)
    assert (done.exit_code, done.output) == (1, "not ready:\n  given/police_token: missing\n")
