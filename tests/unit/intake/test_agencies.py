"""Keys of agencies: shown once, recognised by an HMAC, compared in constant time."""

from uuid import uuid4

import pytest
from pydantic import ValidationError

from intake_service.agencies.domain import KnownAgency, is_secret, new_key, split_key
from intake_service.agencies.limits import Limit
from pipeline_shared.language.restricted import Agency
from pipeline_shared.language.vocabulary import AgencyCategory
from tests.support.building import an_agency

KEY = b"k" * 32


def test_a_new_key_is_recognised_and_its_secret_is_not_stored() -> None:
    key = new_key(KEY)
    prefix, secret = split_key(key.text) or ("", "")
    limit = Limit(per_minute=1, burst=1)
    known = KnownAgency(uuid4(), an_agency(), key.prefix, key.secret_hmac, limit, limit)
    assert prefix == key.prefix
    assert is_secret(secret, known, KEY)
    assert not is_secret(secret + "x", known, KEY)
    assert not is_secret(secret, known, b"other" * 7)
    assert secret.encode() not in key.secret_hmac


@pytest.mark.parametrize(
    "text", ["", "pip", "pip_", "pip_a", "pip_a_", "pip__b", "other_a_b", "pip_a_é", "pip_a_" + "b" * 100]
)
def test_what_cannot_be_a_key_is_none(text: str) -> None:
    assert split_key(text) is None


@pytest.mark.parametrize("name", ["A\tB", "A\nB", "A\r\nB", "", " ", "\u200b"])
def test_an_agency_has_a_name_of_one_line_that_can_be_seen(name: str) -> None:
    with pytest.raises(ValidationError):
        Agency(name=name, category=AgencyCategory.SCHOOL)
