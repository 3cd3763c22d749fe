"""The base of every page of the pipeline: GOV.UK look, sign-in, sessions, forms that only their own page can send.

A service with pages does four things:

    site = Site("Triage", HERE / "templates", pool=runtime.pool, environment=settings.environment,
                links=[Link("Queue", "/queue")])
    app = Starlette(routes=[*site.routes(), ...], middleware=site.middleware(),
                    exception_handlers=site.exception_handlers())
    Route("/queue", site.page(show_queue, ROLES))                                     # GET
    Route("/cases/{case_id:uuid}/decision", site.action(decide, ROLES), methods=["POST"])

and writes `async def show_queue(visit: Visit) -> Response`, using `visit.person` (id, name, roles), `visit.form` (the
checked form of an action, values trimmed), `visit.request`, `visit.render("queue.html", status_code=200, **values)`
and, after an action, `see_other("/queue")`. Raise starlette's HTTPException(404) for what must not be there.

Its templates: `{% extends "layout.html" %}`, `{% set title = "…" %}` and `{% block content %}`. Every form posts to
an action and starts with `{{ csrf_field() }}`; text that a person wrote is shown as `{{ text | bdi }}` (inside
`class="pipeline-text"` line breaks are kept); dates as `{{ d | day }}`, times as `{{ t | moment }}`. GOV.UK macros
import from `govuk_frontend_jinja/components/<name>/macro.html`. A table gets `class="govuk-table pipeline-stack"` and
each cell `data-label="its column"`, so that it can be read on a narrow screen. When `errors` (a list of
`{"text", "href"}`) is given, `layout.html` shows the error summary and marks the title.

Sign-in offers DEMONSTRATION_PEOPLE and is refused when the application is built unless the environment is local.
"""
