"""deploy/compose.production.yml, checked without Docker: no secret, no simulator, and limits for every container."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline_admin.production.folder import InstallationFolder
from pipeline_admin.production.layout import OWNER_OF, files_of
from pipeline_admin.production.monitoring import USER
from pipeline_admin.production.place import BROKERS, COPIES, FRONTS, NETWORK_OF
from pipeline_local.home import REPOSITORY
from pipeline_settings.processes import PROCESS_OF, SERVICE_PROCESSES
from tests.unit.deploy.test_pinned import CHOSEN
from tests.unit.deploy.test_same_settings import deployed

FILE = REPOSITORY / "deploy" / "compose.production.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
ON_REQUEST = {"prepare", "provision", "tools", "agencies", "auditor", "backups"}
LASTING = sorted(CONTAINERS.keys() - ON_REQUEST)
OF_OPERATORS = {"tools", "backups", "provision"}
OURS = [f"{process.name}-{copy}" for process in SERVICE_PROCESSES for copy in COPIES]
SECRET_FOLDER = "${PIPELINE_FOLDER:-/etc/pipeline}"
SIZE = re.compile(r"\d+[mg]")
MIB = 1024 * 1024
BALANCER = (REPOSITORY / "deploy/production/haproxy.cfg").read_text(encoding="utf-8")


def folders(name: str) -> set[str]:
    """Return the folders of secrets that a container sees."""
    return {volume.split(":/")[0] for volume in CONTAINERS[name]["volumes"] if volume.startswith(SECRET_FOLDER)}


def own_folder(name: str) -> str:
    """Return the folder of a container; two copies of a process share one."""
    holder = "operator" if name in OF_OPERATORS else name.removesuffix("-a").removesuffix("-b")
    return f"{SECRET_FOLDER}/containers/{holder}"


def networks(name: str) -> set[str]:
    return set(CONTAINERS[name].get("networks", []))


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_may_change_nothing_but_its_volumes_and_gain_nothing(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["ulimits"] == {"core": 0}
    assert "privileged" not in container


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_limits_of_memory_processors_and_processes(name: str) -> None:
    container = CONTAINERS[name]
    assert SIZE.fullmatch(container["mem_limit"])
    assert 0 < container["cpus"] <= 2
    assert 0 < container["pids_limit"] <= 512


@pytest.mark.parametrize("name", LASTING)
def test_what_keeps_running_is_started_again_and_says_whether_it_is_well(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    in_the_image = container.get("build", {}).get("target") == "service"
    assert in_the_image or container["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_sees_its_own_folder_of_secrets_only(name: str) -> None:
    if name == "prepare":
        assert folders(name) == {SECRET_FOLDER}
        return
    also = {f"{SECRET_FOLDER}/containers/provision"} if name in {"provision", "backups"} else set[str]()
    assert folders(name) == {own_folder(name)} | also
    assert all(volume.endswith(":ro") for volume in CONTAINERS[name]["volumes"] if SECRET_FOLDER in volume)


def test_every_container_with_a_folder_has_an_account_in_the_layout() -> None:
    seen = set().union(*(folders(name) for name in CONTAINERS if name != "prepare"))
    assert {folder.rpartition("/")[2] for folder in seen} == set(OWNER_OF)


def test_no_secret_is_in_the_environment() -> None:
    for container in CONTAINERS.values():
        given = container.get("environment", {})
        named = {key for key in given if any(word in key for word in ("PASSWORD", "TOKEN", "SECRET", "_KEY", "_URL"))}
        public = {key for key in named if key.endswith(("_PUBLIC_URL", "_POLICE_URL"))}
        assert all(str(given[key]).removeprefix(f"${{{key}:-").startswith("/run/") for key in named - public)


def test_nothing_of_the_demonstration_is_in_it() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert not [name for name in CONTAINERS if name in {"police", "provider", "keys"}]
    assert not [word for word in ("simulator", "pipeline_local.main", "_ENVIRONMENT: local") if word in text]
    assert {container["build"]["target"] for container in CONTAINERS.values() if "build" in container} == {
        "service",
        "admin",
    }


@pytest.mark.parametrize("name", OURS)
def test_every_process_has_two_copies_that_start_after_brokers_and_database(name: str) -> None:
    container = CONTAINERS[name]
    assert container["depends_on"] == {key: {"condition": "service_healthy"} for key in (*BROKERS, "postgres")}
    assert container["networks"]["operations"]["aliases"] == [f"{name}-operations"]
    assert not container.get("ports")


def test_only_the_balancer_is_reached_from_elsewhere() -> None:
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}
    assert set(published) == {"balancer", "prometheus", "alertmanager"}
    assert all(port.startswith("127.0.0.1:") for name in ("prometheus", "alertmanager") for port in published[name])


@pytest.mark.parametrize("name", FRONTS)
def test_a_process_trusts_the_balancers_own_address_and_the_balancer_has_it(name: str) -> None:
    variable, default = NETWORK_OF[name]
    network = "desk-front" if name == "desk" else "front"
    address = f"${{{variable}:-{default}}}.2"
    for copy in COPIES:
        container = CONTAINERS[f"{name}-{copy}"]
        assert container["environment"][f"{name.upper()}_TRUSTED_PROXIES"] == address
        assert container["networks"][network] == {"aliases": [f"{name}-{copy}-front"]}
    assert CONTAINERS["balancer"]["networks"][network] == {"ipv4_address": address}
    assert COMPOSE["networks"][network]["internal"] is True


@pytest.mark.parametrize("name", FRONTS)
def test_the_balancer_asks_each_copy_whether_it_is_ready_and_verifies_its_name(name: str) -> None:
    process = PROCESS_OF[name]
    for copy in COPIES:
        front, operations = f"{name}-{copy}-front", f"{name}-{copy}-operations"
        assert f"{front}:{process.port} verifyhost {front} track {name}-ready/{copy}" in BALANCER
        assert f"{operations}:{process.operations_port} verifyhost {operations}" in BALANCER
    assert "default-server ssl verify required ca-file /run/keys/ca.pem" in BALANCER
    assert "http-request set-header X-Forwarded-For %[src]" in BALANCER


def number(setting: str) -> int:
    """Return the number that a setting of the balancer has."""
    (found,) = re.findall(rf"^ *{re.escape(setting)} (\d+)", BALANCER, re.MULTILINE)
    return int(found)


def test_no_number_of_senders_can_fill_the_memory_of_the_balancer() -> None:
    for_tls = 120 * 1024 * number("maxconn")
    buffers = number("tune.bufsize") * number("tune.buffers.limit")
    assert CONTAINERS["balancer"]["mem_limit"] == "1g"
    assert buffers + for_tls < 0.8 * 1024 * MIB


def test_one_address_can_take_neither_all_connections_nor_all_buffers_of_the_balancer() -> None:
    of_one = number("tcp-request connection reject if { sc_conn_cur(0) gt")
    assert "tcp-request connection track-sc0 src" in BALANCER
    assert of_one <= number("maxconn") / 10
    assert of_one * (number("tune.h2.max-concurrent-streams") + 1) < number("tune.buffers.limit") / 4


def test_a_busy_copy_makes_a_submission_go_on_once() -> None:
    (backend,) = re.findall(r"^backend intake\n((?: .*\n)+)", BALANCER, re.MULTILINE)
    assert "    retries 1\n" in backend


@pytest.mark.parametrize("name", CONTAINERS)
def test_files_for_the_offline_computer_are_seen_by_the_operators_commands_only(name: str) -> None:
    carried = [volume for volume in CONTAINERS[name].get("volumes", []) if "CARRY_FOLDER" in volume]
    of_people = name in {"tools", "auditor"}
    assert carried == (["${CARRY_FOLDER:-/var/lib/pipeline/carry}:/carry"] if of_people else [])


def test_the_desk_shares_no_network_with_a_broker() -> None:
    brokers = set().union(*(networks(name) for name in BROKERS))
    assert not [name for name in OURS if name.startswith("desk-") and networks(name) & brokers]
    assert COMPOSE["networks"]["outside"]["driver_opts"] == {"com.docker.network.bridge.enable_icc": "false"}


def test_prometheus_watches_every_copy_and_the_balancer_and_tells_alertmanager() -> None:
    settings = yaml.safe_load((REPOSITORY / "deploy/production/prometheus.yml").read_text(encoding="utf-8"))
    (job, _) = settings["scrape_configs"]
    watched = {target for each in job["static_configs"] for target in each["targets"]}
    copies = {f"{p.name}-{copy}-operations:{p.operations_port}" for p in SERVICE_PROCESSES for copy in COPIES}
    assert watched == {*copies, "balancer-operations:8404"}
    assert settings["alerting"]["alertmanagers"][0]["static_configs"] == [{"targets": ["alertmanager:9093"]}]


def test_the_loss_of_one_broker_loses_nothing() -> None:
    cluster, one = deployed("kafka/cluster.properties"), deployed("kafka/server.properties")
    assert (cluster["min.insync.replicas"], cluster["default.replication.factor"]) == ("2", "3")
    assert cluster["offsets.topic.replication.factor"] == "3"
    secured = {name: value for name, value in one.items() if "sasl" in name or "ssl" in name or name == "super.users"}
    assert secured.items() <= cluster.items()
    assert set(cluster["listener.security.protocol.map"].split(",")) == {"CLIENT:SASL_SSL", "CONTROLLER:SASL_SSL"}


def test_an_operator_can_name_each_image_of_others_by_its_digest() -> None:
    images = {container["image"] for container in CONTAINERS.values() if not container["image"].startswith("pipeline-")}
    assert [image for image in images if not CHOSEN.fullmatch(image)] == []
    assert len(images) == 5


def test_the_check_before_the_start_knows_the_identity_provider() -> None:
    assert CONTAINERS["prepare"]["environment"]["OIDC_ISSUER"] == "${OIDC_ISSUER:?}"


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_what_shows_figures_and_alerts_asks_for_a_password_also_on_this_host(name: str) -> None:
    container = CONTAINERS[name]
    assert "--web.config.file=/run/keys/web.yml" in container["command"]
    settings = files_of(name, InstallationFolder(Path("/nowhere")))
    assert {"web.yml", "password"} <= settings.keys()
    health = yaml.safe_load((REPOSITORY / "deploy/production/health.yml").read_text(encoding="utf-8"))
    assert health["basic_auth"] == {"username": USER, "password_file": "/run/keys/password"}
    assert f"./production/health.yml:/etc/{name}/health.yml:ro" in container["volumes"]
