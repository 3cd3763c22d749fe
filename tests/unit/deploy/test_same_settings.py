"""Broker and database behave alike on the embedded stack and in containers: only addresses differ in their settings."""

from pipeline_local import kafka, postgres
from pipeline_local.home import REPOSITORY

PLACES = ("listener", "advertised.listeners", "inter.broker.listener", "controller.", "log.dirs", "config.providers")
SOCKETS = {"listen_addresses"}


def properties(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'") for name, _, value in pairs}


def deployed(path: str) -> dict[str, str]:
    return properties((REPOSITORY / "deploy" / path).read_text(encoding="utf-8"))


def test_the_broker_is_the_same_but_for_its_places() -> None:
    embedded, contained = properties(kafka.SETTINGS), deployed("kafka/server.properties")
    both = [
        {name: value for name, value in side.items() if not name.startswith(PLACES)} for side in (embedded, contained)
    ]
    assert both[0] == both[1]


def test_no_listener_of_the_broker_lets_clients_in_without_a_password() -> None:
    contained = deployed("kafka/server.properties")
    protocols = dict(pair.split(":") for pair in contained["listener.security.protocol.map"].split(","))
    names = {listener.split("://")[0] for listener in contained["listeners"].split(",")}
    assert protocols == dict.fromkeys(names, "SASL_SSL")
    assert "anonymous" not in contained["super.users"].lower()


def test_the_database_has_every_setting_of_the_embedded_one() -> None:
    contained = deployed("postgres/postgresql.conf")
    expected = {name: value for name, value in postgres.SETTINGS.items() if name not in SOCKETS}
    assert expected.items() <= contained.items()


def test_the_database_is_initialised_alike() -> None:
    compose = (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8")
    options = {option for option in postgres.INITDB if option != "--no-sync"}
    assert all(option in compose for option in options)
