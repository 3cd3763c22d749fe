"""One setting of a process, and the deployments that it may be for."""

from dataclasses import dataclass

from pipeline_settings.sources import SECRET, Deployment, Source

LOCAL = frozenset({Deployment.LOCAL})
CONTAINERS = frozenset({Deployment.CONTAINERS})
PRODUCTION = frozenset({Deployment.PRODUCTION})
DEMONSTRATION = LOCAL | CONTAINERS
EVERYWHERE = DEMONSTRATION | PRODUCTION


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of one process, without the process's prefix."""

    name: str
    source: Source
    deployments: frozenset[Deployment] = EVERYWHERE

    @property
    def is_secret(self) -> bool:
        """Tell whether the value is secret and must not be in a checked-in file."""
        return isinstance(self.source, SECRET)


def variable(name: str, setting: str) -> str:
    """Return the name of a setting's environment variable."""
    return f"{name}_{setting}".upper()
