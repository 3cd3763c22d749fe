"""The table of all keys of the pipeline: holder and use of each, and its days in the bundle after a replacement.

The local stack, the ceremony (`pipeline keys`) and their tests work from it: a new key is one more row.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipeline_settings.processes import SERVICE_PROCESSES

OFFLINE = "offline"  # the holder of keys that no computer of the running pipeline ever has
TRUST_ROOT = "trust-root"  # signs the bundle of public keys; it is in no bundle itself


class KeyKind(StrEnum):
    """The use of a key."""

    SEALING = "sealing"  # HPKE (ML-KEM-768 and X25519): its holder opens what others sealed to it
    SIGNING = "signing"  # Ed25519: others check what its holder signed


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: its role in the bundle, and the process that holds its private half.

    A replaced key stays in the bundle for `keep_days`, because readers still receive events that it signed.
    """

    role: str
    holder: str
    kind: KeyKind = KeyKind.SEALING
    keep_days: int = 0

    def kid(self, number: int) -> str:
        """Return the id of the key that is the `number`th of its role, counted from 1."""
        return f"{self.role.replace('_', '-').replace(':', '-')}-{number}"

    def number(self, kid: str) -> int | None:
        """Return the number of a key of this role, or None for another's."""
        digits = kid.removeprefix(self.kid(0)[:-1])
        return int(digits) if digits.isdecimal() and kid == self.kid(int(digits)) else None


ON_ITS_WAY_DAYS = 22  # a record waits in Kafka for up to 7 days, and an outbox may send it again for up to 14

KEYS = (
    KeyRow("sanitiser", "sanitiser"),  # the worker opens submissions
    KeyRow("desk", "desk"),  # the source desk opens held submissions
    KeyRow("source_desk", OFFLINE),  # no running process opens the record of a source
    KeyRow("escrow", OFFLINE),
    KeyRow("backup", OFFLINE),  # backups are sealed to it
    *(KeyRow(f"events:{each.name}", each.name, KeyKind.SIGNING, ON_ITS_WAY_DAYS) for each in SERVICE_PROCESSES),
)
HOLDERS = tuple(dict.fromkeys(row.holder for row in KEYS))
