"""Connects the parts of the desk."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from pipeline_shared.access.permissions import Action
from pipeline_shared.crypto.bundle import BundleInUse
from pipeline_shared.crypto.opening import provider_of
from pipeline_shared.crypto.providers import lend_all
from pipeline_shared.messaging.signatures import Signer, Verifier
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.process import Process
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.start_checks import require_encoder
from pipeline_shared.runtime.work import Database
from pipeline_shared.web.renderer import Link
from pipeline_shared.web.site import Site
from sanitiser_service.desk.gauges import measure
from sanitiser_service.desk.review.review_job import be_ready
from sanitiser_service.desk.review.web import Review
from sanitiser_service.desk.settings import Settings
from sanitiser_service.matcher.disclosure.telling import GRAPH

PACKAGE = Path(__file__).parent  # the folders of its capabilities contain the templates
LINKS = (Link("Held submissions", "/held", Action.LIST_HELD),)
AT_ONCE = 2
REVIEW_LIMIT = timedelta(seconds=5)  # after this, only the reviewer's own text is checked


def create_app(settings: Settings) -> Starlette:
    """Return the source desk's application.

    Raises SystemExit without the right encoder, KeyProviderError, and UntrustedBundleError when readers would refuse
    what the desk signs.
    """
    require_encoder(GRAPH)
    process = Process("desk", settings)
    signer = follow_bundle(process, settings)
    children = Children(AT_ONCE, first=be_ready, limit=REVIEW_LIMIT)
    process.add_worker("review_children", children.run)
    process.health.add("review_children", children.check, essential=False)  # else texts are closed
    process.add_measurement(measure)
    site = Site("Source desk", PACKAGE, pool=process.pool, settings=settings, links=LINKS)
    process.add_workers(site.workers())
    process.add_reading(site.report)
    keys = lend_all(provider_of(settings)).private
    database = Database(process.pool, signer=signer)
    review = Review(site, database, keys, children, process.metrics)
    return Starlette(
        routes=[*site.routes(), *review.routes()],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
        lifespan=process.lifespan,
    )


def follow_bundle(process: Process, settings: Settings) -> Signer:
    """Return the desk's signing key, which must stand in the bundle; raise UntrustedBundleError.

    The desk reads no events, so the end of a bundle does not end it.
    """
    bundle, signer = BundleInUse(settings.key_bundle, settings.trust_root), Signer.load(settings.signing_key)
    verifier = Verifier(bundle.keys)
    verifier.require(signer, process.name)
    bundle.follow(partial(verifier.follow, signer, process.name))
    process.add_worker("key_bundle", partial(bundle.watch_file, process.pool))
    process.add_reading(bundle.report)
    return signer


if __name__ == "__main__":
    run("desk", create_app, Settings)
