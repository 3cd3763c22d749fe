"""docs/portal-frontends.md holds: its back ends run as printed, and no browser gets a permission."""

import asyncio
import re
import shutil
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from pipeline_local.certificates import authorities_file
from pipeline_local.stack import LocalStack
from tests.support.building import a_form
from tests.support.intake import Frontend, add_agency
from tests.support.stack import TRUST
from tests.support.waiting import wait_for
from tests.support.web import web_session

PAGE = Path(__file__).parents[2] / "docs" / "portal-frontends.md"
SNIPPETS = {
    found[1]: found[2] for found in re.finditer(r"```(python|javascript)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
}
COMMANDS = {"python": [sys.executable, "-c"], "javascript": ["node", "-e"]}


@asynccontextmanager
async def back_end(pipeline: LocalStack, language: str, api_key: str) -> AsyncGenerator[str, None]:
    """Run a back end exactly as printed on the page; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {"PORT": str(port), "INTAKE": pipeline.address("intake"), "PORTAL_KEY": api_key}
    environment |= dict.fromkeys((TRUST, "NODE_EXTRA_CA_CERTS"), str(authorities_file(pipeline.home)))
    process = await asyncio.create_subprocess_exec(*COMMANDS[language], SNIPPETS[language], env=environment)

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await wait_for(listens, f"the back end in {language}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("language", sorted(COMMANDS))
async def test_a_back_end_of_the_page_submits_a_form_once_and_passes_refusals_on(
    pipeline: LocalStack, language: str
) -> None:
    if language == "javascript" and not shutil.which("node"):
        pytest.skip("Node is not installed here")
    api_key = await add_agency(pipeline, f"Portal {uuid4()}")
    async with back_end(pipeline, language, api_key) as address, web_session(address) as browser:
        path, receipts = f"/forms/{uuid4()}", set[str]()
        for _ in range(2):
            async with browser.post(path, json=a_form()) as answer:
                assert answer.status == 202
                assert api_key not in f"{answer.headers} {await answer.text()}"
                receipts.add((await answer.json())["receipt"])
        assert len(receipts) == 1
        async with browser.post(f"/forms/{uuid4()}", json=a_form(narrative="")) as answer:
            assert (answer.status, answer.content_type) == (422, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/submissions", "OPTIONS, POST"), ("/v1/submissions/PIP-0", "GET, OPTIONS")]
)
@pytest.mark.parametrize("has_key", [True, False])
async def test_a_preflight_learns_the_methods_and_gets_no_permission(
    pipeline: LocalStack, frontend: Frontend, path: str, allowed: str, *, has_key: bool
) -> None:
    headers = {
        "origin": "https://portal.example",
        "access-control-request-method": allowed.rsplit(", ", maxsplit=1)[-1],
        "access-control-request-headers": "authorization, idempotency-key",
    }
    async with web_session(pipeline.address("intake")) as anybody:
        session = frontend.session if has_key else anybody
        async with session.options(path, headers=headers) as answer:
            assert (answer.status, answer.headers["allow"]) == (204, allowed)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
            assert not await answer.read()


async def test_the_documentation_leads_to_the_page(pipeline: LocalStack) -> None:
    async with web_session(pipeline.address("intake")) as browser:
        async with browser.get("/docs") as docs:
            assert 'href="/docs/static/portal-frontends.md"' in await docs.text()
        async with browser.get("/docs/static/portal-frontends.md") as page:
            assert await page.text() == PAGE.read_text("utf-8")
