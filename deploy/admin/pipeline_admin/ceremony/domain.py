"""The rules of the bundle: which keys the next one holds, and which next one is refused. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_settings.key_table import KEYS, KeyKind, KeyRow
from pipeline_shared.crypto.keys import BundledKey, KeyBundle, load_public
from pipeline_shared.language.encoding import decode_base64
from pipeline_shared.language.texts import Model

LONGEST_DAYS = 3 * 366
RENEW_WITHIN = timedelta(days=30)  # a bundle without a new key is signed only when the last one ends so soon
FINGERPRINT_BYTES = 16


class KeyRequest(Model):
    """The public halves of new keys, carried from the computer that made them to the one that signs."""

    keys: tuple[BundledKey, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """When the bundle is signed, for how many days it is valid, and which keys count no more at once."""

    on: date
    days: int
    compromised: Collection[str] = ()


def fingerprint(public_key: str) -> str:
    """Return what two people compare over a telephone: eight groups of four characters."""
    digest = hashlib.sha256(decode_base64(public_key)).hexdigest()[: 2 * FINGERPRINT_BYTES]
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def next_bundle(
    previous: KeyBundle | None, requests: Sequence[KeyRequest], terms: Terms, rows: Sequence[KeyRow] = KEYS
) -> KeyBundle:
    """Return the bundle that follows; raise CeremonyError."""
    if not 1 <= terms.days <= LONGEST_DAYS:
        raise CeremonyError("lasts_too_long")
    known = previous.keys if previous else ()
    new = list(_new_keys(known, requests, rows))
    if previous and not new and not terms.compromised and previous.valid_until > _start(terms.on) + RENEW_WITHIN:
        raise CeremonyError("nothing_new")
    every = [*known, *new]
    keys = tuple(key for row in rows for key in _in_force(row, _of(row, every), terms))
    version = previous.version + 1 if previous else 1
    return KeyBundle(version=version, valid_until=_start(terms.on) + timedelta(days=terms.days), keys=keys)


def _new_keys(
    known: Sequence[BundledKey], requests: Iterable[KeyRequest], rows: Sequence[KeyRow]
) -> Iterator[BundledKey]:
    for key in (key for request in requests for key in request.keys):
        row = _row_of(key, rows)
        same = [old for old in known if old.kid == key.kid]
        if same and same[0].public_key != key.public_key:
            raise CeremonyError("key_in_bundle_differs", key.kid)
        if not same:
            numbers = [row.number(old.kid) or 0 for old in known if old.role == row.role]
            if (row.number(key.kid) or 0) <= max(numbers, default=0):
                raise CeremonyError("out_of_order", key.kid)
            yield key


def _row_of(key: BundledKey, rows: Sequence[KeyRow]) -> KeyRow:
    """Return the row of a whole key; raise CeremonyError."""
    row = next((row for row in rows if row.role == key.role and row.number(key.kid)), None)
    if row is None or key.made_on is None:
        raise CeremonyError("request_unreadable", key.kid)
    try:
        raw = decode_base64(key.public_key)
        _ = load_public(raw) if row.kind is KeyKind.SEALING else Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        raise CeremonyError("request_unreadable", key.kid) from None
    return row


def _of(row: KeyRow, keys: Iterable[BundledKey]) -> list[BundledKey]:
    """Return the keys of a role, the newest first."""
    return sorted((key for key in keys if key.role == row.role), key=lambda key: row.number(key.kid) or 0, reverse=True)


def _in_force(row: KeyRow, keys: Sequence[BundledKey], terms: Terms) -> list[BundledKey]:
    """Return the newest key of a role, and replaced ones for as long as what they signed is on its way."""
    usable = [key for key in keys if key.kid not in terms.compromised]
    if not usable:
        raise CeremonyError("role_without_key", row.role)
    replaced_on = usable[0].made_on or terms.on
    keeps = terms.on < replaced_on + timedelta(days=row.keep_days)
    return usable if keeps else usable[:1]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
