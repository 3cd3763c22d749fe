"""The public keys that intake seals to, and the key of its HMACs."""

import base64

from intake_service.settings import Settings
from intake_service.submissions.usecases import Sealing
from pipeline_shared.crypto.bundle import BundleInUse


class SealingKeys:
    """The sanitiser's public keys, and the bundle that confirms them."""

    def __init__(self, settings: Settings, bundle: BundleInUse) -> None:
        """Find the keys to seal to; raise UntrustedBundleError if the bundle has none."""
        self.bundle = bundle
        hmac_key = base64.b64decode(settings.hmac_key.get_secret_value())
        self.sealing = Sealing(self.bundle.keys.recipients("sanitiser"), hmac_key)
