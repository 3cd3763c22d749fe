"""The control of the simulated identity provider: people, keys and faults, put back at the end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from pipeline_local.stack import LocalStack
from pipeline_simulators.provider.people import ACCOUNTS
from pipeline_simulators.provider.tokens import Fault


class ProviderControl:
    """What a test may ask of the provider."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def open(cls, stack: LocalStack) -> AsyncGenerator["ProviderControl", None]:
        """Control the provider while the block runs; then put everything back."""
        async with httpx.AsyncClient(base_url=stack.address("provider"), timeout=10) as client:
            control = cls(client)
            yield control
            await control.misbehave(Fault.NONE)
            for account in ACCOUNTS:
                await control.change(account.subject, groups=account.groups, enabled=True, name=account.name)

    async def misbehave(self, fault: Fault) -> None:
        """Make the provider's answers wrong."""
        await self._ask("PUT", "/control/fault", {"fault": fault.value})

    async def change(self, person: str, **changes: Any) -> None:
        """Change a person's groups, name, or whether their account is enabled."""
        await self._ask("PUT", f"/control/people/{person}", changes)

    async def sign_out(self, person: str) -> None:
        """End a person's sessions at the provider, which tells its clients."""
        await self._ask("POST", f"/control/people/{person}/sign-out")

    async def rotate_keys(self) -> None:
        """Have the provider sign with a new key."""
        await self._ask("POST", "/control/keys")

    async def logout_token(self, client_id: str, **claims: Any) -> str:
        """Return a logout token with these claims."""
        return (await self._ask("POST", "/control/logout-token", {"client_id": client_id, **claims})).json()[
            "logout_token"
        ]

    async def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = await self._client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer
