"""The sanitiser's wiring."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from pipeline_shared.crypto.bundle import BundleInUse
from pipeline_shared.crypto.keys import KeyBundle, load_private_files
from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.web.site import Link, Site
from sanitiser_service import desk
from sanitiser_service.desk.gauges import measure
from sanitiser_service.desk.review.web import Review
from sanitiser_service.preview.previewer import Previewer, be_ready
from sanitiser_service.settings import Settings
from sanitiser_service.worker.handlers import subscriptions
from sanitiser_service.worker.matcher_process import MatcherProcess
from sanitiser_service.worker.usecases import Keys

DESK = Path(desk.__file__).parent  # its capabilities hold the templates
WITH_A_SPARE, AT_ONCE = 2, 2
REVIEW_LIMIT = timedelta(seconds=5)  # then nothing of the original is read: what a person writes is checked alone
PREVIEW_LIMIT = timedelta(seconds=1)  # the longest takes a tenth of it on a machine that is not busy


def load_keys(settings: Settings, bundle: KeyBundle) -> Keys:
    """Return the service's own keys, and whose it seals to; raise UntrustedBundleError when one of these is missing."""
    return Keys(load_private_files(*settings.private_keys), bundle.recipients("source_desk", "escrow"))


def create_app(settings: Settings) -> Starlette:
    """Return the sanitiser; raise UntrustedBundleError, so that nothing is sealed to a key nobody vouches for."""
    runtime = Runtime("sanitiser", settings)
    bundle = BundleInUse(settings.key_bundle, settings.trust_root)
    keys = load_keys(settings, bundle.keys)
    # each in children of its own, so that none waits for another's: previews, the desk, HIGH, everything else
    previews = Children(WITH_A_SPARE, first=be_ready, limit=PREVIEW_LIMIT)
    reviews = Children(AT_ONCE, first=be_ready, limit=REVIEW_LIMIT)
    urgent, assessor = MatcherProcess(), MatcherProcess()
    runtime.add_worker("preview_children", previews.run)
    runtime.add_worker("review_children", reviews.run)
    runtime.add_worker("previewer", Previewer(runtime.database, runtime.metrics, keys, previews).run)
    runtime.add_worker("urgent_assessor", urgent.run)
    runtime.add_worker("assessor", assessor.run)
    runtime.add_worker("key_bundle", partial(bundle.watch, runtime.pool))
    runtime.add_measurement(measure)
    table = subscriptions(keys, assess=assessor.assess, assess_high=urgent.assess, until_keys=bundle.until_confirmed)
    runtime.consumer.subscribe(table)
    links = [Link("Held submissions", "/held")]
    site = Site("Source desk", DESK, pool=runtime.pool, environment=settings.environment, links=links)
    review = Review(site, runtime.database, keys, reviews, runtime.metrics)
    return Starlette(
        routes=[*site.routes(), *review.routes()],
        middleware=site.middleware(),
        exception_handlers=site.exception_handlers(),
        lifespan=runtime.lifespan,
    )


if __name__ == "__main__":
    run("sanitiser", create_app, Settings)
