"""The control of the provider for tests: change people and keys, end sessions, and make answers wrong."""

import secrets
import ssl
import time
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from pipeline_simulators.provider.grants import Memory
from pipeline_simulators.provider.settings import ProviderSettings
from pipeline_simulators.provider.tokens import LOGOUT, Fault, Signer

NOTICE_SECONDS = 5


class Control:
    """What tests may ask of the provider."""

    def __init__(self, settings: ProviderSettings, memory: Memory, signer: Signer) -> None:
        self.fault = Fault.NONE
        self._settings = settings
        self._memory = memory
        self._signer = signer

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the control."""
        return [
            Route("/control/people/{subject}", self._change_person, methods=["PUT"]),
            Route("/control/people/{subject}/sign-out", self._sign_out, methods=["POST"]),
            Route("/control/keys", self._rotate, methods=["POST"]),
            Route("/control/fault", self._misbehave, methods=["PUT"]),
            Route("/control/logout-token", self._logout_token, methods=["POST"]),
        ]

    async def end_session(self, sid: str) -> None:
        """End a session here, and tell every client that took part in it."""
        session = self._memory.sessions.pop(sid, None)
        for client_id in session.clients if session else ():
            claims = self._notice(client_id, {"sub": session.subject if session else "", "sid": sid})
            await self._tell(client_id, self._signer.sign(claims))

    async def _change_person(self, request: Request) -> Response:
        """Change a person: `{"enabled": false}`, `{"groups": []}`, `{"name": "…"}`."""
        subject, changes = request.path_params["subject"], await request.json()
        account = replace(self._memory.accounts[subject], **{**changes, "subject": subject})
        self._memory.accounts[subject] = replace(account, groups=tuple(account.groups))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _sign_out(self, request: Request) -> Response:
        """End all sessions of a person, as an administrator of the provider would."""
        subject = request.path_params["subject"]
        for sid in [each.sid for each in self._memory.sessions.values() if each.subject == subject]:
            await self.end_session(sid)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _rotate(self, _request: Request) -> Response:
        self._signer.rotate()
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _misbehave(self, request: Request) -> Response:
        self.fault = Fault((await request.json())["fault"])
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _logout_token(self, request: Request) -> Response:
        """Return a logout token for a client with the given claims in it: right or wrong, as a test asks."""
        asked: dict[str, Any] = await request.json()
        fault = Fault(asked.pop("fault", Fault.NONE))
        client_id: str = asked.pop("client_id")
        secret = self._settings.client_secrets[client_id].get_secret_value()
        return JSONResponse({"logout_token": self._signer.sign(self._notice(client_id, asked), fault, secret)})

    def _notice(self, client_id: str, claims: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self._settings.issuer,
            "aud": client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "events": {LOGOUT: {}},
            **claims,
        }

    async def _tell(self, client_id: str, token: str) -> None:
        """Send a logout token to a client; a client that is away finds out by itself."""
        address = self._settings.client_back_channels.get(client_id)
        if not address:
            return
        timeout = aiohttp.ClientTimeout(total=NOTICE_SECONDS)
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=self._settings.ca_file))
        try:
            async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
                await session.post(f"{address}/sign-in/back-channel-logout", data={"logout_token": token})
        except (aiohttp.ClientError, TimeoutError, OSError):
            return
