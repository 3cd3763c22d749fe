"""The folder of an installation in production, with everything that an operator gives, and changes to it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline_admin.production.authority import Authority
from pipeline_admin.production.folder import GIVEN_SECRETS, InstallationFolder
from pipeline_local.home import Home
from pipeline_local.keys import load_keys, load_trust_root
from pipeline_settings.key_table import KEYS, OFFLINE
from pipeline_shared.crypto.keys import BundledKey, read_bundle, sign_bundle

NAMES = {
    "INTAKE_NAME": "submit.force.example",
    "TRIAGE_NAME": "triage.force.example",
    "DESK_NAME": "desk.force.example",
}
RECEIVER = (
    "route: {receiver: us}\nreceivers:\n  - {name: us, webhook_configs: [{url: 'https://pager.force.example/'}]}\n"
)
FORCE = Authority.create("Force")

Change = Callable[[InstallationFolder], object]


def write(path: str, text: str | bytes) -> Change:
    """Return a change that writes a file."""
    data = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder.root / path).write_bytes(data)


def sign_again(folder: InstallationFolder, change: Callable[[BundledKey], BundledKey | None]) -> None:
    """Replace the bundle by one in which keys are changed, or taken out (None)."""
    file = folder.given / "bundle.json"
    bundle = read_bundle(file.read_bytes(), folder.secret("trust_root"), datetime.now(UTC))
    keys = tuple(key for key in map(change, bundle.keys) if key)
    root = load_trust_root(Home(folder.root.parent / "ceremony"))
    file.write_bytes(sign_bundle(bundle.model_copy(update={"keys": keys, "version": bundle.version + 1}), root))


def renamed(old: str, new: str) -> Callable[[BundledKey], BundledKey]:
    """Return a change of a key's id."""
    return lambda key: key.model_copy(update={"kid": new}) if key.kid == old else key


def give_everything(root: Path) -> InstallationFolder:
    """Return a folder in which the operator has put everything; nothing is prepared yet."""
    folder = InstallationFolder(root / "etc", makes=True)
    folder.create()
    home = Home(root / "ceremony")
    home.create()
    keys = load_keys(home)
    for file in GIVEN_SECRETS.values():
        (folder.given / file).write_text(f"secret-{file}")
    (folder.given / "trust_root").write_text(keys.trust_root)
    (folder.given / "bundle.json").write_bytes((home.keys / "bundle.json").read_bytes())
    (folder.given / "certificate.pem").write_bytes(FORCE.issue(list(NAMES.values())))
    for name in ("provider-ca.pem", "police-ca.pem"):
        (folder.given / name).write_bytes(FORCE.trusted)
    (folder.given / "alertmanager.yml").write_text(RECEIVER)
    for row in KEYS:
        if row.holder != OFFLINE:
            file = f"{row.kid(1)}.key"
            (folder.keys / file).write_bytes((home.keys / file).read_bytes())
    return folder
