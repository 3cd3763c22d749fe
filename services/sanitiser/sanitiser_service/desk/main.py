"""Connects the parts of the desk."""

from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette

from pipeline_shared.access.permissions import Action
from pipeline_shared.crypto.opening import provider_of
from pipeline_shared.crypto.providers import lend_all
from pipeline_shared.messaging.signatures import Signer
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.process import Process
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.renderer import Link
from pipeline_shared.web.site import Site
from sanitiser_service.desk.gauges import measure
from sanitiser_service.desk.review.review_job import be_ready
from sanitiser_service.desk.review.web import Review
from sanitiser_service.desk.settings import Settings

PACKAGE = Path(__file__).parent  # the folders of its capabilities contain the templates
LINKS = (Link("Held submissions", "/held", Action.LIST_HELD),)
AT_ONCE = 2
REVIEW_LIMIT = timedelta(seconds=5)  # after this, only the reviewer's own text is checked


def create_app(settings: Settings) -> Starlette:
    """Return the source desk's application; raise KeyProviderError."""
    process = Process("desk", settings)
    children = Children(AT_ONCE, first=be_ready, limit=REVIEW_LIMIT)
    process.add_worker("review_children", children.run)
    process.health.add("review_children", children.check, essential=False)  # else texts are closed
    process.add_measurement(measure)
    site = Site("Source desk", PACKAGE, pool=process.pool, settings=settings, links=LINKS)
    process.add_workers(site.workers())
    keys = lend_all(provider_of(settings)).private
    database = Database(process.pool, signer=Signer.load(settings.signing_key))
    review = Review(site, database, keys, children, process.metrics)
    return Starlette(
        routes=[*site.routes(), *review.routes()],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
        lifespan=process.lifespan,
    )


if __name__ == "__main__":
    run("desk", create_app, Settings)
