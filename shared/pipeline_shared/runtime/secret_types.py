"""Types of secret settings. A wrong value is refused at the start, with a code, before a library shows a part."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_core import PydanticCustomError

from pipeline_shared.language.encoding import decode_base64

KEY_BYTES = 32
LONGEST_PASSWORD = 4096
_HOST = r"(?:\[[\da-fA-F:.]+\]|[^/?#@:,\[\]]*)(?::\d{1,5})?"
_POSTGRES_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^/?#\[\]]*@)?{_HOST}(?:,{_HOST})*(?:/[^/?#@]*)?(?:\?[^#@]*)?", re.ASCII
)


def _is_postgres_url(secret: SecretStr) -> SecretStr:
    """Refuse a URL with a character that a password must encode, such as `/`, `?` or `#`. Raises ValueError."""
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable() and _POSTGRES_URL.fullmatch(value)):
        raise PydanticCustomError("postgres_url", "not a PostgreSQL URL; a password in it is percent-encoded")
    return secret


def _is_key(secret: SecretStr) -> SecretStr:
    """Refuse anything but a whole key in base64. Raises ValueError."""
    _is_public_key(secret.get_secret_value())
    return secret


def _is_public_key(text: str) -> str:
    try:
        key = decode_base64(text)
    except ValueError:
        raise PydanticCustomError("key_encoding", "not base64") from None
    if len(key) != KEY_BYTES:
        raise PydanticCustomError("key_length", "not a key of 32 bytes")
    return text


def _is_password(secret: SecretStr) -> SecretStr:
    """Refuse what is no password or token: nothing, spaces, line ends, letters beyond ASCII. Raises ValueError."""
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable() and " " not in value and 0 < len(value) <= LONGEST_PASSWORD):
        raise PydanticCustomError("password_form", "empty, too long, or with a space, a line end or a non-ASCII letter")
    return secret


PostgresUrl = Annotated[SecretStr, AfterValidator(_is_postgres_url)]
SecretKey = Annotated[SecretStr, AfterValidator(_is_key)]  # 32 bytes in base64
PublicKey = Annotated[str, AfterValidator(_is_public_key)]  # 32 bytes in base64; no secret
Password = Annotated[SecretStr, AfterValidator(_is_password)]
