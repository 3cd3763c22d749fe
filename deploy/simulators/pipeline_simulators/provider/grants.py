"""What the provider remembers: people signed in there, codes, refresh tokens and devices. All of it in memory."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field, replace

from pipeline_simulators.provider.people import ACCOUNTS, Account

CODE_SECONDS = 60
ACR = "urn:pip:two-factor"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person's session at the provider."""

    sid: str
    subject: str
    auth_time: int
    clients: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Code:
    """A code that a client can exchange once."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    sid: str
    until: float


@dataclass(slots=True)
class Device:
    """A device that waits until a person approves it."""

    client_id: str
    user_code: str
    sid: str = ""


@dataclass(slots=True)
class Memory:
    """Everything that the provider knows."""

    accounts: dict[str, Account] = field(default_factory=lambda: {each.subject: each for each in ACCOUNTS})
    sessions: dict[str, SignedIn] = field(default_factory=dict[str, SignedIn])
    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    refresh_tokens: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    used_tokens: dict[str, str] = field(default_factory=dict[str, str])
    devices: dict[str, Device] = field(default_factory=dict[str, Device])

    def sign_in(self, subject: str) -> SignedIn:
        """Open a session of a person at the provider."""
        session = SignedIn(secrets.token_urlsafe(16), subject, int(time.time()))
        self.sessions[session.sid] = session
        return session

    def issue_code(self, code: Code) -> str:
        """Return a new code."""
        text = secrets.token_urlsafe(24)
        self.codes[text] = code
        return text

    def take_code(self, text: str, client_id: str, redirect_uri: str, verifier: str) -> Code | None:
        """Return a code that this client may exchange; it counts once."""
        code = self.codes.pop(text, None)
        fits = code and (code.client_id, code.redirect_uri) == (client_id, redirect_uri) and time.time() < code.until
        return code if code and fits and code.challenge == challenge_of(verifier) else None

    def issue_refresh_token(self, sid: str, client_id: str) -> str:
        """Return a new refresh token; the client belongs to the session from now on."""
        session = self.sessions[sid]
        self.sessions[sid] = replace(session, clients=session.clients | {client_id})
        text = secrets.token_urlsafe(24)
        self.refresh_tokens[text] = (sid, client_id)
        return text

    def take_refresh_token(self, text: str, client_id: str) -> str | None:
        """Return the session of a refresh token, which counts once: each use gives a new one.

        A second use ends the session, as strict providers do: the token may have been stolen.
        """
        sid, owner = self.refresh_tokens.pop(text, ("", ""))
        self.sessions.pop(self.used_tokens.get(text, ""), None)
        self.used_tokens[text] = sid
        return sid if owner == client_id and self.is_alive(sid) else None

    def start_device(self, client_id: str) -> tuple[str, Device]:
        """Return the code of a new device that waits for a person, and the device."""
        device_code = secrets.token_urlsafe(24)
        self.devices[device_code] = Device(client_id, secrets.token_hex(4).upper())
        return device_code, self.devices[device_code]

    def is_alive(self, sid: str) -> bool:
        """Tell whether a session stands, and its person's account is enabled."""
        session = self.sessions.get(sid)
        return session is not None and self.accounts[session.subject].enabled


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge of a verifier (S256)."""
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
