"""A migrated database that no running service reads, so that a test finds only its own rows."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

import sanitiser_service
from pipeline_local.stack import LocalStack
from pipeline_shared.runtime.migrations import AUDIT, IDENTITY, KEY_BUNDLE, MESSAGING, migrate

SANITISER = Path(sanitiser_service.__file__).with_name("migrations")


async def create_own_database(stack: LocalStack, service: str, *folders: Path) -> str:
    """Create a database like that of a service, with the migrations in `folders` besides the shared ones.

    Return its name; an administrator and every database role may connect to it.
    """
    name = f"{service}_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(stack.admin_dsn("postgres"))
    await admin.execute(f"CREATE DATABASE {name} OWNER {service}_owner")
    await admin.close()
    owner = await asyncpg.connect(stack.admin_dsn(name))
    await owner.execute(f"GRANT USAGE ON SCHEMA public TO {service}_app")
    await owner.execute(f"SET ROLE {service}_owner")
    await migrate(owner, MESSAGING, AUDIT, IDENTITY, KEY_BUNDLE, *folders)
    await owner.close()
    return name


def operator_dsn_of(stack: LocalStack, service: str, database: str) -> str:
    """Return the address under which the role of a service's operators connects to a database of that name."""
    return urlsplit(stack.installation().database(service))._replace(path=f"/{database}").geturl()


def app_dsn_of(stack: LocalStack, process: str, database: str) -> str:
    """Return the address under which the role of a process connects to a database of that name."""
    return urlsplit(stack.app_dsn(process))._replace(path=f"/{database}").geturl()
