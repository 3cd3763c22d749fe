"""The HTTP interface of the provider: OpenID Connect for its clients, a page for its people, control for tests."""

import base64
import binascii
import time
from http import HTTPStatus
from urllib.parse import unquote_plus, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline_shared.web.forms import read_form
from pipeline_shared.web.rendering import HERE
from pipeline_simulators.provider.control import Control
from pipeline_simulators.provider.grants import ACR, CODE_SECONDS, Code, Device, Memory, SignedIn
from pipeline_simulators.provider.page import sign_in_page
from pipeline_simulators.provider.settings import ProviderSettings
from pipeline_simulators.provider.tokens import TOKEN_SECONDS, Fault, Signer, with_fault

COOKIE = "provider"


def create_app(settings: ProviderSettings) -> Starlette:
    """Return the provider's application."""
    provider = IdentityProvider(settings)
    return Starlette(routes=[*provider.routes(), Mount("/static", StaticFiles(directory=HERE / "static"))])


class IdentityProvider:
    """The provider's interface."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._memory = Memory()
        self._signer = Signer()
        self._control = Control(settings, self._memory, self._signer)

    def routes(self) -> list[BaseRoute]:
        """Return every route of the provider."""
        return [
            Route("/.well-known/openid-configuration", self._describe),
            Route("/jwks", self._keys),
            Route("/authorize", self._authorize, methods=["GET"]),
            Route("/authorize", self._choose, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/end-session", self._end_session, methods=["GET"]),
            Route("/revoke", self._revoke, methods=["POST"]),
            Route("/device-authorization", self._start_device, methods=["POST"]),
            Route("/device", self._approve_page, methods=["GET"]),
            Route("/device", self._approve, methods=["POST"]),
            Route("/health/ready", _ready),
            *self._control.routes(),
        ]

    async def _describe(self, request: Request) -> Response:
        """Describe the provider: browsers reach it as its issuer, clients by the address that they asked."""
        base, inside = self._settings.issuer, str(request.base_url).rstrip("/")
        if self._control.fault is Fault.AWAY:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{inside}/token",
                "jwks_uri": f"{inside}/jwks",
                "end_session_endpoint": f"{base}/end-session",
                "revocation_endpoint": f"{inside}/revoke",
                "device_authorization_endpoint": f"{inside}/device-authorization",
                "authorization_response_iss_parameter_supported": True,
                "code_challenge_methods_supported": ["S256"],
                "backchannel_logout_supported": True,
                "backchannel_logout_session_supported": True,
            }
        )

    async def _keys(self, _request: Request) -> Response:
        if self._control.fault is Fault.AWAY:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(self._signer.public())

    async def _authorize(self, request: Request) -> Response:
        """Send a signed-in person back with a code; ask everybody else, and whoever must sign in afresh."""
        asked = dict(request.query_params)
        if not self._is_known(asked):
            return JSONResponse({"error": "invalid_request"}, HTTPStatus.BAD_REQUEST)
        session = self._memory.sessions.get(request.cookies.get(COOKIE, ""))
        if session is None or asked.get("prompt") == "login" or not self._memory.is_alive(session.sid):
            return sign_in_page(self._memory.accounts.values(), asked)
        return self._answer(asked, session)

    async def _choose(self, request: Request) -> Response:
        """Sign a person in: choosing a name is all the proof that made-up people have."""
        form = await read_form(request)
        account = self._memory.accounts.get(form.pop("person", ""))
        if account is None or not account.enabled or not self._is_known(form):
            return sign_in_page(self._memory.accounts.values(), form, "Choose who you are")
        session = self._memory.sign_in(account.subject)
        response = self._answer(form, session)
        response.set_cookie(COOKIE, session.sid, httponly=True, samesite="lax")
        return response

    def _is_known(self, asked: dict[str, str]) -> bool:
        """Tell whether a request is one of a client of ours, with PKCE."""
        address = self._settings.client_addresses.get(asked.get("client_id", ""))
        wanted = (f"{address}/sign-in/callback", "code", "S256")
        given = (asked.get("redirect_uri"), asked.get("response_type"), asked.get("code_challenge_method"))
        return address is not None and given == wanted

    def _answer(self, asked: dict[str, str], session: SignedIn) -> Response:
        code = self._memory.issue_code(
            Code(
                asked["client_id"],
                asked["redirect_uri"],
                asked.get("code_challenge", ""),
                asked.get("nonce", ""),
                session.sid,
                time.time() + CODE_SECONDS,
            )
        )
        wrong = self._control.fault is Fault.CALLBACK_ISSUER
        issuer = "https://elsewhere.example" if wrong else self._settings.issuer
        answer = urlencode({"code": code, "state": asked.get("state", ""), "iss": issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", HTTPStatus.SEE_OTHER)

    async def _token(self, request: Request) -> Response:
        form = await read_form(request)
        client_id = self._client_of(request, form)
        if self._control.fault is Fault.AWAY:
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
        if not client_id:
            return JSONResponse({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        match form.get("grant_type"):
            case "authorization_code":
                asked = form.get("code", ""), client_id, form.get("redirect_uri", ""), form.get("code_verifier", "")
                code = self._memory.take_code(*asked)
                sid, nonce = (code.sid, code.nonce) if code else (None, "")
            case "refresh_token":
                sid, nonce = self._memory.take_refresh_token(form.get("refresh_token", ""), client_id), ""
            case "urn:ietf:params:oauth:grant-type:device_code":
                device = self._memory.devices.get(form.get("device_code", ""))
                if device and not device.sid:
                    return JSONResponse({"error": "authorization_pending"}, HTTPStatus.BAD_REQUEST)
                sid, nonce = (device.sid if device else None), ""
            case _:
                return JSONResponse({"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST)
        if not sid or not self._memory.is_alive(sid):
            return JSONResponse({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST)
        return JSONResponse(self._tokens(sid, client_id, nonce))

    def _client_of(self, request: Request, form: dict[str, str]) -> str:
        """Return the client that proves itself with its secret, or a device's client, which has none."""
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(text).decode() if kind.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        client_id, _, secret = map(unquote_plus, given.partition(":"))
        known = self._settings.client_secrets.get(client_id)
        if known and known.get_secret_value() == secret:
            return client_id
        return "operators" if form.get("client_id") == "operators" else ""

    def _tokens(self, sid: str, client_id: str, nonce: str) -> dict[str, object]:
        session, now, fault = self._memory.sessions[sid], int(time.time()), self._control.fault
        account = self._memory.accounts[session.subject]
        claims: dict[str, object] = {
            "iss": self._settings.issuer,
            "sub": session.subject,
            "aud": client_id,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": session.auth_time,
            "acr": ACR,
            "sid": sid,
            "name": account.name,
            "roles": list(account.groups),
        }
        claims |= {"nonce": nonce} if nonce else {}
        secret = self._settings.client_secrets.get(client_id)
        id_token = self._signer.sign(with_fault(claims, fault), fault, secret.get_secret_value() if secret else "")
        tokens: dict[str, object] = {
            "access_token": "not-used",
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "refresh_token": self._memory.issue_refresh_token(sid, client_id),
        }
        return tokens if fault is Fault.NO_ID_TOKEN else {**tokens, "id_token": id_token}

    async def _end_session(self, request: Request) -> Response:
        """End the person's session here and at every client, and send them back."""
        await self._control.end_session(request.cookies.get(COOKIE, ""))
        back = request.query_params.get("post_logout_redirect_uri", "")
        ours = {f"{address}/signed-out" for address in self._settings.client_addresses.values()}
        response = RedirectResponse(back if back in ours else "/", HTTPStatus.SEE_OTHER)
        response.delete_cookie(COOKIE)
        return response

    async def _revoke(self, request: Request) -> Response:
        """End the sign-in of a refresh token (RFC 7009)."""
        form = await read_form(request)
        client_id = self._client_of(request, form)
        if not client_id:
            return JSONResponse({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        self._memory.take_refresh_token(form.get("token", ""), client_id)
        return Response()

    async def _start_device(self, request: Request) -> Response:
        form = await read_form(request)
        if form.get("client_id") != "operators":
            return JSONResponse({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        device_code, device = self._memory.start_device("operators")
        address = f"{self._settings.issuer}/device"
        return JSONResponse(
            {
                "device_code": device_code,
                "user_code": device.user_code,
                "verification_uri": address,
                "verification_uri_complete": f"{address}?user_code={device.user_code}",
                "expires_in": 300,
                "interval": 1,
            }
        )

    async def _approve_page(self, request: Request) -> Response:
        return sign_in_page(self._memory.accounts.values(), dict(request.query_params), action="/device")

    async def _approve(self, request: Request) -> Response:
        form = await read_form(request)
        account = self._memory.accounts.get(form.get("person", ""))
        if account is None or not account.enabled or not self._approved(form.get("user_code", ""), account.subject):
            return sign_in_page(self._memory.accounts.values(), form, "Choose who you are", action="/device")
        return JSONResponse({"approved": True})

    def _approved(self, user_code: str, subject: str) -> bool:
        waiting: list[Device] = [d for d in self._memory.devices.values() if d.user_code == user_code and not d.sid]
        for device in waiting:
            device.sid = self._memory.sign_in(subject).sid
        return bool(waiting)


async def _ready(_request: Request) -> Response:
    return JSONResponse({"ready": True})
