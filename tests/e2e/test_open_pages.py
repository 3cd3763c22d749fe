"""The pages without a sign-in: the documentation of the API and the pages of the police simulator."""

from tests.e2e.conftest import OpenWindow


async def test_the_apis_documentation_is_rendered_without_the_internet(open_window: OpenWindow) -> None:
    window = await open_window("intake", path="/docs")
    await window.page.get_by_text("/v1/submissions/{receipt}").wait_for()
    await window.page.get_by_text("Submit what you know", exact=True).click()
    await window.page.get_by_text("A teacher's own observation").first.wait_for(state="attached")
    assert "Kayleigh Doyle" in await window.page.locator("body").inner_text()
    assert any(url.endswith("/openapi.json") for url in window.asked)
    assert window.strangers() == []
