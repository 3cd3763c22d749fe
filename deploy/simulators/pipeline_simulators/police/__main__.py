"""`python -m pipeline_simulators.police`: runs the simulator as a process."""

import uvicorn

from pipeline_shared.runtime.log import configure_logging
from pipeline_simulators.police.app import create_app
from pipeline_simulators.police.settings import PoliceSettings

STOP_SECONDS = 5


def main() -> None:
    """Serve the simulator until SIGTERM."""
    settings = PoliceSettings()  # pyright: ignore[reportCallIssue] - from the environment
    configure_logging("police", "info")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


if __name__ == "__main__":
    main()
