"""`python -m pipeline_simulators.provider`: runs the provider as a process."""

from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.start_checks import read_settings
from pipeline_shared.runtime.tls import TlsFiles
from pipeline_simulators.provider.app import create_app
from pipeline_simulators.provider.settings import ProviderSettings
from pipeline_simulators.serving import serve

STOP_SECONDS = 2


def main() -> None:
    """Serve the provider until SIGTERM."""
    settings = read_settings(ProviderSettings)
    configure_logging("provider", "info")
    files = TlsFiles(certificate=settings.certificate_file, key=settings.certificate_key_file)
    serve(create_app(settings), (settings.host, settings.port), files, stop_seconds=STOP_SECONDS)


if __name__ == "__main__":
    main()
