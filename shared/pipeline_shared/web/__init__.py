"""The base of every page of the pipeline: GOV.UK look, sign-in, sessions, forms that only their own page can send.

A service with pages does four things:

    site = Site("Triage", Path(__file__).parent, pool=runtime.pool, settings=settings,
                links=[Link("Queue", "/queue", Action.LIST_CASES)])
    app = Starlette(routes=[*site.routes(), ...], middleware=site.middleware(),
                    exception_handlers=site.exception_handlers())
    Route("/queue", site.page(show_queue, Action.LIST_CASES))                                     # GET
    Route("/cases/{case_id:uuid}/decision", site.action(decide, Action.DECIDE_CASE, page="/cases/{case_id}"),
          methods=["POST"])

and writes `async def show_queue(visit: Visit) -> Response`, using `visit.person` (id, name, roles), `visit.form` (the
checked form of an action, or a kept form that the page shows again; values trimmed), `visit.request`,
`visit.render("queue/queue.html", **values)` and, after an action, `see_other("/queue")`. Raise starlette's
HTTPException(404) for what must not be there.

`queue/queue.html` is the file `queue/templates/queue.html` of the service. A template has
`{% extends "layout.html" %}`, `{% set title = "…" %}` and `{% block content %}`. Every form posts to an action and
starts with `{{ csrf_field() }}`; text that a person wrote is shown as `{{ text | bdi }}` (inside
`class="pipeline-text"` line breaks are kept); dates as `{{ d | day }}`, times as `{{ t | moment }}`. GOV.UK macros
import from
`govuk_frontend_jinja/components/<name>/macro.html`. A table gets `class="govuk-table pipeline-stack"` and each cell
`data-label="its column"`, so that it can be read on a narrow screen. When a form cannot be taken, give `visit.render`
its `errors` (each a `FormError`): the answer is 422, `layout.html` shows the error summary and marks the title, and the
template finds each text in `error_of` by its field.

The permissions are in `pipeline_shared/access/permissions.py`; a template asks `may("DECIDE_CASE", case.state)`.
People sign in at the identity provider of the settings (`identity/`); there is no other way in.
"""
