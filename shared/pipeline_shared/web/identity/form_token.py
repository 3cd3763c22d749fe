"""The token in every form: it says whose page the form stood on, and proves that the session's own site made it.

When the session has ended meanwhile, the token still says who typed the form, so that it can be kept for them.
"""

import base64
import binascii
import time

from pipeline_shared.web.identity.session_key import NotAuthenticError, SessionKey

OWNER = "form owner"
OWNED_SECONDS = 8 * 3600
FORM = "form"


class FormTokens:
    """Makes and reads the tokens of one site."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def issue(self, session_token: str, person: str) -> str:
        """Return a token for a form on a page that is shown to a person in a session."""
        owner = self._key.seal(OWNER, f"{int(time.time())} {person}".encode())
        return f"{_text(owner)}.{_text(self._key.prove(FORM, session_token.encode(), owner))}"

    def belongs_to(self, form_token: str, session_token: str) -> bool:
        """Tell whether a token was made for this session."""
        owner, _, proof = form_token.partition(".")
        return self._key.is_proven(FORM, _bytes(proof), session_token.encode(), _bytes(owner))

    def owner(self, form_token: str) -> str:
        """Return the person whose page had this token, at most 8 hours ago, or an empty text."""
        try:
            issued, _, person = self._key.open(OWNER, _bytes(form_token.partition(".")[0])).decode().partition(" ")
        except NotAuthenticError:
            return ""
        return person if time.time() < int(issued) + OWNED_SECONDS else ""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    """Return decoded bytes; none for a text that is no base64, which then proves nothing."""
    try:
        return base64.b64decode(text.encode("ascii", "replace"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
