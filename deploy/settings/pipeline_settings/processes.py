"""The table of all processes of the pipeline: a new process is one more entry.

Ports, database roles, passwords and settings (table.py) are made from it. docker-compose.yml is checked against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its service and module, its ports, and the accounts it uses in the database and the broker.

    `port` is for frontends and people, where they have something to ask; health and metrics are on `operations_port`,
    or on `port` where there is none. `has_pages`: people use it in a browser.
    """

    name: str
    module: str
    port: int | None = None
    service: str | None = None
    operations_port: int | None = None
    database_role: str | None = None
    kafka_user: str | None = None
    has_pages: bool = False

    @property
    def signing_key(self) -> str:
        """Return the id of the key that signs the process's events, in a deployment where it was never changed."""
        return f"events-{self.name}-1"

    @property
    def operations_name(self) -> str:
        """Return the host name of the process's health and metrics."""
        return f"{self.name}-operations" if self.operations_port else self.name


PROCESSES = (
    Process(
        name="intake",
        service="intake",
        module="intake_service.main",
        port=8101,
        operations_port=8111,
        database_role="intake_app",
        kafka_user="intake",
    ),
    Process(
        name="sanitiser",
        service="sanitiser",
        module="sanitiser_service.worker.main",
        operations_port=8112,
        database_role="sanitiser_app",
        kafka_user="sanitiser",
    ),
    Process(
        name="desk",  # the source desk's pages
        service="sanitiser",
        module="sanitiser_service.desk.main",
        port=8102,
        operations_port=8115,
        database_role="sanitiser_desk_app",
        has_pages=True,
    ),
    Process(
        name="triage",
        service="triage",
        module="triage_service.main",
        port=8103,
        operations_port=8113,
        database_role="triage_app",
        kafka_user="triage",
        has_pages=True,
    ),
    Process(
        name="transfer",
        service="transfer",
        module="transfer_service.main",
        operations_port=8114,
        database_role="transfer_app",
        kafka_user="transfer",
    ),
    Process(name="police", module="pipeline_simulators.police", port=8105),  # the simulated police system
    Process(name="provider", module="pipeline_simulators.provider", port=8106),  # the simulated identity provider
)

PROCESS_OF: Mapping[str, Process] = MappingProxyType({process.name: process for process in PROCESSES})
PAGES = tuple(process.name for process in PROCESSES if process.has_pages)
SERVICE_PROCESSES = tuple(process for process in PROCESSES if process.service)

# The role of each service's operators in its database: it can do what the commands need, and no more.
OPERATOR_ROLE_OF: Mapping[str, str] = MappingProxyType(
    {service: f"{service}_operator" for service in ("intake", "sanitiser", "triage", "transfer")}
)

# The role of those who check each audit: it reads the audit, and of each act the person, the thing and the time.
AUDITOR_ROLE_OF: Mapping[str, str] = MappingProxyType({service: f"{service}_auditor" for service in OPERATOR_ROLE_OF})
PEOPLE_ROLES = (*OPERATOR_ROLE_OF.values(), *AUDITOR_ROLE_OF.values())

# One database for each service, shared by its processes.
DATABASE_OF: Mapping[str, str] = MappingProxyType(
    {"intake": "intake", "sanitiser": "restricted", "triage": "triage", "transfer": "transfer"}
)
