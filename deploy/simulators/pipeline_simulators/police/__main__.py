"""`python -m pipeline_simulators.police`: runs the simulator as a process."""

from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.start_checks import read_settings
from pipeline_shared.runtime.tls import TlsFiles
from pipeline_simulators.police.app import create_app
from pipeline_simulators.police.settings import PoliceSettings
from pipeline_simulators.serving import serve

STOP_SECONDS = 5


def main() -> None:
    """Serve the simulator until SIGTERM."""
    settings = read_settings(PoliceSettings)
    configure_logging("police", "info")
    files = TlsFiles(settings.client_ca_file, settings.certificate_file, settings.certificate_key_file)
    serve(create_app(settings), (settings.host, settings.port), files, stop_seconds=STOP_SECONDS)


if __name__ == "__main__":
    main()
