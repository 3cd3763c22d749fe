"""Serves a simulator, over TLS when it has a certificate."""

import uvicorn
from starlette.types import ASGIApp

from pipeline_shared.runtime.tls import TlsFiles, server_tls


def serve(app: ASGIApp, where: tuple[str, int], files: TlsFiles, *, stop_seconds: int) -> None:
    """Serve an application until SIGTERM. Raises OSError."""
    host, port = where
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=stop_seconds,
    )
    config.load()
    if files.certificate:
        config.ssl = server_tls(files)
    uvicorn.Server(config).run()
