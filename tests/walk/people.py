"""People of the made-up force in a browser, who sign in with name and password at its Keycloak."""

import re
from html import unescape
from http import HTTPStatus

from pipeline_simulators.browsing import Browser

FORM = re.compile(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"')


class KeycloakBrowser(Browser):
    """A browser whose person has a password at Keycloak; see realm.json."""

    async def _sign_in(self, start: str = "/sign-in?next=/about-me") -> None:
        page = await self._follow("GET", start)
        form = FORM.search(await page.text())
        if form:
            answer = {"username": self._person, "password": f"walk-{self._person}"}
            page = await self._follow("POST", unescape(form[1]), answer)
        self._signed_in += page.status == HTTPStatus.OK
