"""The worker's keys. It opens submissions that intake has sealed, and cannot open its own sealed output."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError

from pipeline_shared.crypto.bundle import OWN_KEY_MISSING
from pipeline_shared.crypto.keys import KeyBundle, UntrustedBundleError
from pipeline_shared.crypto.opening import provider_of
from pipeline_shared.crypto.providers import lend_all
from pipeline_shared.crypto.sealing import Context, Recipient, SealError, open_sealed, seal
from pipeline_shared.language.encoding import encode_base64
from pipeline_shared.language.events import Received
from pipeline_shared.language.restricted import RECEIVED_PURPOSE, SealedContent
from pipeline_shared.runtime.errors import PermanentError
from sanitiser_service.open_submission import OpenSubmission, PrivateKeys, seal_held
from sanitiser_service.worker.settings import Settings

SOURCE_PURPOSE = "source.record"


@dataclass(slots=True)
class Keys:
    """The worker's private keys with their public halves, and the public keys it seals to."""

    own: PrivateKeys
    source_desk: Sequence[Recipient] = ()
    desk: Sequence[Recipient] = ()
    public: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def prepare(self, bundle: KeyBundle) -> Callable[[], None]:
        """Return what makes the keys of a bundle count.

        Raises UntrustedBundleError if it lacks one of them, or tells intake to seal to a key that this worker does not
        have: it would park every submission.
        """
        told = {key.kid: key.public_key for key in bundle.keys if key.role == "sanitiser"}
        if not told.items() <= {kid: encode_base64(public) for kid, public in self.public.items()}.items():
            raise UntrustedBundleError(OWN_KEY_MISSING)
        source_desk, desk = bundle.recipients("source_desk", "escrow"), bundle.recipients("desk")

        def take() -> None:
            self.source_desk, self.desk = source_desk, desk

        return take

    def open(self, submission_ref: UUID, sealed: bytes) -> SealedContent:
        """Open a submission; raise PermanentError if it cannot be opened or read."""
        try:
            content = open_sealed(sealed, Context(RECEIVED_PURPOSE, submission_ref), self.own)
            return SealedContent.model_validate_json(content)
        except SealError:
            raise PermanentError("cannot_be_opened") from None
        except ValidationError:
            raise PermanentError("unreadable_submission") from None

    async def open_patiently(self, event: Received) -> SealedContent:
        """Open a submission after giving other tasks a turn; raise PermanentError."""
        await asyncio.sleep(0)
        return self.open(event.submission_ref, event.sealed)

    async def try_to_open(self, event: Received) -> SealedContent | None:
        """Open a submission after giving other tasks a turn; return None if it cannot be opened."""
        await asyncio.sleep(0)
        try:
            return self.open(event.submission_ref, event.sealed)
        except Exception:  # noqa: BLE001 - the flag is sent anyway; `separate_sources` parks the submission
            return None

    def seal_source(self, submission: OpenSubmission) -> bytes:
        """Seal identity and original to the source desk and the escrow key."""
        context = Context(SOURCE_PURPOSE, submission.source_ref)
        return seal(submission.content.model_dump_json().encode(), context, self.source_desk)

    def seal_held(self, submission_ref: UUID, submission: OpenSubmission) -> bytes:
        """Seal a submission to the desk."""
        return seal_held(submission_ref, submission, self.desk)


def load_keys(settings: Settings, bundle: KeyBundle) -> Keys:
    """Return the worker's private keys and the public keys it seals to; raise as `Keys.prepare`; KeyProviderError."""
    own = lend_all(provider_of(settings))
    keys = Keys(own.private, public=own.public)
    keys.prepare(bundle)()
    return keys
