"""Chooses the provider of a process's private keys from its settings."""

from pipeline_shared.crypto.providers import FileKeys, KeyProvider, KeyProviderError
from pipeline_shared.crypto.transit import TransitKeys, TransitServer
from pipeline_shared.runtime.settings import OpeningSettings

OFFLINE_FILES = ("trust-root.key", "source-desk-*.key", "escrow-*.key", "backup-*.key")


def provider_of(settings: OpeningSettings) -> KeyProvider:
    """Return the transit engine if the settings name one, otherwise the files; raise KeyProviderError.

    In production, no key that belongs on the offline computer may be beside the process's own.
    """
    folders = {file.parent for file in settings.private_keys}
    if settings.environment == "production" and any(any(f.glob(name)) for f in folders for name in OFFLINE_FILES):
        raise KeyProviderError("offline_key_here")
    url, token_file = settings.transit_url, settings.transit_token_file
    if url is None or token_file is None:
        return FileKeys(settings.private_keys)
    server = TransitServer(url, token_file, settings.transit_mount, settings.transit_ca_file)
    return TransitKeys(settings.private_keys, server)
