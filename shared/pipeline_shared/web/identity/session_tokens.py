"""The provider's tokens in a session: sealed so that only the process and the browser's token together open them."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from pipeline_shared.web.identity.provider import Grant
from pipeline_shared.web.identity.session_key import SessionKey

PURPOSE = "tokens"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The token for asking the provider again, and the one for signing out."""

    refresh_token: str
    id_token: str


TOKENS = TypeAdapter(Tokens)


class SessionTokens:
    """Seals and reads the tokens of one site's sessions."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def seal(self, grant: Grant, session_token: str) -> bytes:
        """Return the tokens of a grant, sealed to a session."""
        return self._key.seal(
            PURPOSE, TOKENS.dump_json(Tokens(grant.refresh_token, grant.id_token)), session_token.encode()
        )

    def read(self, sealed: bytes, session_token: str) -> Tokens:
        """Return the tokens of a session; raise NotAuthenticError."""
        return TOKENS.validate_json(self._key.open(PURPOSE, sealed, session_token.encode()))
