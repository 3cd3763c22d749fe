"""`pipeline production check`: each certificate has its key, and leads to an authority that is trusted here."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline_admin.production.authority import Authority
from pipeline_admin.production.checking import faults
from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.layout import NAMES_OF
from pipeline_admin.production.preparing import prepare
from tests.support.certificates import make_authority
from tests.support.production import FORCE, NAMES, Change, write

CERTIFICATE = b"-----BEGIN CERTIFICATE"
OTHER, PAST = make_authority("Other"), make_authority("Past", until=datetime.now(UTC) - timedelta(days=1))
LEAF = FORCE.issue(["anything"])
NO_AUTHORITY = "a certificate in it is no authority's (basicConstraints CA)"
NOT_SIGNED = "no authority in ca.pem has signed it, nor a certificate in its own file that leads to one"


def give_postgres(pem: bytes, authority: bytes | None = FORCE.trusted) -> Change:
    """Give a certificate for PostgreSQL, and an authority."""

    def give(folder: InstallationFolder) -> None:
        (folder.given / "tls").mkdir()
        (folder.given / "tls" / "postgres.pem").write_bytes(pem)
        if authority:
            (folder.given / "ca.pem").write_bytes(authority)

    return give


OF_POSTGRES = NAMES_OF["postgres"]
KEY_OF_ANOTHER, _ = OTHER.issue(OF_POSTGRES).split(CERTIFICATE, 1)
_, OWN_CERTIFICATE = FORCE.issue(OF_POSTGRES).split(CERTIFICATE, 1)
ROOT = make_authority("Root")
BELOW_ROOT, BELOW_FORCE = make_authority("Below", above=ROOT), make_authority("Below", above=FORCE)
BEFORE_RENEWAL = make_authority("Root", key=ROOT.key, until=datetime.now(UTC) - timedelta(days=1))
CHAIN_CASES: dict[str, tuple[Change, set[str]]] = {
    "nothing": (write("given/ca.pem", "x"), {"given/ca.pem: no certificate of an authority in it (PEM)"}),
    "a server's": (write("given/ca.pem", LEAF), {f"given/ca.pem: {NO_AUTHORITY}"}),
    "expired": (
        write("given/ca.pem", PAST.trusted),
        {"given/ca.pem: every authority in it has expired"},
    ),
    "under an expired one": (
        give_postgres(PAST.issue(OF_POSTGRES), PAST.trusted),
        {
            "given/ca.pem: every authority in it has expired",
            "given/tls/postgres.pem: an authority above it has expired",
        },
    ),
    "its own": (give_postgres(FORCE.issue(OF_POSTGRES)), set()),
    "another's": (give_postgres(OTHER.issue(OF_POSTGRES)), {f"given/tls/postgres.pem: {NOT_SIGNED}"}),
    "no ca.pem": (give_postgres(FORCE.issue(OF_POSTGRES), None), {f"given/tls/postgres.pem: {NOT_SIGNED}"}),
    "a chain": (give_postgres(BELOW_ROOT.issue(OF_POSTGRES), ROOT.trusted), set()),
    "a chain that is too long": (
        give_postgres(BELOW_FORCE.issue(OF_POSTGRES)),
        {
            "given/tls/postgres.pem: an authority above it allows fewer authorities below itself (pathLenConstraint)",
        },
    ),
    "renewed with its key": (give_postgres(ROOT.issue(OF_POSTGRES), BEFORE_RENEWAL.trusted + ROOT.trusted), set()),
    "under a server's": (
        give_postgres(Authority.read(LEAF).issue(OF_POSTGRES)),
        {
            "given/tls/postgres.pem: it was signed by a certificate that is no authority's (basicConstraints CA)",
        },
    ),
    "a chain with a gap": (
        give_postgres(BELOW_ROOT.issue(OF_POSTGRES).replace(BELOW_ROOT.trusted, b""), ROOT.trusted),
        {f"given/tls/postgres.pem: {NOT_SIGNED}"},
    ),
    "a key of another": (
        give_postgres(KEY_OF_ANOTHER + CERTIFICATE + OWN_CERTIFICATE),
        {"given/tls/postgres.pem: the key is not the certificate's; the server's certificate comes first"},
    ),
    "the public chain": (
        write("given/certificate.pem", FORCE.issue(list(NAMES.values())).replace(FORCE.trusted, OTHER.trusted)),
        {"given/certificate.pem: its chain is broken: each certificate in it must be signed by the next one"},
    ),
}


@pytest.mark.parametrize("case", CHAIN_CASES)
def test_each_certificate_leads_to_an_authority_that_is_trusted_here(case: str, ready: InstallationFolder) -> None:
    change, expected = CHAIN_CASES[case]
    change(ready)
    prepare(InstallationFolder(ready.root, makes=True))
    assert set(faults(ready, NAMES)) == expected
