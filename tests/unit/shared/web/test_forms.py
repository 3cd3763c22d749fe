"""A form from a browser is read within limits and accepted only from our own page."""

from itertools import accumulate, pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from pipeline_shared.web.forms import (
    MAX_BYTES,
    MAX_FIELDS,
    check_origin,
    local_path,
    read_form,
    whole_number,
)


def request(body: bytes = b"", /, **headers: str) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    named = {"host": "triage.example", "content_type": "application/x-www-form-urlencoded", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive)


async def test_fields_are_trimmed_and_line_ends_are_one_kind() -> None:
    form = await read_form(request(b"reason=+a%0D%0Ab+&name=%D9%85&empty="))
    assert form == {"reason": "a\nb", "name": "م", "empty": ""}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"a=%00", {}, 400),
        (b"a=%ff", {}, 400),
        (b"a=%ED%A0%80", {}, 400),
        (b"\xff", {}, 400),
        (b"&".join(b"a=1" for _ in range(MAX_FIELDS + 1)), {}, 400),
        (b"&" * MAX_FIELDS, {}, 400),
        (b"a=" + b"x" * MAX_BYTES, {}, 413),
        (b"{}", {"content_type": "application/json"}, 415),
        (b"", {"content_type": "multipart/form-data; boundary=x"}, 415),
    ],
)
async def test_a_form_that_cannot_be_stored_or_is_too_large_is_refused(
    body: bytes, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(HTTPException) as refusal:
        await read_form(request(body, **headers))
    assert refusal.value.status_code == status


@given(
    st.dictionaries(
        st.text(max_size=8), st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12), max_size=8
    ),
    st.lists(st.integers(1, 7), max_size=30),
)
async def test_a_form_reads_the_same_in_whatever_pieces_it_arrives(fields: dict[str, str], sizes: list[int]) -> None:
    wanted = {name: value.strip() for name, value in fields.items() if "\0" not in name}
    body = urlencode({name: value for name, value in fields.items() if "\0" not in name}).encode()
    ends = [*accumulate(sizes), len(body)]
    pieces = iter([body[start:end] for start, end in pairwise((0, *ends))])

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    assert await read_form(Request(request().scope, receive)) == wanted


async def test_a_browser_that_goes_before_its_form_is_there_is_no_failure_of_the_page() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(HTTPException) as refusal:
        await read_form(Request(request().scope, gone))
    assert refusal.value.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://triage.example"},
        {"sec_fetch_site": "same-origin", "origin": "https://triage.example"},
        {"sec_fetch_site": "same-origin"},
    ],
)
def test_our_own_page_and_programs_may_send_a_form(headers: dict[str, str]) -> None:
    check_origin(request(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
def test_no_other_page_may_send_a_form(headers: dict[str, str]) -> None:
    with pytest.raises(HTTPException) as refusal:
        check_origin(request(**headers))
    assert refusal.value.status_code == 403


@pytest.mark.parametrize("target", ["/", "/queue?state=decided&page=2", "/cases/1#decision"])
def test_a_path_of_this_site_is_gone_to_after_signing_in(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "queue",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "/\n",
        "javascript:x",
    ],
)
def test_an_address_that_could_lead_elsewhere_is_not(target: str) -> None:
    assert local_path(target) == "/"


@given(st.text(max_size=12))
def test_whole_numbers_are_read_and_everything_else_is_the_other_number(text: str) -> None:
    number = whole_number(text, otherwise=-1)
    assert number == -1 or (0 <= number < 10**8 and int(text) == number)
