"""`python -m pipeline_simulators.police`: runs the simulator as a process."""

import uvicorn

from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.start_checks import read_settings
from pipeline_shared.runtime.tls import TlsFiles, server_tls
from pipeline_simulators.police.app import create_app
from pipeline_simulators.police.settings import PoliceSettings

STOP_SECONDS = 5


def main() -> None:
    """Serve the simulator until SIGTERM."""
    settings = read_settings(PoliceSettings)
    configure_logging("police", "info")
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    if settings.certificate_file:
        files = TlsFiles(settings.client_ca_file, settings.certificate_file, settings.certificate_key_file)
        config.ssl = server_tls(files)
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
