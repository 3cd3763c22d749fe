"""`python -m tests.walk.approve ADDRESS [PERSON]`: approve an operator's code at the made-up Keycloak, in a browser."""

import re
import sys
from html import unescape

import httpx

FORM = re.compile(r'<form[^>]*action="([^"]+)"')
CODE = re.compile(r'<input type="hidden" name="code" value="([^"]+)"')


def approve(address: str, person: str) -> str:
    """Sign in, grant what the device asks for, and return the last page."""
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        page = browser.get(address)
        if 'id="kc-form-login"' in page.text:
            answer = {"username": person, "password": f"walk-{person}"}
            page = browser.post(_action(page), data=answer)
        if (code := CODE.search(page.text)) is not None:
            page = browser.post(_action(page), data={"code": code[1], "accept": "Yes"})
        return page.text


def _action(page: httpx.Response) -> str:
    found = FORM.search(page.text)
    assert found, page.text
    return str(page.url.join(unescape(found[1])))


if __name__ == "__main__":
    sys.exit("Device Login Successful" not in approve(sys.argv[1], sys.argv[2] if sys.argv[2:] else "operations-1"))
