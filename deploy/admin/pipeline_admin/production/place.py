"""deploy/compose.production.yml as a place for the table of settings: two copies of each process on one host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from pipeline_settings.paths import ContainerPaths
from pipeline_settings.processes import PROCESSES, SERVICE_PROCESSES
from pipeline_settings.sources import Balancer, Deployment, Given, Host, Installed

COPIES = ("a", "b")
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
FRONTS = tuple(each.name for each in SERVICE_PROCESSES if each.port)  # what the balancer stands in front of
ADDRESS_OF = {"kafka": ",".join(f"{broker}:9092" for broker in BROKERS), "postgres": "postgres:5432"}
# The network that the balancer shares with a process: its variable, and its first three numbers without it. The desk
# has one of its own, because it shares none with what reaches Kafka.
NETWORK_OF: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "intake": ("FRONT_NETWORK", "172.30.71"),
        "triage": ("FRONT_NETWORK", "172.30.71"),
        "desk": ("DESK_NETWORK", "172.30.72"),
    }
)
_PORT_OF = {each.name: each.port for each in PROCESSES if each.port} | {
    each.operations_name: each.operations_port for each in PROCESSES if each.operations_port
}


class Secrets(Protocol):
    """The secrets of an installation."""

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret; raise LookupError if the operator has not given it."""
        ...


@dataclass(frozen=True, slots=True)
class OneHost:
    """The containers of one copy. What the operator gives is spelt as the compose file spells it."""

    secrets: Secrets
    copy: str = COPIES[0]
    paths: ContainerPaths = field(default_factory=ContainerPaths)

    @property
    def deployment(self) -> Deployment:
        """Return the kind of deployment."""
        return Deployment.PRODUCTION

    def port(self, name: str) -> int:
        """Return the port that a process listens on in its container."""
        return int(_PORT_OF[name] or 0)

    def address(self, name: str) -> str:
        """Return the host and port of the brokers, the database, or this copy of a process for other containers."""
        return ADDRESS_OF.get(name) or f"{host_of(name, self.copy)}:{self.port(name)}"

    def public(self, name: str) -> str:
        """Return the name of a process for browsers and frontends, which reach the balancer by it."""
        return f"${{{name.upper()}_NAME:?}}"

    def installed(self, source: Installed) -> str:
        """Return a value of production, as the compose file spells it."""
        match source:
            case Given(variable, None):
                return f"${{{variable}:?}}"
            case Given(variable, default):
                return f"${{{variable}:-{default}}}"
            case Host(name):
                return host_of(name, self.copy)
            case Balancer(name):
                variable, default = NETWORK_OF[name]
                return f"${{{variable}:-{default}}}.2"

    def secret(self, kind: str, owner: str) -> str:
        """Return a secret of the installation; raise LookupError."""
        return self.secrets.secret(kind, owner)


def host_of(name: str, copy: str) -> str:
    """Return the name of a copy on one network: `intake-front` is `intake-a-front` of copy `a`."""
    process, _, network = name.partition("-")
    return f"{process}-{copy}-{network}" if network else f"{process}-{copy}"
