"""Assembles the triage service."""

from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from pipeline_shared.access.permissions import Action
from pipeline_shared.runtime.metrics import Metrics
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.renderer import Link
from pipeline_shared.web.site import Site
from triage_service.cases.web import Cases
from triage_service.flags.web import Flags
from triage_service.gauges import measure
from triage_service.handlers import subscriptions
from triage_service.queue.web import Queue
from triage_service.rules.table_file import load_rules
from triage_service.settings import Settings

PACKAGE = Path(__file__).parent
LINKS = (Link("Queue", "/queue", Action.LIST_CASES), Link("Safety flags", "/flags", Action.LIST_FLAGS))


def create_app(settings: Settings) -> Starlette:
    """Return triage, ready to be served; raise RuleTableError."""
    runtime = Runtime("triage", settings)
    runtime.add_measurement(measure)
    runtime.consumer.subscribe(subscriptions(load_rules()))
    site = Site("Triage", PACKAGE, pool=runtime.pool, settings=settings, links=LINKS)
    runtime.add_workers(site.workers())
    runtime.add_reading(site.report)
    pages = pages_of(site, runtime.database, runtime.metrics, keep=settings.not_recorded_kept_for)
    return Starlette(
        routes=[*site.routes(), *pages],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
        lifespan=runtime.lifespan,
    )


def pages_of(site: Site, database: Database, metrics: Metrics, *, keep: timedelta) -> list[Route]:
    """Return the pages of every capability."""
    flags = Flags(site, database)
    return [
        *Queue(site, database, flags).routes(),
        *flags.routes(),
        *Cases(site, database, metrics, keep=keep).routes(),
    ]


if __name__ == "__main__":
    run("triage", create_app, Settings)
