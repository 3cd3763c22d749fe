"""The public keys that intake seals to, and the key of its HMACs."""

from collections.abc import Callable
from dataclasses import replace

from intake_service.settings import Settings
from intake_service.submissions.usecases import Sealing
from pipeline_shared.crypto.bundle import BundleInUse
from pipeline_shared.crypto.keys import KeyBundle
from pipeline_shared.language.encoding import decode_base64


class SealingKeys:
    """The sanitiser's public keys, which follow the bundle that confirms them."""

    def __init__(self, settings: Settings, bundle: BundleInUse) -> None:
        """Find the keys to seal to; raise UntrustedBundleError if the bundle has none."""
        self.bundle = bundle
        hmac_key = decode_base64(settings.hmac_key.get_secret_value())
        self.sealing = Sealing(self.bundle.keys.recipients("sanitiser"), hmac_key)
        self.bundle.follow(self._prepare)

    def _prepare(self, bundle: KeyBundle) -> Callable[[], None]:
        new = replace(self.sealing, recipients=bundle.recipients("sanitiser"))

        def take() -> None:
            self.sealing = new

        return take
