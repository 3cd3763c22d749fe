"""Connects the parts of the worker."""

from datetime import timedelta

from pipeline_shared.runtime.children import Children
from pipeline_shared.runtime.server import run_worker
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.runtime.start_checks import require_encoder
from sanitiser_service.matcher.disclosure.telling import GRAPH
from sanitiser_service.preview.previewer import Previewer, be_ready
from sanitiser_service.worker.handlers import subscriptions
from sanitiser_service.worker.keys import load_keys
from sanitiser_service.worker.matcher_process import MatcherProcess
from sanitiser_service.worker.settings import Settings

WITH_A_SPARE = 2
PREVIEW_LIMIT = timedelta(seconds=1)  # the longest preview takes a tenth of it on an idle machine


def create_worker(settings: Settings) -> Runtime:
    """Return the worker.

    Raise SystemExit without the right encoder, and UntrustedBundleError: no submission is sealed to an untrusted key.
    """
    require_encoder(GRAPH)
    runtime = Runtime("sanitiser", settings)
    keys = load_keys(settings, runtime.bundle.keys)
    runtime.bundle.follow(keys.prepare)
    # Previews, HIGH and other submissions have separate children, so none delays another.
    previews = Children(WITH_A_SPARE, first=be_ready, limit=PREVIEW_LIMIT)
    matcher, matcher_high = MatcherProcess(), MatcherProcess()
    runtime.add_worker("preview_children", previews.run)
    runtime.health.add("preview_children", previews.check, essential=False)  # else officers see only choices
    previewer = Previewer(runtime.database, runtime.metrics, open_received=keys.open, children=previews)
    runtime.add_worker("previewer", previewer.run)
    runtime.add_worker("matcher_high", matcher_high.run)
    runtime.add_worker("matcher", matcher.run)
    table = subscriptions(
        keys,
        runtime.database.derive_id,
        match_all=matcher.match_all,
        match_all_high=matcher_high.match_all,
        until_keys=runtime.bundle.until_confirmed,
    )
    runtime.consumer.subscribe(table)
    return runtime


if __name__ == "__main__":
    run_worker("sanitiser", create_worker, Settings)
