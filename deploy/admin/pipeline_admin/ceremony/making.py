"""Makes keys: the first ones of a holder, and the next one of a role. The public halves go into a request.

A provider wraps sealing keys only: a signing key is a file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipeline_admin.ceremony.domain import KeyRequest
from pipeline_admin.ceremony.key_folder import KeyFolder, rows_of
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_settings.key_table import OFFLINE, TRUST_ROOT, KeyKind, KeyRow
from pipeline_shared.crypto.keys import BundledKey, KeyPair, generate_pair
from pipeline_shared.crypto.providers import FileKeys, KeyProvider, KeyProviderError
from pipeline_shared.language.encoding import encode_base64

ProviderOf = Callable[[Sequence[Path]], KeyProvider]


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """Makes keys in a folder, with a provider that keeps them."""

    folder: KeyFolder
    provider_of: ProviderOf = FileKeys

    def first(self, holder: str) -> KeyRequest:
        """Make the first keys of a holder, and the trust root on the offline computer; raise CeremonyError."""
        rows = rows_of(holder)
        self._require_place(holder)
        if any(self.folder.kids(row) for row in rows) or self.folder.file(TRUST_ROOT).exists():
            raise CeremonyError("made_before", holder)
        if holder == OFFLINE:
            self._keep(TRUST_ROOT, Ed25519PrivateKey.generate().private_bytes_raw())
        return KeyRequest(keys=tuple(self.make(row, row.kid(1)) for row in rows))

    def next(self, row: KeyRow) -> KeyRequest:
        """Make the next key of a role beside the ones before; raise CeremonyError."""
        self._require_place(row.holder)
        before = self.folder.kids(row)
        if not before:
            raise CeremonyError("not_made_yet", row.role)
        return KeyRequest(keys=(self.make(row, row.kid((row.number(before[-1]) or 0) + 1)),))

    def _require_place(self, holder: str) -> None:
        self.folder.require_closed()
        if holder == OFFLINE:
            self.folder.require_offline()
        else:
            self.folder.require_no_offline_key()

    def make(self, row: KeyRow, kid: str) -> BundledKey:
        """Make one key and return its public half; raise CeremonyError."""
        pair = generate_pair() if row.kind is KeyKind.SEALING else _signing_pair()
        self._keep(kid, pair.private, self.provider_of if row.kind is KeyKind.SEALING else FileKeys)
        public_key = encode_base64(pair.public)
        return BundledKey(kid=kid, role=row.role, public_key=public_key, made_on=datetime.now(UTC).date())

    def _keep(self, kid: str, private: bytes, provider_of: ProviderOf = FileKeys) -> None:
        try:
            provider_of([self.folder.file(kid)]).keep(kid, private)
        except KeyProviderError as error:
            raise CeremonyError(error.code, kid) from None


def _signing_pair() -> KeyPair:
    private = Ed25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())
