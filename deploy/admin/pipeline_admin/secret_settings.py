"""Types of secret settings. A value of the wrong form is refused before any library can show a part of it."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from pipeline_shared.language.encoding import decode_base64

HMAC_KEY_BYTES = 32
_HOST = r"(?:\[[\da-fA-F:.]+\]|[^/?#@:,\[\]]*)(?::\d{1,5})?"
_POSTGRES_URL = re.compile(
    rf"postgres(?:ql)?://(?:[^/?#\[\]]*@)?{_HOST}(?:,{_HOST})*(?:/[^/?#@]*)?(?:\?[^#@]*)?", re.ASCII
)


def _is_postgres_url(secret: SecretStr) -> SecretStr:
    """Refuse a URL with a character that a password must encode, such as `/`, `?` or `#`. Raises ValueError."""
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable() and _POSTGRES_URL.fullmatch(value)):
        raise ValueError("not a PostgreSQL URL; a password in it is percent-encoded")
    return secret


def _is_hmac_key(secret: SecretStr) -> SecretStr:
    """Refuse anything but a whole key in base64. Raises ValueError."""
    try:
        key = decode_base64(secret.get_secret_value())
    except ValueError:
        raise ValueError("not base64") from None
    if len(key) != HMAC_KEY_BYTES:
        raise ValueError("not of a key's length")
    return secret


PostgresUrl = Annotated[SecretStr, AfterValidator(_is_postgres_url)]
HmacKey = Annotated[SecretStr, AfterValidator(_is_hmac_key)]
