"""Chooses the provider of a process's private keys from its settings."""

from pipeline_shared.crypto.providers import FileKeys, KeyProvider
from pipeline_shared.crypto.transit import TransitKeys, TransitServer
from pipeline_shared.runtime.settings import OpeningSettings


def provider_of(settings: OpeningSettings) -> KeyProvider:
    """Return the transit engine if the settings name one, otherwise the files."""
    url, token_file = settings.transit_url, settings.transit_token_file
    if url is None or token_file is None:
        return FileKeys(settings.private_keys)
    server = TransitServer(url, token_file, settings.transit_mount, settings.transit_ca_file)
    return TransitKeys(settings.private_keys, server)
