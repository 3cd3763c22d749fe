"""The bundle in force follows its file; what may not be used changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from pipeline_shared.crypto.bundle import BundleInUse, Take
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, UntrustedBundleError, public_root, sign_bundle
from pipeline_shared.messaging.signatures import RefusedEventError, Verifier
from pipeline_shared.messaging.topics import TOPIC_OF
from pipeline_shared.runtime.metrics import create_metrics
from tests.support.metrics import figure, figures_of
from tests.support.signing import KEYS, SIGNERS, a_signer, bundled, record_of, signed
from tests.unit.triage.builders import sanitised

ROOT = Ed25519PrivateKey.generate()
TOMORROW = datetime.now(UTC) + timedelta(days=1)


def put(
    file: Path, version: int, *keys: BundledKey, root: Ed25519PrivateKey = ROOT, until: datetime = TOMORROW
) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_bytes(sign_bundle(KeyBundle(version=version, valid_until=until, keys=keys or KEYS), root))
    fresh.replace(file)


def spoil(file: Path, content: bytes | None) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "bundle.json"
    put(file, 3)
    return file


@pytest.fixture
def bundle(file: Path) -> BundleInUse:
    return BundleInUse(file, public_root(ROOT))


async def knows(version: int) -> int:
    return version


async def knows_newer(version: int) -> int:
    return version + 1


def refused(bundle: BundleInUse) -> tuple[float, float]:
    """Return the version in force and whether another bundle is refused, as operations see it."""
    metrics = create_metrics()
    bundle.report(metrics)
    figures = figures_of(metrics)
    return figure(figures, "pipeline_key_bundle_version"), figure(figures, "pipeline_key_bundle_refused")


async def test_a_newer_bundle_counts_without_a_restart(file: Path, bundle: BundleInUse) -> None:
    taken: list[int] = []

    def prepare(new: KeyBundle) -> Take:
        return lambda: taken.append(new.version)

    bundle.follow(prepare)
    assert await bundle.look(knows) == ""
    put(file, 4)
    assert await bundle.look(knows) == ""
    assert (bundle.keys.version, taken, refused(bundle)) == (4, [4], (4, 0))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"version": 2}, "rolled_back"),
        ({"version": 3, "until": TOMORROW + timedelta(days=1)}, "rolled_back"),
        ({"version": 4, "until": datetime.now(UTC) - timedelta(seconds=1)}, "expired"),
        ({"version": 4, "root": Ed25519PrivateKey.generate()}, "bad_signature"),
    ],
)
async def test_a_bundle_that_may_not_be_used_leaves_the_one_in_force(
    file: Path, bundle: BundleInUse, how: dict[str, object], code: str
) -> None:
    put(file, **how)  # pyright: ignore[reportArgumentType]
    with capture_logs() as logs:
        assert await bundle.look(knows) == code
        assert await bundle.look(knows) == ""  # told once
    assert [(line["event"], line["error"]) for line in logs] == [("key_bundle_not_taken", code)]
    assert refused(bundle) == (3, 1)
    put(file, 5)
    await bundle.look(knows)
    assert refused(bundle) == (5, 0)


@pytest.mark.parametrize("content", [b"", b"{", None])
async def test_a_file_that_is_missing_or_half_written_leaves_the_bundle_in_force(
    file: Path, bundle: BundleInUse, content: bytes | None
) -> None:
    spoil(file, content)
    assert await bundle.look(knows) == "unreadable"
    assert refused(bundle) == (3, 1)


async def test_a_bundle_older_than_one_that_the_database_knows_is_refused(file: Path, bundle: BundleInUse) -> None:
    put(file, 4)
    assert await bundle.look(knows_newer) == "rolled_back"
    assert refused(bundle) == (3, 1)


async def test_a_bundle_that_one_part_refuses_is_taken_by_none(file: Path, bundle: BundleInUse) -> None:
    taken: list[int] = []

    def refuse(_new: KeyBundle) -> Take:
        raise UntrustedBundleError("own_key_missing")

    bundle.follow(lambda new: lambda: taken.append(new.version))
    bundle.follow(refuse)
    put(file, 4)
    assert await bundle.look(knows) == "own_key_missing"
    assert (taken, refused(bundle)) == ([], (3, 1))


async def test_a_reader_checks_signatures_with_the_newest_bundle(file: Path, bundle: BundleInUse) -> None:
    new = a_signer("sanitiser", 2)
    event = sanitised()
    record = record_of(signed(event, new))
    topic, verifier = TOPIC_OF[type(event)], Verifier(bundle.keys)
    bundle.follow(lambda keys: verifier.follow(SIGNERS["triage"], "triage", keys))
    with pytest.raises(RefusedEventError, match="unknown_signer"):
        verifier.check(topic, record)
    put(file, 4, *KEYS, bundled("sanitiser", new))
    await bundle.look(knows)
    verifier.check(topic, record)
    put(file, 5, *(key for key in KEYS if "triage" not in key.role))
    assert await bundle.look(knows) == "signing_key_not_in_bundle"
    assert bundle.keys.version == 4
