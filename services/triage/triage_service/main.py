"""Triage, put together: the only place where its parts meet."""

from pathlib import Path

from starlette.applications import Starlette

from pipeline_shared.runtime.log import configure_logging
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.web.site import Link, Site
from triage_service.cases import web
from triage_service.gauges import measure
from triage_service.handlers import subscriptions
from triage_service.rules.domain import load_rules
from triage_service.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"


def create_app(settings: Settings) -> Starlette:
    """Return the application; raise RuleTableError or SignInRefusedError rather than start on a wrong footing."""
    runtime = Runtime("triage", settings)
    runtime.add_measurement(measure)
    runtime.consumer.subscribe(subscriptions(load_rules()))
    links = [Link("Queue", "/queue"), Link("Safety flags", "/flags")]
    site = Site("Triage", TEMPLATES, pool=runtime.pool, environment=settings.environment, links=links)
    pages = web.routes(site, runtime.database, metrics=runtime.metrics, keep=settings.not_recorded_kept_for)
    return Starlette(
        routes=[*site.routes(), *pages],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
        lifespan=runtime.lifespan,
    )


def main() -> None:
    """Run the service until it is told to stop."""
    settings = Settings()  # pyright: ignore[reportCallIssue] - read from the environment
    configure_logging("triage", settings.log_level)
    run(create_app, settings)


if __name__ == "__main__":
    main()
