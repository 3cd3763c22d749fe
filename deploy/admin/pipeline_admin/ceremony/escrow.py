"""Opens the record of one source with the offline escrow key, where the law requires it.

The sealed record is taken from the restricted store on a host, in a file, and opened on the offline computer.
"""

from uuid import UUID

from pydantic import ValidationError

from pipeline_admin.ceremony.key_folder import KeyFolder, row_of
from pipeline_admin.ceremony.refusal import CeremonyError
from pipeline_shared.crypto.keys import load_private
from pipeline_shared.crypto.sealing import Context, SealError, open_sealed, recipients_of
from pipeline_shared.language.encoding import decode_base64, encode_base64
from pipeline_shared.language.restricted import SealedContent
from pipeline_shared.language.texts import Model
from sanitiser_service.worker.keys import SOURCE_PURPOSE


class SealedSource(Model):
    """The file that is carried: one sealed record and its reference."""

    source_ref: UUID
    sealed: str

    @classmethod
    def of(cls, source_ref: UUID, sealed: bytes) -> "SealedSource":
        """Return the file's content."""
        return cls(source_ref=source_ref, sealed=encode_base64(sealed))


def read_sealed_source(content: bytes) -> SealedSource:
    """Return a carried record; raise CeremonyError."""
    try:
        return SealedSource.model_validate_json(content)
    except ValidationError:
        raise CeremonyError("request_unreadable") from None


def open_source(carried: SealedSource, folder: KeyFolder) -> SealedContent:
    """Return the record in clear, opened with the escrow key in a folder; raise CeremonyError."""
    try:
        sealed = decode_base64(carried.sealed)
        kids = [kid for kid in recipients_of(sealed) if row_of("escrow").number(kid)]
        keys = {kid: load_private(folder.lend(kid)) for kid in kids}
        opened = open_sealed(sealed, Context(SOURCE_PURPOSE, carried.source_ref), keys)
        return SealedContent.model_validate_json(opened)
    except (SealError, ValueError):
        raise CeremonyError("escrow_cannot_open", str(carried.source_ref)) from None
