"""Downloads behind a private certificate authority: trusted if the system or a setting knows it, else a clear error."""

import hashlib
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

JAR = b"not really a jar"
FETCH = """
import sys
from pathlib import Path
from pipeline_local import jars
from pipeline_local.downloads import DownloadError
jars.LIST = Path(sys.argv[1])
try:
    print(*jars.fetch_jars(Path(sys.argv[2]), lambda done, of: None))
except DownloadError as error:
    sys.exit(str(error))
"""
ABOUT_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
ABOUT_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
ON_CONTAINERS = "PIPELINE_TEST_STACK"  # containers fetch no jars


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror with a certificate by an unknown authority, and a machine that fetches from it."""

    url: str
    authority: Path
    home: Path

    def environment(self, **changes: str) -> dict[str, str]:
        taken = {*ABOUT_TRUST, *ABOUT_PROXIES, *(name.lower() for name in ABOUT_PROXIES), ON_CONTAINERS}
        inherited = {name: value for name, value in os.environ.items() if name not in taken}
        own = {"M2_REPO": str(self.home / "m2"), "MAVEN_MIRROR": self.url, "PIPELINE_HOME": str(self.home / "stack")}
        return {**inherited, **own, **changes}

    def fetch(self, **changes: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", FETCH, str(self.home / "jars.txt"), str(self.home / "checked.json")]
        return run(command, self.environment(**changes))


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """Return a self-signed certificate for 127.0.0.1, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, encoding = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate.public_bytes(encoding))
    (folder / "key.pem").write_bytes(key.private_bytes(encoding, pem, serialization.NoEncryption()))
    return folder / "ca.pem", folder / "key.pem"


@pytest.fixture
def mirror(tmp_path: Path) -> Generator[Mirror, None, None]:
    place = tmp_path / "served/org/example/thing/1.0"
    place.mkdir(parents=True)
    (place / "thing-1.0.jar").write_bytes(JAR)
    (tmp_path / "jars.txt").write_text(f"org.example:thing:1.0 {hashlib.sha256(JAR).hexdigest()}\n")
    authority, key = a_certificate(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "served")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Mirror(f"https://127.0.0.1:{server.server_address[1]}", authority, tmp_path)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("setting", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_that_is_named_is_trusted(mirror: Mirror, setting: str) -> None:
    done = mirror.fetch(**{setting: str(mirror.authority)})
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).read_bytes() == JAR


def one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert all(word in line for word in (*words, "Behind a proxy")), line


def test_an_authority_that_nobody_knows_is_said_in_one_line(mirror: Mirror) -> None:
    one_line(mirror.fetch(), "org.example:thing:1.0", mirror.url, "certificate")


def test_a_mirror_that_does_not_answer_or_has_nothing_or_something_else_is_said_in_one_line(mirror: Mirror) -> None:
    trusted = {"REQUESTS_CA_BUNDLE": str(mirror.authority)}
    one_line(mirror.fetch(**trusted, MAVEN_MIRROR="https://127.0.0.1:9"), "cannot be reached", "mirror")
    one_line(mirror.fetch(**trusted, HTTPS_PROXY="http://127.0.0.1:9"), "proxy")
    one_line(mirror.fetch(**trusted, MAVEN_MIRROR=f"{mirror.url}/nowhere"), "does not have it")
    (mirror.home / "jars.txt").write_text(f"org.example:thing:1.0 {'0' * 64}\n")
    one_line(mirror.fetch(**trusted), "it has another")


@pytest.mark.parametrize(
    "program",
    [("pipeline_local.main", "up", "--any-ports"), ("tests.benchmarks",), ("tests.abuse",), ("tests.chaos",)],
    ids=lambda program: program[0],
)
def test_every_program_says_it_in_one_line(mirror: Mirror, program: tuple[str, ...]) -> None:
    done = run([sys.executable, "-m", *program], mirror.environment())
    assert "Traceback" not in done.stdout + done.stderr
    one_line(done, mirror.url, "certificate")


def test_the_tests_end_with_that_line(mirror: Mirror) -> None:
    pytest_of_one = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/test_access.py"]
    done = run([*pytest_of_one, f"--basetemp={mirror.home / 'tests'}"], mirror.environment())
    assert done.returncode == 1
    assert "no tests ran" in done.stdout  # the first failure ends all downloads
    assert " ERROR " not in done.stdout
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if "cannot fetch" in line]
    assert all(word in line for word in (mirror.url, "certificate", "Behind a proxy"))
