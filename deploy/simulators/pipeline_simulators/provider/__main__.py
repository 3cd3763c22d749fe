"""`python -m pipeline_simulators.provider`: runs the provider as a process."""

import uvicorn

from pipeline_shared.runtime.log import configure_logging
from pipeline_simulators.provider.app import create_app
from pipeline_simulators.provider.settings import ProviderSettings


def main() -> None:
    """Serve the provider until SIGTERM."""
    settings = ProviderSettings()  # pyright: ignore[reportCallIssue] - from the environment
    configure_logging("provider", "info")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
