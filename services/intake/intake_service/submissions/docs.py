"""The documentation pages /docs and /openapi.json, from our own files, so that they work without the internet."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from intake_service.submissions.answers import Refusal
from pipeline_shared.language.restricted import Submission

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
STATUS_PATH = "/v1/submissions/{receipt}"
REFERENCE = "#/components/schemas/{model}"


def add_to(app: FastAPI) -> None:
    """Add the documentation pages, and the form's schema to the OpenAPI document."""
    app.router.routes.extend([Route("/docs", _page), Mount("/docs/static", StaticFiles(directory=STATIC))])
    generate = app.openapi

    def with_form() -> dict[str, Any]:
        document = generate()
        schema = Submission.model_json_schema(ref_template=REFERENCE)
        document["components"]["schemas"] |= schema.pop("$defs") | {"Submission": schema}
        document["components"]["schemas"]["Refusal"] = Refusal.model_json_schema()
        for model in ("HTTPValidationError", "ValidationError"):  # FastAPI's own error format, which ours replaces
            document["components"]["schemas"].pop(model, None)
        document["paths"][STATUS_PATH]["get"]["responses"].pop("422", None)
        return document

    app.openapi = with_form


async def _page(_request: Request) -> Response:
    return FileResponse(STATIC / "docs.html", headers={"content-security-policy": POLICY})
