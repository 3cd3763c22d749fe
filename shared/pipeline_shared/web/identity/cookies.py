"""The cookies of a site: hidden from scripts and from other sites."""

from starlette.requests import Request
from starlette.responses import Response


class Cookies:
    """The cookies of one site, sent over https only if the site is reached so.

    Names carry the service's name, because browsers share cookies between the ports of one host.
    """

    def __init__(self, service: str, *, secure: bool) -> None:
        self._prefix = f"{'__Host-' if secure else ''}{service}-"
        self._secure = secure

    def read(self, request: Request, name: str) -> str:
        """Return the value of a cookie, or an empty text."""
        return request.cookies.get(self._prefix + name, "")

    def names(self, request: Request, start: str) -> list[str]:
        """Return the names of this site's cookies that begin with `start`."""
        own = (name.removeprefix(self._prefix) for name in request.cookies if name.startswith(self._prefix))
        return sorted(name for name in own if name.startswith(start))

    def set(self, response: Response, name: str, *, value: str, seconds: int | None = None) -> None:
        """Set a cookie for a time, or for as long as the browser runs."""
        response.set_cookie(
            self._prefix + name,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(self._prefix + name, path="/", httponly=True, secure=self._secure, samesite="lax")
