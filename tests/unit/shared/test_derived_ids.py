"""Ids are made from their causes with a secret of the service, so that nobody else can trace them back."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from pipeline_shared.messaging.parking import derive_key
from pipeline_shared.runtime.work import NoIdKeyError, Work

KEYS = ("cGFya2luZyBrZXkgb25l", "cGFya2luZyBrZXkgdHdv")


def work(key: bytes | None) -> Work:
    return Work(cast("Any", None), datetime(2026, 5, 12, tzinfo=UTC), key)


def test_the_same_cause_has_the_same_id_each_time() -> None:
    cause, key = uuid4(), derive_key(KEYS[0], "ids")
    assert work(key).derive_id(cause, "case_opened") == work(key).derive_id(cause, "case_opened")


def test_another_service_another_output_and_another_cause_have_other_ids() -> None:
    cause, (one, other) = uuid4(), (derive_key(key, "ids") for key in KEYS)
    ids = [
        work(one).derive_id(cause, "case_opened"),
        work(other).derive_id(cause, "case_opened"),
        work(one).derive_id(cause, "case_decided"),
        work(one).derive_id(cause, "case_opened", 1),
        work(one).derive_id(uuid4(), "case_opened"),
        cause,
    ]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("purpose", ["parked.digest", ""])
def test_what_makes_ids_is_no_other_key(purpose: str) -> None:
    assert derive_key(KEYS[0], "ids") != derive_key(KEYS[0], purpose)


def test_without_the_secret_no_id_is_made() -> None:
    with pytest.raises(NoIdKeyError):
        work(None).derive_id(uuid4(), "case_opened")


def test_an_id_is_a_uuid() -> None:
    assert isinstance(work(b"k").derive_id(uuid4(), "x"), UUID)
