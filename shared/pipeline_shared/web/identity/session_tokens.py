"""The provider's tokens in a session: sealed so that only the process and the browser's token together open them."""

from pydantic import TypeAdapter

from pipeline_shared.web.identity.provider import ProviderTokens
from pipeline_shared.web.identity.session_key import SessionKey

PURPOSE = "tokens"


TOKENS = TypeAdapter(ProviderTokens)


class SessionTokens:
    """Seals and reads the tokens of one site's sessions."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def seal(self, tokens: ProviderTokens, session_token: str) -> bytes:
        """Return tokens sealed to a session."""
        return self._key.seal(PURPOSE, TOKENS.dump_json(tokens), session_token.encode())

    def read(self, sealed: bytes, session_token: str) -> ProviderTokens:
        """Return the tokens of a session; raise NotAuthenticError."""
        return TOKENS.validate_json(self._key.open(PURPOSE, sealed, session_token.encode()))
