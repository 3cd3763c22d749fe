"""The newest bundle that the services of an installation have used, and the audit of a new one."""

from pipeline_admin.databases import administering, reading
from pipeline_admin.installation import Installation
from pipeline_shared.audit.entries import Operator
from pipeline_shared.crypto.bundle import newest_bundle
from pipeline_shared.crypto.keys import KeyBundle


async def newest_used(installation: Installation) -> int:
    """Return the newest version that any of the databases within reach knows; 0 when none was used."""
    versions = [0]
    for service in installation.databases:
        async with reading(installation.database(service)) as connection:
            versions.append(await newest_bundle(connection))
    return max(versions)


async def audit_bundle(installation: Installation, bundle: KeyBundle, operator: Operator, *, installed: bool) -> None:
    """Enter a checked bundle in the audit of each database within reach."""
    action = "key_bundle_installed" if installed else "key_bundle_verified"
    for service in installation.databases:
        async with administering(installation.database(service), operator) as work:
            work.audit(action, actor=operator.actor, subject=f"version {bundle.version}", reason="")
