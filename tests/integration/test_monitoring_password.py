"""Prometheus, as production runs it, refuses its figures without its password."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.preparing import prepare
from pipeline_local.home import REPOSITORY
from tests.support.production import give_everything
from tests.support.waiting import wait_for

PRODUCTION = REPOSITORY / "deploy/production"
pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus (Debian package prometheus) is not installed"
)


@pytest.fixture
def folder(tmp_path: Path) -> InstallationFolder:
    folder = give_everything(tmp_path)
    assert prepare(folder) == []
    return folder


@pytest.fixture
def settings(folder: InstallationFolder, tmp_path: Path, unused_tcp_port: int) -> Path:
    """Return the folder of settings of Prometheus, in which its keys are named where this test has them."""
    at, keys = tmp_path / "settings", folder.containers / "prometheus"
    at.mkdir()
    given = {path.name: path.read_text() for path in (PRODUCTION / "prometheus.yml", PRODUCTION / "health.yml")}
    for name, text in {**given, "web.yml": (keys / "web.yml").read_text()}.items():
        (at / name).write_text(text.replace("/run/keys", str(keys)).replace(":9090", f":{unused_tcp_port}"))
    shutil.copy(REPOSITORY / "deploy/observability/rules.yml", at)
    return at


@asynccontextmanager
async def running(settings: Path, port: int) -> AsyncGenerator[str, None]:
    """Run Prometheus, and return its address."""
    process = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={settings / 'prometheus.yml'}",
        f"--web.config.file={settings / 'web.yml'}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--storage.tsdb.path={settings / 'data'}",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def asked_with(settings: Path) -> tuple[str, str]:
    """Return the name and the password with which the health check of its container asks."""
    health = yaml.safe_load((settings / "health.yml").read_text())["basic_auth"]
    return health["username"], Path(health["password_file"]).read_text()


async def test_only_who_has_the_password_reads_the_figures(
    folder: InstallationFolder, settings: Path, unused_tcp_port: int
) -> None:
    known = asked_with(settings)
    of_alerts = (folder.containers / "prometheus" / "alertmanager_password").read_text()
    tls = ssl.create_default_context(cafile=folder.containers / "prometheus" / "ca.pem")
    async with running(settings, unused_tcp_port) as address, httpx.AsyncClient(base_url=address, verify=tls) as client:

        async def ask(auth: tuple[str, str] | None) -> httpx.Response:
            return await client.get("/api/v1/query", params={"query": 'up{job="prometheus"}'}, auth=auth)

        async def reads_itself() -> bool:
            try:
                found = (await ask(known)).raise_for_status().json()["data"]["result"]
            except httpx.TransportError:
                return False
            return [each["value"][1] for each in found] == ["1"]

        await wait_for(reads_itself, "Prometheus to read its own figures with the password", seconds=30)
        for auth in (None, ("operations", "wrong"), ("operations", of_alerts)):
            assert (await ask(auth)).status_code == 401


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian package prometheus) is not installed")
@pytest.mark.parametrize("check", [("config", "prometheus.yml"), ("web-config", "web.yml")], ids=lambda check: check[0])
def test_prometheus_accepts_its_settings(settings: Path, check: tuple[str, str]) -> None:
    kind, file = check
    done = subprocess.run(["promtool", "check", kind, str(settings / file)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_a_replaced_password_gets_a_new_hash_and_one_that_stays_keeps_its_own(folder: InstallationFolder) -> None:
    def served(name: str) -> bytes:
        return (folder.containers / name / "web.yml").read_bytes()

    before = {name: served(name) for name in ("prometheus", "alertmanager")}
    (folder.made / "monitoring-prometheus").unlink()
    assert prepare(folder) == []
    assert served("prometheus") != before["prometheus"]
    assert served("alertmanager") == before["alertmanager"]
    assert (folder.made / "monitoring-prometheus").read_bytes() == (
        folder.containers / "prometheus/password"
    ).read_bytes()
