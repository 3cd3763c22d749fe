"""Each package and image of production can be named exactly, and a list of the packages is made from the pins."""

import json
import re
import subprocess
from pathlib import Path

from pipeline_local.home import REPOSITORY
from tests.unit.deploy.test_compose_file import CONTAINERS

RUNTIME = (REPOSITORY / "deploy" / "requirements" / "runtime.txt").read_text(encoding="ascii")
OURS = "pipeline-"
CHOSEN = re.compile(r"\$\{[A-Z]+_IMAGE:-[\w./]+:[\w.-]+\}")


def made(file: Path) -> bytes:
    subprocess.run(["make", "--silent", "sbom", f"SBOM={file}"], cwd=REPOSITORY, check=True, timeout=60)
    return file.read_bytes()


def test_the_list_of_packages_names_each_pin_with_its_hashes_and_is_always_the_same(tmp_path: Path) -> None:
    content = made(tmp_path / "one.json")
    assert made(tmp_path / "two.json") == content
    components = json.loads(content)["components"]
    listed = {f"{each['name']}=={each['version']}" for each in components}
    assert listed == set(re.findall(r"^[\w.-]+==[\w.]+", RUNTIME, re.MULTILINE))
    assert all(each["externalReferences"][0]["hashes"] for each in components)


def test_an_operator_can_name_each_image_of_others_by_its_digest() -> None:
    images = {container["image"] for container in CONTAINERS.values() if not container["image"].startswith(OURS)}
    assert len(images) == 4
    assert [image for image in images if not CHOSEN.fullmatch(image)] == []
    builds = [container["build"] for container in CONTAINERS.values() if "build" in container]
    assert builds
    wanted = {"provider": "KEYCLOAK_IMAGE"}
    assert all(wanted.get(build["target"], "PYTHON_IMAGE") in build["args"] for build in builds)
