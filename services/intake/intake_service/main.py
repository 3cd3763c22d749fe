"""Assembles the intake service."""

from functools import partial

from fastapi import FastAPI

from intake_service.agencies.api_key_auth import ApiKeyAuth
from intake_service.agencies.limiter import Limiter
from intake_service.handlers import subscriptions
from intake_service.screening.encoder_head import GRAPH
from intake_service.screening.screen_process import Screeners
from intake_service.settings import Settings
from intake_service.submissions import docs, web
from intake_service.submissions.group_commit import GroupCommit
from intake_service.submissions.sealing_keys import SealingKeys
from intake_service.submissions.status_tokens import StatusTokens
from pipeline_shared.runtime.http import BodyLimit
from pipeline_shared.runtime.server import run
from pipeline_shared.runtime.service import Runtime
from pipeline_shared.runtime.start_checks import require_encoder

LARGEST_BODY = 128 * 1024


def create_app(settings: Settings) -> FastAPI:
    """Return intake, ready to be served. Raises SystemExit without the right encoder."""
    require_encoder(GRAPH)
    runtime = Runtime("intake", settings, needs_kafka=False)
    keys = SealingKeys(settings, runtime.bundle)
    group_commit = GroupCommit(runtime.database)
    runtime.add_worker("store_submissions", group_commit.run)
    runtime.consumer.subscribe(subscriptions(StatusTokens(keys.sealing.hmac_key)))
    api_key_auth = ApiKeyAuth(runtime.pool, keys.sealing.hmac_key, settings.limit)
    runtime.add_worker("list_keys", api_key_auth.keep_listing)
    screeners = Screeners()
    for name, only_short in (("screen_short", True), ("screen", False)):
        runtime.add_worker(name, partial(screeners.work, only_short=only_short))
    runtime.health.add("screen", screeners.check, essential=True)
    app = FastAPI(
        title="Partnership Intelligence Portal: intake",
        version="1.0.0",
        lifespan=runtime.lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect repeats the query and trusts the Host header
    )
    app.state.runtime = runtime
    app.state.intake = web.Intake(runtime, keys, api_key_auth, Limiter(runtime.pool), screeners, group_commit)
    web.add_to(app)
    docs.add_to(app)
    app.add_middleware(BodyLimit, most=LARGEST_BODY)
    return app


if __name__ == "__main__":
    run("intake", create_app, Settings)
